"""The bot beside a local workspace, in one process: for the demo, the tour and the tests."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.due_table import DUE
from bot.engine.due import find_next_due
from bot.rules.policy.load import Policy, load_policy
from bot.rules.policy.model import Limits
from bot.rules.words import Role
from bot.services import Services
from bot.settings import Settings
from cli.running import Application, build, started
from cli.serving import serving
from handlers.slack.manifest import EVENTS_PATH, build_manifest
from sandbox.clock import WorkspaceClock
from sandbox.people import People, people_of
from sandbox.server import serve
from sandbox.workspace import Workspace

AGENT_CHANNELS = ("C0SUPPORT",)  # where Northwind's agents read talking points
SETTLE_PATIENCE = 30.0  # seconds that what time brings may take to be shown
LIMITS = Limits(1000, 1000)  # one person plays everybody here, and tests play whole days at once
ROLES: dict[Role, tuple[str, ...]] = {
    Role.AGENT: ("U0MAYA", "U0NIKOS"),
    Role.ESCALATION_MANAGER: ("U0ELENI",),
    Role.TECHNICAL_LEAD: ("U0TOMAS",),
    Role.CSM: ("U0PRIYA",),
    Role.ACCOUNT_EXECUTIVE: ("U0DAN",),
    Role.SUPPORT_LEAD: ("U0KATE",),
    Role.EXECUTIVE_OWNER: ("U0SOFIA",),
    Role.DIRECTOR: ("U0RICHARD",),
    Role.LEGAL: ("U0RICHARD",),
    Role.ADMINISTRATOR: ("U0KATE",),
}


@dataclass(frozen=True, slots=True)
class WorkspaceTime:
    """The workspace's clock, as the bot reads time."""

    clock: WorkspaceClock

    def now(self) -> datetime:
        """Workspace time, aware UTC."""
        return self.clock.now()

    def real(self) -> datetime:
        """The machine's time, aware UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Local:
    """A workspace with the bot at work in it."""

    workspace: Workspace
    people: People
    application: Application
    url: str
    web_url: str = ""

    @property
    def services(self) -> Services:
        """The bot's desk."""
        return self.application.services

    async def settle(self) -> None:
        """Wait until everything that was asked for is shown.

        Raises TimeoutError when that takes longer than it ever should.
        """
        if not await self.services.settle(SETTLE_PATIENCE):
            raise TimeoutError("the outbox did not empty")


def demo_policy() -> Policy:
    """The default policy with the people of Northwind Support in their roles."""
    policy = load_policy(None)
    roles = {**policy.roles, **ROLES}
    return replace(policy, roles=roles, agent_channels=AGENT_CHANNELS, limits=LIMITS)


@asynccontextmanager
async def local_app(
    workspace: Workspace,
    folder: Path,
    *,
    http: bool = False,
    host: str = "127.0.0.1",
    port: int = 0,
    policy: Policy | None = None,
    database_url: str | None = None,
    outside: Mapping[str, Any] | None = None,
) -> AsyncIterator[Local]:
    """The bot at work in ``workspace`` while the block runs, its store in ``folder``.

    ``http`` has the workspace deliver by signed HTTP, otherwise by Socket Mode.
    ``outside`` are further settings by name: mail, links, keys. ``Local.web_url`` is where the
    bot's own pages are then served.
    """
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve(workspace, host, port))
        store = database_url or f"sqlite:///{folder}/desk.db"
        settings = _settings(workspace, url, store, http, outside or {})
        application = build(
            settings, clock=WorkspaceTime(workspace.clock), policy=policy or demo_policy()
        )
        web_url = ""
        if http or outside:
            wanted = urlsplit(settings.public_url).port or 0 if outside else 0
            bot_port = await stack.enter_async_context(
                serving(application.web, "127.0.0.1", wanted)
            )
            web_url = f"http://127.0.0.1:{bot_port}"
        if http:
            app = next(iter(workspace.apps.values()))
            app.request_url = web_url + EVENTS_PATH
        await stack.enter_async_context(started(application))
        here = Local(workspace, people_of(workspace), application, url, web_url)
        _follow_clock(here)
        yield here


def _settings(
    workspace: Workspace, url: str, database_url: str, http: bool, outside: Mapping[str, Any]
) -> Settings:
    wanted = Settings.model_construct(
        slack_app_token="" if http else "xapp-local", public_url="http://127.0.0.1"
    )
    app = next(iter(workspace.apps.values()), None) or workspace.install_app(
        build_manifest(wanted), request_url="http://127.0.0.1/" if http else None
    )
    return Settings(
        slack_bot_token=app.bot_token,
        slack_app_token="" if http else app.app_token,
        slack_signing_secret=app.signing_secret,
        slack_api_url=f"{url}/api/",
        database_url=database_url,
        **outside,
    )


def _follow_clock(here: Local) -> None:
    """When somebody moves the workspace's time, the bot does what is due and shows it."""

    async def settle() -> None:
        await here.services.tick()
        await here.settle()

    async def next_due() -> datetime | None:
        return await find_next_due(here.services, DUE)

    here.workspace.clock.settle = settle
    here.workspace.clock.next_due = next_due

"""The bot beside a local workspace, in one process: for the demo, the tour and the tests.

The bot is the one that ``cli/running.py`` builds, with its own sockets and store; only its clock
and Slack's address differ. It talks to ``sandbox/`` over HTTP and Socket Mode as it would to Slack.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.customers.channels import FORM, PAGE
from bot.due_table import DUE
from bot.engine.due import find_next_due
from bot.rules.policy.load import Policy, load_policy
from bot.rules.policy.model import Limits
from bot.rules.policy.routing import Route
from bot.rules.words import Role
from bot.services import Services
from bot.settings import Settings
from cli.running import Application, build, started
from cli.serving import serving
from handlers.http.mail import MAIL_PATH
from handlers.slack.manifest import EVENTS_PATH, build_manifest
from sandbox.clock import WorkspaceClock
from sandbox.people import People, people_of
from sandbox.server import serve
from sandbox.workspace import Workspace

COMPANY, PHONE = "Northwind", "+30 210 555 0100"  # as customers know them
AGENT_CHANNELS = ("C0SUPPORT",)  # where Northwind's agents read talking points
# What customers, the mail server's script and help desks ask for.
CUSTOMERS_PATHS = (PAGE, FORM, MAIL_PATH, "/helpdesk/")
SETTLE_PATIENCE = 30.0  # seconds that what time brings may take to be shown
SKILLS = {
    skill: Route(skill, skill, people)
    for skill, people in {
        "Certificates": ("U0NIKOS", "U0TOMAS"),
        "Databases": ("U0TOMAS", "U0NIKOS"),
    }.items()
}
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
    """The workspace's clock, as the bot reads time (``bot.clock.TimeSource``)."""

    clock: WorkspaceClock

    def now(self) -> datetime:
        """Workspace time, aware UTC."""
        return self.clock.now()

    def real(self) -> datetime:
        """The machine's time, aware UTC; it is never moved."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Local:
    """A workspace with the bot at work in it; valid inside the block of ``local_app``.

    ``url`` is the workspace's page and API, ``web_url`` the bot's own pages: empty with Socket Mode
    and nothing outside Slack. ``people`` act as persons do: they type, press and fill in. Several
    may share a workspace, one after the other.
    """

    workspace: Workspace
    people: People
    application: Application
    url: str
    web_url: str = ""

    @property
    def services(self) -> Services:
        """The bot's services, for tests that look behind what Slack shows."""
        return self.application.services

    async def settle(self) -> None:
        """Wait until everything that was asked for is carried out and shown.

        What comes due only later is not waited for. Raises TimeoutError when it takes longer than
        ``SETTLE_PATIENCE`` seconds.
        """
        if not await self.services.settle(SETTLE_PATIENCE):
            raise TimeoutError("the outbox did not empty")


def demo_policy() -> Policy:
    """Return the default policy with the people of Northwind Support in their roles.

    Roles that ``ROLES`` does not name keep what the default policy has. Limits for each person are
    so high that none is met, and agents read in ``AGENT_CHANNELS``.
    """
    policy = load_policy(None)
    roles = {**policy.roles, **ROLES}
    return replace(
        policy,
        roles=roles,
        agent_channels=AGENT_CHANNELS,
        limits=LIMITS,
        skills=SKILLS,
        customer_company=COMPANY,
        customer_phone=PHONE,
    )


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
    one_address: bool = False,
) -> AsyncIterator[Local]:
    """Run the bot in ``workspace`` while the block runs, its store in ``folder``.

    - ``http``: the workspace delivers by signed HTTP, otherwise by Socket Mode.
    - ``host``, ``port``: the workspace's page and API; port 0 takes a free one.
    - ``policy``: ``demo_policy`` by default; ``database_url``: ``desk.db`` in ``folder``.
    - ``outside``: further settings by their names in ``Settings``: mail, links, keys. With any of
      them, or by HTTP, the bot's pages are served, at the port of ``public_url`` or a free one.
    - ``one_address``: its pages for customers, and its door for mail, are served at the workspace's
      own address instead, which is then its ``public_url``.

    In this order: the workspace is served, the bot is built, its pages are served, it starts; the
    block ends them in the reverse order. Moving the workspace's clock makes the bot do what falls
    due. A workspace that has an app already keeps it, with its tokens, so that a second bot may
    carry on where the first one ended.
    """
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve(workspace, host, port))
        store = database_url or f"sqlite:///{folder}/desk.db"
        around = {**(outside or {}), **({"public_url": url} if one_address else {})}
        settings = _settings(workspace, url, store, http, around)
        application = build(
            settings, clock=WorkspaceTime(workspace.clock), policy=policy or demo_policy()
        )
        web_url = ""
        if one_address:
            workspace.neighbours = dict.fromkeys(CUSTOMERS_PATHS, application.web)
            web_url = url
        elif http or outside:
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
    """Return the settings of a bot for this workspace; the app is installed if none is there.

    Only with ``http`` the app token is left out, which chooses the mode. What is not named here has
    its default: neither the environment nor a .env file of a real installation is read, so nothing
    from here reaches its mail server, its help desk or its customers.
    """
    alone = {name: field.get_default() for name, field in Settings.model_fields.items()}
    wanted = Settings.model_construct(
        slack_app_token="" if http else "xapp-local", public_url="http://127.0.0.1"
    )
    app = next(iter(workspace.apps.values()), None) or workspace.install_app(
        build_manifest(wanted), request_url="http://127.0.0.1/" if http else None
    )
    ours = {
        "slack_bot_token": app.bot_token,
        "slack_app_token": "" if http else app.app_token,
        "slack_signing_secret": app.signing_secret,
        "slack_api_url": f"{url}/api/",
        "database_url": database_url,
    }
    return Settings(**{**alone, **ours, **outside})


def _follow_clock(here: Local) -> None:
    """Have the bot do what is due, and show it, whenever workspace time is moved.

    The clock stops at each instant at which something is due, so that a long move misses nothing.
    """

    async def settle() -> None:
        """Do what is due at the clock's time, then wait until all of it is shown."""
        await here.services.tick()
        await here.settle()

    async def next_due() -> datetime | None:
        """The instant at which something is due next; None where nothing is."""
        return await find_next_due(here.services, DUE)

    here.workspace.clock.settle = settle
    here.workspace.clock.next_due = next_due

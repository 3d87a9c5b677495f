"""The bot as a process: how it starts while Slack is away, and how it ends when it is asked to."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from bot.settings import Settings
from cli.running import GRACE
from handlers.slack.manifest import build_manifest
from sandbox.people import People, people_of
from sandbox.seed import demo_workspace
from sandbox.server import serve
from sandbox.state import AppInstallation, Channel
from sandbox.workspace import Workspace
from storage.database import Database
from storage.models import Inbox, Outbox
from tests import postgres
from tests.e2e.child import Child, child, launched
from tests.ports import free_port

MAYA, ELENI = "U0MAYA", "U0ELENI"
STAKE = "Nobody can check in"
HANGS = 3.0  # seconds that a call is under way here: longer than a stop takes to be heard
ENDLESS = 60.0  # seconds; longer than the grace time


@dataclass
class Site:
    """A workspace that may be away, a store, and the settings of a bot."""

    ws: Workspace
    app: AppInstallation
    folder: Path
    slack_port: int
    database_url: str

    def settings(self, **changed: str) -> dict[str, str]:
        """Socket Mode, unless something else is said."""
        return {
            "SLACK_BOT_TOKEN": self.app.bot_token,
            "SLACK_APP_TOKEN": self.app.app_token,
            "SLACK_API_URL": f"http://127.0.0.1:{self.slack_port}/api/",
            "DATABASE_URL": self.database_url,
        } | changed

    def launched(self, **changed: str) -> Any:
        """A bot, on its way."""
        return launched(self.folder, free_port(), self.settings(**changed))

    def running(self) -> Any:
        """A bot at work."""
        return child(self.folder, free_port(), self.settings())

    @property
    def people(self) -> People:
        """The workspace's people."""
        return people_of(self.ws)

    def cases(self) -> list[Channel]:
        """The channels of cases."""
        return [c for c in self.ws.channels.values() if c.name.startswith("esc-")]

    async def escalate(self) -> None:
        """Maya types the command, fills in the form and sends it."""
        await self.people.command(MAYA, "C0SUPPORT", f"/escalate {STAKE}")
        view = await self.people.until(lambda: self.people.views(MAYA)[-1], 20)
        await self.people.suggest(MAYA, "customer", "Blue Harbour", view_id=view.id)
        values = {"customer": "new:Blue Harbour", "severity": "1"}
        ticket = {"ticket_url": "https://tickets.example/9"}
        assert await self.people.submit(MAYA, view.id, values | ticket) == {}

    async def waiting(self) -> list[tuple[str, bool]]:
        """What is not done yet, by its kind, and whether somebody holds it."""
        database = Database(self.database_url)
        try:
            async with database.read() as session:
                effects = await session.exec(
                    select(Outbox.kind, Outbox.lease_until).where(col(Outbox.state) == "pending")
                )
                asked = await session.exec(
                    select(Inbox.verb, Inbox.lease_until).where(col(Inbox.state) == "pending")
                )
                return [(kind, held is not None) for kind, held in (*effects, *asked)]
        finally:
            await database.close()

    async def done(self) -> bool:
        """Everything was carried out and shown."""
        return not await self.waiting()

    async def until(self, holds: Callable[[], Awaitable[bool]], bot: Child) -> None:
        """Wait; AssertionError with the bot's log when that takes too long."""
        for _ in range(600):
            if await holds():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{await self.waiting()}\n{bot.log.read_text()[-4000:]}")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Northwind Support, closed; the bot is installed and its store an SQLite file."""
    ws = demo_workspace()
    wanted = Settings.model_construct(slack_app_token="xapp-1", public_url="")
    app = ws.install_app(build_manifest(wanted))
    return Site(ws, app, tmp_path, free_port(), f"sqlite:///{tmp_path}/desk.db")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def open_site(site: Site, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """The same, open, on either database."""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_url")
        site.database_url = await postgres.database_with_tables(server)
    async with serve(site.ws, port=site.slack_port):
        yield site


@asynccontextmanager
async def mute(port: int) -> AsyncIterator[None]:
    """Somebody who takes every call and answers none."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


# -- starting


async def test_it_starts_while_slack_is_away_and_works_when_slack_is_back(site: Site) -> None:
    async with site.launched() as bot, AsyncExitStack() as slack:
        await bot.answers("/healthz", 200)
        await bot.says("socket_mode_not_connected")
        await bot.answers("/readyz", 503)
        assert "ClientConnectorError" in bot.log.read_text()  # why, in words
        figures = await bot.answers("/metrics", 200)
        assert "desk_socket_connected 0.0" in figures.text

        await slack.enter_async_context(serve(site.ws, port=site.slack_port))
        await bot.ready()
        await site.escalate()
        await site.until(site.done, bot)

        assert [c.name for c in site.cases()] == ["esc-1-blue-harbour"]
        assert await bot.stop() == 0


@pytest.mark.parametrize("away", ["refuses", "hangs"])
async def test_it_can_be_stopped_while_it_waits_for_slack(site: Site, away: str) -> None:
    policy = site.folder / "policy.toml"
    policy.write_text('[roles]\nescalation_manager = ["eleni@northwind.example"]\n')
    async with AsyncExitStack() as slack:
        if away == "hangs":
            await slack.enter_async_context(mute(site.slack_port))
        async with site.launched(POLICY_FILE=str(policy)) as bot:
            await bot.answers("/healthz", 200)
            await bot.answers("/readyz", 503)
            assert await bot.stop() == 0
            assert "Traceback" not in bot.log.read_text()


async def test_it_waits_for_a_database_that_is_away(site: Site) -> None:
    nobody = f"postgresql://desk:secret@127.0.0.1:{free_port()}/desk"
    async with site.launched(DATABASE_URL=nobody) as bot:
        await bot.answers("/healthz", 200)
        await bot.says("store_unreachable")
        await bot.answers("/readyz", 503)
        await bot.answers("/slack/events", 503)
        assert await bot.stop() == 0
        said = bot.log.read_text()
        assert "Traceback" not in said
        assert "secret" not in said


@pytest.mark.parametrize("name", ["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"])
async def test_a_wrong_token_ends_it_with_a_sentence(site: Site, name: str) -> None:
    wrong = {"SLACK_APP_TOKEN": "xapp-wrong", "SLACK_BOT_TOKEN": "xoxb-wrong"}[name]
    async with serve(site.ws, port=site.slack_port), site.launched(**{name: wrong}) as bot:
        assert await bot.ended() == 2
        said = bot.log.read_text()
        assert f"{name}: Slack refuses this token (invalid_auth)" in said
        assert "Traceback" not in said
        assert wrong not in said


async def test_a_second_process_on_one_sqlite_file_is_refused(site: Site) -> None:
    async with serve(site.ws, port=site.slack_port), site.running() as first:
        async with site.launched() as second:
            assert await second.ended() == 2
        said = first.log.read_text()  # both write into it
        assert "is in use by another process" in said
        assert "set DATABASE_URL to a PostgreSQL database" in said
        assert "Traceback" not in said
        await first.ready()


# -- ending


async def test_what_is_in_hand_is_finished_and_the_next_process_carries_on(open_site: Site) -> None:
    site = open_site
    under_way = site.ws.faults.add("latency", "conversations.create", seconds=HANGS, times=1)
    async with site.running() as bot:
        await site.escalate()
        await site.people.until(lambda: under_way.hits, 20)
        assert await bot.stop() == 0

        left = await site.waiting()
        assert len(site.cases()) == 1  # it waited for the call that was under way
        assert "create_channel" not in [kind for kind, _ in left]
        assert left  # and began nothing more
        assert not any(held for _, held in left)
        assert "desk_stopped" in bot.log.read_text()
    async with site.running() as after:
        await site.until(site.done, after)
        assert len(site.cases()) == 1
        card = [m for m in site.cases()[0].messages.values() if STAKE in str(m.blocks)]
        assert [m.ts for m in card] == list(site.cases()[0].pins)
        assert await after.stop() == 0


async def test_what_cannot_be_finished_is_released_within_the_grace_time(open_site: Site) -> None:
    site = open_site
    site.ws.faults.add("latency", "conversations.create", seconds=ENDLESS, times=1)
    async with site.running() as bot:
        await site.escalate()
        await site.people.until(lambda: not site.ws.faults.rules, 20)
        began = asyncio.get_running_loop().time()
        assert await bot.stop() == 0
        assert asyncio.get_running_loop().time() - began < GRACE + 15
        assert ("create_channel", False) in await site.waiting()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_it_at_once(site: Site, number: signal.Signals) -> None:
    site.ws.faults.add("latency", "conversations.create", seconds=ENDLESS, times=1)
    async with serve(site.ws, port=site.slack_port):
        async with site.running() as bot:
            await site.escalate()
            await site.people.until(lambda: not site.ws.faults.rules, 20)
            bot.process.send_signal(number)
            await bot.says("stopping")
            bot.process.send_signal(number)
            assert await bot.ended() == 128 + number
        async with site.running() as after:
            await site.until(site.done, after)
            assert len(site.cases()) == 1
            assert await after.stop() == 0

"""A workspace and the bot beside it as real processes that may die at any moment."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, func, select, update

from bot.due_table import DUE
from bot.engine.due import find_next_due
from handlers.slack.manifest import build_manifest
from sandbox.clock import WorkspaceClock
from sandbox.delivery import delivery_of
from sandbox.finding import Refused
from sandbox.people import NoAnswer, People, people_of
from sandbox.seed import demo_workspace
from sandbox.server import serve
from sandbox.state import AppInstallation
from sandbox.workspace import Workspace
from storage import schema
from storage.database import Database
from storage.models import Account, Inbox, Outbox
from tests.faults.board import Script
from tests.faults.child import skew_file
from tests.faults.processes import Nursery

T0 = datetime(2027, 2, 8, 7, 10, tzinfo=UTC)  # a Monday morning in Athens, no holiday near
ACK = 2.0  # seconds that Slack waits for an answer here
LOOK = 0.01  # seconds between looks at what has changed
PATIENCE = 90.0  # seconds until a run that does not get on is given up
PERSON = 3.0  # seconds after which a person tries again
TRIES = 25  # times that a person tries again what was not answered


@dataclass(frozen=True)
class NoSettings:
    """What the manifest is made of."""

    slack_app_token: str = "xapp"
    public_url: str = ""


@dataclass
class World:
    """One workspace, one store, and as many bots as ``keep`` was asked for."""

    workspace: Workspace
    app: AppInstallation
    nursery: Nursery
    database: Database
    folder: Path
    env: Mapping[str, str]
    script: Script
    bots: list[int] = field(default_factory=list)
    deaths: int = 0
    look: float = LOOK
    skew: timedelta = timedelta(0)
    _keeping: list[asyncio.Task[None]] = field(default_factory=list)
    _ending: bool = False

    @property
    def people(self) -> People:
        """The hands of everybody."""
        return people_of(self.workspace)

    # -- bots

    def keep(self, count: int = 1) -> None:
        """Keep so many bots alive: one that dies is followed by another."""
        for number in range(count):
            self.bots.append(0)
            self._keeping.append(asyncio.create_task(self._keep(number)))
        self.script.kill = self.kill

    async def _keep(self, number: int) -> None:
        while not self._ending:
            pid = await self.nursery.bear(self.env, self.folder / "bot.log")
            self.bots[number] = pid
            status = await self.nursery.end_of(pid)
            self.bots[number] = 0
            if self._ending:
                return
            self.deaths += 1
            if status != -9:
                raise AssertionError(f"a bot ended by itself: {status}\n{self.log()}")
            if len(self.bots) == 1:
                await self.expire_leases()

    def set_clocks(self, skew: timedelta) -> None:
        """The clocks of the bots are wrong by so much from now on."""
        self.skew = skew
        path = skew_file(Path(self.env["CLOCK_FILE"]))
        fresh = path.with_suffix(".new_skew")
        fresh.write_text(str(skew.total_seconds()))
        fresh.rename(path)

    def kill(self, number: int = 0) -> None:
        """kill -9."""
        self.nursery.kill(self.bots[number])

    def log(self) -> str:
        """The end of what the bots said."""
        path = self.folder / "bot.log"
        return path.read_text()[-6000:] if path.exists() else ""

    async def expire_leases(self) -> None:
        """As if the dead process's leases had run out: nobody else can hold one."""
        async with self.database.write() as session:
            for table in (Inbox, Outbox):
                await session.exec(update(table).values(lease_until=None))

    async def end(self) -> None:
        """Let the bots die."""
        self._ending = True
        for number in range(len(self.bots)):
            self.kill(number)
        done, _ = await asyncio.wait(self._keeping, timeout=5) if self._keeping else (set(), None)
        for task in self._keeping:
            task.cancel()
        for task in done:
            task.result()

    # -- waiting

    async def until(self, holds: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait until ``holds``; AssertionError with the bots' last words when it never does."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while not await holds():
            for task in self._keeping:
                if task.done():
                    task.result()
            late = loop.time() > deadline
            assert not late, f"{what}\n{await self.waiting()}\n{self.log()}"
            await asyncio.sleep(self.look)

    async def settled(self) -> None:
        """Wait until a bot is there and everything that was accepted is shown."""
        await self.until(self._quiet, "the bot did not get done")

    async def _quiet(self) -> bool:
        return self.connected() and await self.waiting() == (0, 0, False)

    def connected(self) -> bool:
        """True while a bot listens."""
        return bool(delivery_of(self.workspace).socket.of(self.app.app_id))

    async def waiting(self) -> tuple[int, int, bool]:
        """What waits in the inbox and the outbox, and whether a clock is overdue.

        The clocks are looked at first: a sweep between both looks leaves something to see.
        """
        due = await find_next_due(self, DUE)  # type: ignore[arg-type]  # it only asks for a store
        async with self.database.read() as session:
            counts = [
                (await session.exec(select(func.count()).where(col(t.state) == "pending"))).one()
                for t in (Inbox, Outbox)
            ]
        return counts[0], counts[1], due is not None and due <= self.time()

    def time(self) -> datetime:
        """The time of the case, as the bots see it."""
        return self.workspace.clock.now() + self.skew

    def machine(self) -> datetime:
        """The machine's time, as the bots see it."""
        return datetime.now(UTC) + self.skew

    async def act(
        self, do: Callable[[], Awaitable[object]], done: Callable[[], Awaitable[bool]], what: str
    ) -> None:
        """Do as a person does: when nothing came of it, look, then try again."""
        last: Refused | None = None
        for _ in range(TRIES):
            deaths = self.deaths
            await self.settled()
            if await done():
                return
            try:
                refused = await do()
            except NoAnswer:
                refused = None
            except Refused as gone:  # what it was done with has gone: it was taken after all
                refused, last = None, gone
            assert not refused, f"{what}: {refused}"
            if await self._comes(done, deaths):
                return
        answers = await self.get(select(Inbox.verb, Inbox.answer).order_by(col(Inbox.id)))
        raise AssertionError(f"{what}: given up {last}\n{answers}\n{self.log()}")

    async def _comes(self, done: Callable[[], Awaitable[bool]], deaths: int) -> bool:
        """Whether it is done before a person would think that nothing happened."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PERSON
        while loop.time() < until and self.deaths == deaths and self.connected():
            if await done():
                await self.settled()
                return True
            await asyncio.sleep(LOOK)
        await self.settled()
        return await done()

    async def wait(self, span: timedelta) -> None:
        """Let time pass, through every instant at which something falls due."""
        await self.workspace.clock.advance(span)

    async def get(self, query: Any) -> list[Any]:
        """Rows of the store."""
        async with self.database.read() as session:
            return list((await session.exec(query)).all())


def account() -> Account:
    """The customer of the story."""
    return Account(
        key="aegean-ferries",
        name="Aegean Ferries",
        folded="aegean ferries",
        arr=240_000,
        csm="U0PRIYA",
        account_executive="U0DAN",
        language="el",
        contact_name="Κατερίνα Δήμου",
        contact_email="k.dimou@aegean.example",
    )


@asynccontextmanager
async def world(
    nursery: Nursery,
    folder: Path,
    url: str,
    script: Script | None = None,
    *,
    bots: int = 1,
    env: Mapping[str, str] | None = None,
    limits: bool = False,
    skew: timedelta = timedelta(0),
) -> AsyncIterator[World]:
    """A workspace at T0 with its bots, whose store is at ``url``."""
    workspace = demo_workspace()
    workspace.strict_limits = limits
    workspace.faults = script = script or Script()
    workspace.clock = WorkspaceClock(real_now=lambda: T0)
    clock_file = folder / "clock"
    clock_file.write_text(T0.isoformat())
    app = workspace.install_app(build_manifest(NoSettings()))
    delivery_of(workspace).timing = replace(delivery_of(workspace).timing, ack_seconds=ACK)
    database = Database(url)
    await schema.upgrade_schema(database)
    async with database.write() as session:
        session.add(account())
    async with serve(workspace) as base:
        settings = {
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app.app_token,
            "SLACK_API_URL": f"{base}/api/",
            "DATABASE_URL": url,
            "PORT": "0",
            "CLOCK_FILE": str(clock_file),
            "COMMIT_COUNTER": str(folder / "commits"),
            "LOG_LEVEL": "INFO",
            **(env or {}),
        }
        here = World(workspace, app, nursery, database, folder, settings, script)
        here.set_clocks(skew)
        _share_clock(here, clock_file)
        here.keep(bots)
        try:
            yield here
        finally:
            await here.end()
            await database.close()


def _share_clock(here: World, path: Path) -> None:
    async def settle() -> None:
        fresh = path.with_suffix(".new")
        fresh.write_text(here.workspace.clock.now().isoformat())
        fresh.rename(path)
        await here.settled()

    async def next_due() -> datetime | None:
        due = await find_next_due(here, DUE)  # type: ignore[arg-type]
        return due - here.skew if due else None

    here.workspace.clock.settle = settle
    here.workspace.clock.next_due = next_due

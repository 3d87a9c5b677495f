"""How many Slack calls in a row and how many SQL statements: counted, not timed.

The app runs in this loop on SQLite, and Slack answers a round at a time: nothing is answered
while anything still moves, then everything that waits is answered at once. So the number of
rounds is the number of round trips that follow one another, on a machine of any speed.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiosqlite
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from sqlalchemy import event

from benchmarks.answers import answer
from benchmarks.settings import settings
from bot.clock import SystemClock
from bot.services import Services
from cli.workspace.local import demo_policy
from handlers.slack.app import slack_app
from messages.clients.slack import Slack
from messages.clients.slack_limits import Limits
from storage import receiving, schema
from storage.database import Database

CALM = 25  # turns of the loop without a move after which nothing moves
TURN = 0.0005  # seconds between looks while the database works in its thread
NOISE = ("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")


@dataclass(frozen=True, slots=True)
class Call:
    """A Slack call and the round in which it was answered, from 1."""

    method: str
    given: Mapping[str, Any]
    round: int


@dataclass
class Cost:
    """What an operation cost, until everything that it caused was shown."""

    calls: list[Call] = field(default_factory=list)
    statements: list[tuple[str, str]] = field(default_factory=list)
    acknowledged: int = 0

    @property
    def rounds(self) -> int:
        """Round trips that followed one another."""
        return max((c.round for c in self.calls), default=0)

    def round_of(self, *methods: str) -> int:
        """The round after which the last of these was done; 0 when there was none."""
        return max((c.round for c in self.calls if c.method in methods), default=0)

    def methods(self) -> Counter[str]:
        """How often each method was called."""
        return Counter(c.method for c in self.calls)

    def queries(self, *tasks: str) -> int:
        """SQL statements, of tasks whose name begins so, or of all that follow from the request.

        The watch over the machine's clock (``clocks``) comes by the machine's time, so it counts
        only when it is asked for.
        """
        asked = [task for task, _ in self.statements if tasks or task != "clocks"]
        return sum(not tasks or task.startswith(tasks) for task in asked)


class GatedSlack(Slack):
    """Slack that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__("xoxb-bench", "http://slack.invalid/api/")
        self.cost = Cost()
        self._waiting: list[tuple[str, Mapping[str, Any], asyncio.Future[None]]] = []
        self._round = 0

    def begin(self) -> Cost:
        """Count from here."""
        self.cost, self._round = Cost(), 0
        return self.cost

    def answer_all(self) -> bool:
        """Answer everybody who waits; False when nobody does."""
        waiting, self._waiting = self._waiting, []
        self._round += bool(waiting)
        for method, given, future in waiting:
            self.cost.calls.append(Call(method, given, self._round))
            future.set_result(None)
        return bool(waiting)

    async def _ask(self, method: str, given: Mapping[str, Any]) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((method, given, future))
        await future

    async def _send(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        given = {k: v for k, v in arguments.items() if v is not None}
        await self._ask(method, given)
        return answer(method, given)

    async def respond(self, url: str, message: Mapping[str, Any]) -> None:
        """A private answer."""
        await self._ask("response_url", message)

    async def upload(self, url: str, content: bytes) -> None:
        """A file's bytes."""
        await self._ask("upload", {"length": len(content)})


class Unlimited(Limits):
    """No limits: rounds are counted, not waits."""

    def take(self, method: str, channel: str = "") -> float:
        """Granted."""
        return 0.0


class Busy:
    """How much the database is doing in its threads at this moment."""

    def __init__(self) -> None:
        self.count = 0

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Count while the block runs."""
        doors = {name: getattr(aiosqlite.Connection, name) for name in ("_execute", "_connect")}
        for name, door in doors.items():
            setattr(aiosqlite.Connection, name, self._counted(door))
        try:
            yield
        finally:
            for name, door in doors.items():
                setattr(aiosqlite.Connection, name, door)

    def _counted(self, door: Any) -> Any:
        async def counted(*args: Any, **more: Any) -> Any:
            self.count += 1
            try:
                return await door(*args, **more)
            finally:
                self.count -= 1

        return counted


@dataclass
class World:
    """An app at work, with Slack under control."""

    services: Services
    bolt: AsyncApp
    slack: GatedSlack
    busy: Busy

    async def quiet(self) -> None:
        """Wait until nothing moves but by Slack's answer."""
        calm = 0
        while calm < CALM:
            moving = self.busy.count or not self.services.gate.is_idle
            await asyncio.sleep(TURN if moving else 0)
            calm = 0 if moving else calm + 1

    async def finish(self, work: asyncio.Task[Any]) -> None:
        """Answer round by round until ``work`` and everything that it caused is done."""
        await self.quiet()
        while self.slack.answer_all() or not work.done():
            await self.quiet()

    async def ask(self, body: Mapping[str, Any]) -> Cost:
        """What a request from Slack costs, from its arrival until all is shown."""
        cost = self.slack.begin()
        request = AsyncBoltRequest(mode="socket_mode", body=dict(body))
        task = asyncio.create_task(self.bolt.async_dispatch(request), name="request")
        await self.quiet()
        cost.acknowledged = 0 if task.done() else -1  # rounds before the acknowledgement
        await self.finish(task)
        if (await task).status != 200:
            raise RuntimeError(f"not acknowledged: {body}")
        if cost.acknowledged:
            cost.acknowledged = 1
        return cost


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """An app with an empty store and everybody known."""
    database = Database(f"sqlite:///{folder}/desk.db")
    slack, busy = GatedSlack(), Busy()

    def seen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        task = asyncio.current_task()
        if not statement.startswith(NOISE):
            slack.cost.statements.append((task.get_name() if task else "", statement))

    async with busy.watching(), AsyncExitStack() as stack:
        await schema.upgrade_schema(database)
        receive = receiving.store_requests

        async def counted(database: Database, rows: Sequence[receiving.Row]) -> set[str]:
            seen(None, None, "INSERT INTO inbox")  # by the driver, where no engine sees it
            return await receive(database, rows)

        stack.enter_context(patch.object(receiving, "store_requests", counted))
        desk = Services(database, SystemClock(), demo_policy(), slack)
        desk.delivery.limits = Unlimited()
        for engine in database.engines:
            event.listen(engine.sync_engine, "before_cursor_execute", seen)
        here = World(desk, slack_app(desk, settings()), slack, busy)
        starting = asyncio.create_task(desk.start())
        await here.finish(starting)
        await starting
        for user in ("U0MAYA", "U0ELENI", "U0TOMAS", "U0NIKOS", "U0SOFIA"):
            known = asyncio.create_task(desk.person(user))
            await here.finish(known)
            await known
        yield here
        await desk.stop(0.0)

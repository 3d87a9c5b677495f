"""A store that is away is waited for: it is no try of anything, and no fault of anybody's."""

import errno
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from jinja2 import TemplateNotFound
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlmodel import select

from bot.cases.claim import Claim
from bot.engine import inbox
from bot.engine.actors import Actor, ReplyTo
from bot.engine.inbox import Answer, InboxWorker
from bot.engine.intent import Intent
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import is_away
from bot.people.directory import People
from bot.registry import INTENTS
from bot.rules.words import Language
from storage import receiving, schema
from storage.database import Database
from storage.models import Digest, Inbox
from tests.bot.store import Keeper
from tests.handlers.fakes import FakeSlack

LONG = "U" * 20_000  # needs a page of its own
ADAPTED = AsyncAdapt_asyncpg_dbapi(asyncpg)


def wrapped(fault: Exception, *, invalidated: bool = False) -> DBAPIError:
    """As SQLAlchemy tells what asyncpg raised."""
    driver = ADAPTED.Error(str(fault), fault)
    driver.__cause__ = fault
    return DBAPIError("UPDATE inbox", None, driver, connection_invalidated=invalidated)


def in_sqlite(code: int, words: str) -> OperationalError:
    """As SQLAlchemy tells what SQLite raised."""
    fault = sqlite3.OperationalError(words)
    fault.sqlite_errorcode = code
    return OperationalError("UPDATE inbox", None, fault)


AWAY: Sequence[Exception] = (
    wrapped(asyncpg.ConnectionDoesNotExistError("connection was closed in the middle")),
    wrapped(asyncpg.AdminShutdownError("terminating connection")),
    wrapped(asyncpg.DeadlockDetectedError("deadlock detected")),
    wrapped(asyncpg.SerializationError("could not serialize access")),
    wrapped(asyncpg.DiskFullError("could not extend file")),
    wrapped(asyncpg.ReadOnlySQLTransactionError("cannot execute UPDATE")),
    wrapped(asyncpg.InterfaceError("connection is closed")),
    wrapped(asyncpg.InternalClientError("got result for unknown protocol state 3")),
    wrapped(RuntimeError("whatever it was"), invalidated=True),
    asyncpg.CannotConnectNowError("the database system is starting up"),
    asyncpg.TooManyConnectionsError("sorry, too many clients already"),
    asyncpg.InvalidCachedStatementError("cached statement plan is invalid"),
    InterfaceError("SELECT 1", None, Exception("connection is closed")),
    PendingRollbackError("Can't reconnect until invalid transaction is rolled back.", code="8s2b"),
    NoConnectionError("QueuePool limit of size 10 overflow 10 reached"),
    in_sqlite(sqlite3.SQLITE_BUSY, "database is locked"),
    in_sqlite(sqlite3.SQLITE_FULL, "database or disk is full"),
    in_sqlite(sqlite3.SQLITE_IOERR_WRITE, "disk I/O error"),
    ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
    OSError(errno.ENOSPC, "No space left on device"),
    TimeoutError(),
)
WRONG: Sequence[Exception] = (
    wrapped(asyncpg.UndefinedColumnError("no such column")),
    wrapped(asyncpg.UniqueViolationError("duplicate key")),
    wrapped(asyncpg.DataError("invalid input for query argument")),
    in_sqlite(sqlite3.SQLITE_ERROR, "no such column: holder"),
    PendingRollbackError("Original exception was: (sqlite3.IntegrityError) UNIQUE", code="7s2a"),
    TemplateNotFound("notices/none.en.j2"),
    FileNotFoundError(errno.ENOENT, "no such file"),
    KeyError("case"),
    ZeroDivisionError(),
)


def name(fault: Exception) -> str:
    """What a fault is called among the tests."""
    return f"{type(fault).__name__}:{fault}"[:60]


@pytest.mark.parametrize("fault", AWAY, ids=name)
def test_whatever_a_lost_store_is_called_it_is_known(fault: Exception) -> None:
    assert is_away(fault)


@pytest.mark.parametrize("fault", WRONG, ids=name)
def test_a_fault_of_ours_is_not_taken_for_a_lost_store(fault: Exception) -> None:
    assert not is_away(fault)


class Worker:
    """An inbox whose use case fails as it is told to, then leaves one row."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.faults: list[Exception] = []
        self.began = 0
        self.told: list[Answer] = []
        self.inbox = self.replica()

    def replica(self) -> InboxWorker:
        """Another process that carries the same requests out."""
        return InboxWorker(self.keeper, {"claim": self._use_case}, INTENTS, self._tell)

    async def _use_case(self, work: UnitOfWork, _intent: Intent) -> Answer | None:
        self.began += 1
        work.session.add(Digest(user_id=f"{self.began}{LONG}", next_at=work.now))
        await work.session.flush()
        if self.faults:
            raise self.faults.pop(0)
        return Answer(text="done")

    async def _tell(self, _reply: ReplyTo, answer: Answer) -> None:
        self.told.append(answer)

    async def ask(self, key: str = "one", case: int = 1) -> bool:
        """Somebody claims a case."""
        return await self.inbox.accept(Claim(case=case), Actor("U1", "test"), key, ReplyTo("U1"))

    async def drain(self) -> None:
        """Carry out what waits, again and again until nothing goes wrong."""
        for _ in range(60):
            with suppress(*{type(fault) for fault in AWAY}):
                await self.inbox.drain()
                return
        raise AssertionError("it never ended")

    async def states(self) -> list[tuple[str, int]]:
        """Each request's state, and how often its use case failed."""
        async with self.keeper.database.read() as session:
            rows = (await session.exec(select(Inbox))).all()
            return [(row.state, row.attempts) for row in rows]

    async def carried_out(self) -> int:
        """How many rows the use case left."""
        async with self.keeper.database.read() as session:
            return len((await session.exec(select(Digest))).all())


async def test_three_losses_of_the_store_and_more_are_no_try_of_a_request(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.faults = list(AWAY)
    await worker.ask()
    await worker.drain()
    assert (await worker.states(), await worker.carried_out()) == ([("done", 0)], 1)
    assert worker.told == [{"text": "done"}]


async def test_faults_of_the_use_case_are_counted_and_losses_between_them_are_not(
    keeper: Keeper,
) -> None:
    worker = Worker(keeper)
    lost = AWAY[0]
    worker.faults = [lost, ZeroDivisionError(), lost, lost, ZeroDivisionError(), lost]
    await worker.ask()
    await worker.drain()
    assert (await worker.states(), await worker.carried_out()) == ([("done", 2)], 1)
    worker.faults = [lost, *[ZeroDivisionError()] * inbox.ATTEMPTS_MAX]
    await worker.ask("two")
    await worker.drain()
    assert [answer["text"] for answer in worker.told] == ["done", "trouble"]


async def test_a_commit_whose_end_nobody_heard_is_not_made_again_and_its_answer_is_told(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(keeper)
    await worker.ask()
    perform = worker.inbox._perform

    async def unheard(row: Inbox) -> Answer | None:
        await perform(row)
        raise AWAY[0]

    monkeypatch.setattr(worker.inbox, "_perform", unheard)
    await worker.drain()
    await worker.inbox.drain()
    assert (worker.began, await worker.carried_out()) == (1, 1)
    assert worker.told == [{"text": "done"}]


async def test_a_request_that_ends_every_process_is_given_up_at_last(keeper: Keeper) -> None:
    worker = Worker(keeper)
    await worker.ask()
    for _ in range(inbox.CRASHES_MAX):
        assert await worker.replica()._claim() is not None  # and dies of it
        keeper.clock.later(seconds=inbox.LEASE.total_seconds() + 1)
    await worker.ask("two", case=2)
    await worker.replica().drain()
    assert [answer["text"] for answer in worker.told] == ["trouble", "done"]
    assert (worker.began, {state for state, _ in await worker.states()}) == (1, {"done"})


async def test_a_few_processes_that_die_with_a_request_in_hand_do_not_end_it(
    keeper: Keeper,
) -> None:
    worker = Worker(keeper)
    await worker.ask()
    for _ in range(inbox.CRASHES_MAX - 1):
        await worker.replica()._claim()
        keeper.clock.later(seconds=inbox.LEASE.total_seconds() + 1)
    await worker.drain()
    assert worker.told == [{"text": "done"}]


async def test_a_delivery_whose_commit_nobody_heard_is_accepted_once(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, faults = receiving.store_requests, [AWAY[0]]

    async def unheard(database: Database, rows: Sequence[receiving.Row]) -> set[str]:
        fresh = await receive(database, rows)
        if faults:
            raise faults.pop()
        return fresh

    monkeypatch.setattr(receiving, "store_requests", unheard)
    monkeypatch.setattr(receiving, "PAUSES", (0.0, 0.0))
    worker = Worker(keeper)
    assert await worker.ask()
    assert not await worker.ask()
    await worker.drain()
    assert await worker.carried_out() == 1


async def on_sqlite(folder: Path) -> Worker:
    """A request that waits in an SQLite file."""
    database = Database(f"sqlite:///{folder}/desk.db")
    await schema.upgrade_schema(database)
    worker = Worker(Keeper(database))
    await worker.ask()
    return worker


async def set_pragma(worker: Worker, pragma: str) -> None:
    """Change how the connection that writes behaves."""
    async with worker.keeper.database.driver() as driver:
        await driver.execute(f"PRAGMA {pragma}")


async def fails_and_then_ends(worker: Worker, mend: Callable[[], Awaitable[None]]) -> None:
    """The store is away for longer than a use case may fail, then it is back."""
    for _ in range(inbox.ATTEMPTS_MAX + 1):
        with pytest.raises(OperationalError):
            await worker.inbox.drain()
    await mend()
    await worker.drain()
    assert (await worker.states(), await worker.carried_out()) == ([("done", 0)], 1)
    await worker.keeper.database.close()


async def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    worker = await on_sqlite(tmp_path)
    await set_pragma(worker, "max_page_count=1")
    await fails_and_then_ends(worker, lambda: set_pragma(worker, "max_page_count=100000"))


async def test_a_locked_file_is_waited_for(tmp_path: Path) -> None:
    worker = await on_sqlite(tmp_path)
    await set_pragma(worker, "busy_timeout=1")
    other = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def unlock() -> None:
        other.close()

    await fails_and_then_ends(worker, unlock)


async def test_whoever_asks_is_answered_in_their_language_while_the_store_is_away(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise AWAY[0]

    slack: Any = FakeSlack()
    slack.answers["users.info"] = {"user": {"id": "U1", "name": "Eleni", "locale": "el-GR"}}
    monkeypatch.setattr(keeper.database, "read", away)
    monkeypatch.setattr(keeper.database, "write", away)
    found = await People(keeper.database, keeper.clock, slack).person("U1")
    assert (found.name, found.language) == ("Eleni", Language.GREEK)

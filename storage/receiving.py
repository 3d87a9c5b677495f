"""Storing deliveries in one step: a person waits in front of Slack until their row is durable.

Whatever arrives while one commit is on its way shares the next one: a commit costs a wait for the
disk, and a burst of a hundred deliveries needs a few of them, not a hundred. Each delivery is still
durable before it is acknowledged. A lost connection is tried again for under a second, since Slack
waits three for its acknowledgement; then the caller gets the error and Slack delivers again.

This is the only write that goes past SQLAlchemy's layers, to the driver itself: on SQLite one visit
to the connection's thread instead of three, on PostgreSQL one round trip instead of four. The rows
are made by the same column types as everywhere. docs/performance.md has the figures.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import aiosqlite
import asyncpg
import structlog
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql

from storage import wakeups
from storage.away import why_away
from storage.database import Database
from storage.models import Inbox, SeenRequest

TABLE = Inbox.__table__  # type: ignore[attr-defined]
# Columns of which an arrival says nothing.
LATER = ("id", "lease_until", "holder", "claims", "crashes")
COLUMNS = tuple(c for c in TABLE.columns if c.name not in LATER)
NAMES = ", ".join(c.name for c in COLUMNS)
ONCE = "ON CONFLICT (key) DO NOTHING RETURNING key"
POSTGRES_TYPES = {"intent": "json", "reply": "json", "answer": "json", "attempts": "int",
                  "received_at": "timestamptz"}  # fmt: skip

BATCH = 200  # deliveries in one commit; more would only make the first of them wait
PAUSES = (0.2, 0.6)  # seconds before further tries; Slack waits three for its acknowledgement

log = structlog.get_logger()

Row = Mapping[str, Any]  # every column of the inbox but those of later
Waiting = tuple[Row, asyncio.Future[bool]]


class Intake:
    """The door of the inbox."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def store(self, row: Row) -> bool:
        """Store a delivery; False when its key was there before. Durable when this returns.

        Raises what the store raises, to each caller of the batch that could not be stored.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="intake")
        return await future

    async def _write_all(self) -> None:
        """Store what waits, a batch a commit; who waits for a row hears how its batch went."""
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            try:
                fresh = await self._receive([row for row, _ in batch])
            except BaseException as fault:  # those who wait hear of it, whatever it is
                _fail(batch, fault)
                if not isinstance(fault, Exception):
                    raise
            else:
                _answer(batch, fresh)

    async def _receive(self, rows: Sequence[Row]) -> set[str]:
        """Store them in spite of a connection that was cut; the keys that were not there before.

        A commit of which no outcome was heard may have stored them: what a later try finds is ours.
        """
        for tried, pause in enumerate(PAUSES):
            try:
                fresh = await store_requests(self._database, rows)
            except Exception as fault:
                if (why := why_away(fault)) is None:
                    raise
                log.warning("store_unreachable", why=why, wait=pause)
                await asyncio.sleep(pause)
            else:
                return {row["key"] for row in rows} if tried else fresh
        await store_requests(self._database, rows)
        return {row["key"] for row in rows}


def _answer(batch: Sequence[Waiting], fresh: set[str]) -> None:
    for row, future in batch:
        if not future.done():
            future.set_result(row["key"] in fresh)
        fresh.discard(row["key"])  # the same key again in one batch is a redelivery


def _fail(batch: Sequence[Waiting], fault: BaseException) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(fault if isinstance(fault, Exception) else RuntimeError("stopped"))


async def store_requests(database: Database, rows: Sequence[Row]) -> set[str]:
    """Store rows of the inbox; answers the keys of those that were not there before.

    One transaction for all, durable on return. A key that is there already, or twice in ``rows``,
    is no error: the first row stays. On PostgreSQL every replica is told that there are new rows. A
    repeat after a lost answer stores nothing twice, but answers only what it stored itself.
    """
    values = _values(database.engine.dialect, rows)
    async with database.driver() as connection:
        if database.is_sqlite:
            return await _in_sqlite(connection, values)
        return await _in_postgres(connection, values)


async def remember_request(database: Database, key: str, at: datetime) -> bool:
    """Store in PostgreSQL that a request was answered; False where that was stored before."""
    insert = postgresql.insert(SeenRequest).values(key=key, at=at)
    async with database.write() as session:
        return bool((await session.exec(insert.on_conflict_do_nothing())).rowcount)


def _values(dialect: Dialect, rows: Sequence[Row]) -> list[list[Any]]:
    steps = _binding(dialect)
    return [[step(row[name]) if step else row[name] for name, step in steps] for row in rows]


@cache
def _binding(dialect: Dialect) -> list[tuple[str, Callable[[Any], Any] | None]]:
    """For each column its name and how its type writes a value; None: as it is."""
    return [(c.name, c.type.dialect_impl(dialect).bind_processor(dialect)) for c in COLUMNS]


async def _in_sqlite(connection: aiosqlite.Connection, values: Sequence[Sequence[Any]]) -> set[str]:
    """Insert rows in one transaction past the ORM; answers the keys of those that were new.

    ``values`` are in the order of ``COLUMNS``. Runs in aiosqlite's thread.
    """
    places = ", ".join("?" * len(COLUMNS))
    insert = f"INSERT INTO inbox ({NAMES}) VALUES ({places}) {ONCE}"  # noqa: S608 - our own names

    def write(raw: sqlite3.Connection) -> set[str]:
        raw.execute("BEGIN IMMEDIATE")
        try:
            fresh = {key for row in values for (key,) in raw.execute(insert, row).fetchall()}
            raw.execute("COMMIT")
        except BaseException:
            raw.rollback()
            raise
        return fresh

    return await connection._execute(write, connection._conn)  # type: ignore[no-any-return,no-untyped-call]  # noqa: SLF001 - aiosqlite's door to its thread


async def _in_postgres(connection: asyncpg.Connection, values: Sequence[Sequence[Any]]) -> set[str]:
    found = await connection.fetch(_postgres_insert(), *zip(*values, strict=True), *_told())
    return {row["key"] for row in found}


@cache
def _postgres_insert() -> str:
    """Every column an array, so that one statement serves any number of rows."""
    types = [POSTGRES_TYPES.get(c.name, "text") for c in COLUMNS]
    sent = ["text" if t == "json" else t for t in types]  # an array of JSON has no codec
    arrays = ", ".join(f"${i}::{t}[]" for i, t in enumerate(sent, 1))
    taken = ", ".join(f"{c.name}::{t}" for c, t in zip(COLUMNS, types, strict=True))
    last = len(COLUMNS)
    return (
        f"WITH fresh AS (INSERT INTO inbox ({NAMES}) SELECT {taken}"  # noqa: S608 - our own names
        f" FROM unnest({arrays}) WITH ORDINALITY AS given({NAMES}, place) ORDER BY place {ONCE})"
        f" SELECT key, pg_notify(${last + 1}, ${last + 2}) FROM fresh"
    )


def _told() -> tuple[str, str]:
    """The arguments of ``pg_notify``: the channel and the topic of the inbox."""
    return wakeups.CHANNEL, wakeups.INBOX

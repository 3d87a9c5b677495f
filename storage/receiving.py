"""Storing deliveries in one step: a person waits in front of Slack until their row is durable.

This is the only write that goes past SQLAlchemy's layers, to the driver itself: on SQLite one visit
to the connection's thread instead of three, on PostgreSQL one round trip instead of four. The rows
are made by the same column types as everywhere. docs/performance.md has the figures.
``bot.engine.inbox_writer`` gathers the rows, and tries again when no answer came.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import aiosqlite
import asyncpg
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql

from storage import wakeups
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

Row = Mapping[str, Any]  # every column of the inbox but those of later


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

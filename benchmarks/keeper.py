"""The least that storing before acknowledging can cost: one small row, one durable commit.

Whatever arrives while one commit is on its way shares the next one. No SQLAlchemy, no checks.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable

import asyncpg
from sqlalchemy.engine import make_url

MADE = "CREATE TABLE kept (id INTEGER PRIMARY KEY, body TEXT)"
MADE_POSTGRES = MADE.replace("INTEGER", "SERIAL")
BODY = "x" * 600  # bytes; a stored request is about as long


class Keeper:
    """Makes rows durable, many in one commit where they wait for it together."""

    def __init__(self, write: Callable[[int], Awaitable[None]]) -> None:
        self._write = write
        self._waiting: list[asyncio.Future[None]] = []
        self._writing: asyncio.Task[None] | None = None

    @classmethod
    async def on(cls, url: str) -> "Keeper":
        """A keeper with a table of its own in the database at ``url``."""
        if url.startswith("sqlite"):
            return cls(_sqlite(str(make_url(url).database)))
        return cls(await _postgres(url))

    async def keep(self) -> None:
        """Returns when a row of the caller's is durable."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await future

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._write(len(batch))
            for future in batch:
                future.set_result(None)


def _sqlite(path: str) -> Callable[[int], Awaitable[None]]:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(MADE)

    def insert(rows: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO kept (body) VALUES (?)", [(BODY,)] * rows)
        connection.execute("COMMIT")

    async def write(rows: int) -> None:
        await asyncio.to_thread(insert, rows)

    return write


async def _postgres(url: str) -> Callable[[int], Awaitable[None]]:
    connection = await asyncpg.connect(url)
    await connection.execute(MADE_POSTGRES)

    async def write(rows: int) -> None:
        await connection.execute("INSERT INTO kept (body) SELECT unnest($1::text[])", [BODY] * rows)

    return write

"""Connections to a real PostgreSQL that are cut while something is asked over them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.util import await_only

from storage.database import Database


@dataclass
class Cutter:
    """Counts what is asked of the database, and has the server end the connection at one point.

    It is ended by a signal, so on a busy machine a statement or two may still get through.

    A statement is a point, and so is a commit; after a commit the connection may be cut as well,
    so that nobody hears how it ended.
    """

    database: Database
    killer: asyncpg.Connection
    at: int = 0  # the point at which to cut; none of them when 0
    unheard: bool = False  # cut commits only after they took effect
    points: int = 0
    cuts: int = 0

    @contextmanager
    def counting(self, at: int, *, unheard: bool = False) -> Iterator[None]:
        """Cut at the point ``at`` while the block runs."""
        self.at, self.unheard, self.points = at, unheard, 0
        try:
            yield
        finally:
            self.at = 0

    def statement(self, connection: Any, *_: Any) -> None:
        """A statement is about to be sent."""
        if not self.unheard:
            self._point(connection.connection.driver_connection)

    def commit(self, dialect_commit: Any, connection: Any) -> None:
        """A transaction is about to be committed."""
        if not self.unheard:
            self._point(connection.driver_connection)
        dialect_commit(connection)
        if self.unheard and self._point(connection.driver_connection):
            raise asyncpg.ConnectionDoesNotExistError("connection was closed")

    def _point(self, driver: asyncpg.Connection) -> bool:
        self.points += bool(self.at)
        if not self.at or self.points != self.at:
            return False
        self.cuts += 1
        pid = driver.get_server_pid()
        await_only(self.killer.execute(f"SELECT pg_terminate_backend({pid})"))
        return True


@asynccontextmanager
async def cutter(database: Database) -> AsyncIterator[Cutter]:
    """Something that can cut the connections of ``database``."""
    dsn = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    killer = await asyncpg.connect(dsn)
    engine = database.engine.sync_engine
    cutting = Cutter(database, killer)
    commit = engine.dialect.do_commit
    event.listen(engine, "before_cursor_execute", cutting.statement)
    engine.dialect.do_commit = lambda c: cutting.commit(commit, c)  # type: ignore[method-assign]
    try:
        yield cutting
    finally:
        engine.dialect.do_commit = commit  # type: ignore[method-assign]
        event.remove(engine, "before_cursor_execute", cutting.statement)
        await killer.close()

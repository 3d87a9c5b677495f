"""SQLite without a thread switch for every step of every statement.

aiosqlite hands each of the four steps of a statement (cursor, execute, fetch, close) to a thread
and back, which costs more than the statement. Here the steps run where they are asked for; only
what may wait goes to the thread: connecting, taking the write lock, and the commit, which waits
for the disk. docs/performance.md has the figures.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite

HERE = frozenset({"cursor", "execute", "executemany", "fetchone", "fetchmany", "fetchall"})
WAITING = ("BEGIN IMMEDIATE", "COMMIT", "VACUUM", "PRAGMA")  # statements that may wait


class Inline(aiosqlite.Connection):
    """A connection whose statements run in the event loop, its waiting in a thread."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **more: Any) -> Any:
        if self._runs_here(fn, args):
            return fn(*args, **more)
        return await super()._execute(fn, *args, **more)  # type: ignore[no-untyped-call]

    def _runs_here(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        if self._connection is None:
            return False
        owner, name = getattr(fn, "__self__", None), getattr(fn, "__name__", "")
        if name not in HERE:
            return name == "close" and isinstance(owner, sqlite3.Cursor)
        return not (args and isinstance(args[0], str) and args[0].startswith(WAITING))


async def connect(database: str, **arguments: Any) -> aiosqlite.Connection:
    """A connection to the file, for SQLAlchemy's ``async_creator_fn``."""
    open_file = partial(sqlite3.connect, database, **{**arguments, "check_same_thread": False})
    connection = Inline(open_file, iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy's own creator does
    return await connection

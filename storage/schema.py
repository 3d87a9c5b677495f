"""The schema's version: what the code needs, what the database has, and how to join them.

A version is the id of an Alembic revision in ``migrations/versions``. ``python app.py run`` makes
the tables of an empty database and refuses to start on another version (``require_current``):
tables that are there change only by ``python app.py migrate``, which an administrator runs.
"""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

import storage.models  # noqa: F401 - defines the tables
from storage.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATING = 0x455343  # PostgreSQL's advisory lock for migrations: "ESC"
LOCK_TIMEOUT = 5_000  # milliseconds that a change waits for a table that replicas are using


class SchemaError(Exception):
    """The database's tables are not those that the code needs; the message says what to run."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def code_version() -> str:
    """The version that the code needs."""
    version = ScriptDirectory.from_config(_config()).get_current_head()
    return version or ""


def _known() -> set[str]:
    return {s.revision for s in ScriptDirectory.from_config(_config()).walk_revisions()}


async def database_version(database: Database) -> str | None:
    """The version that the database has; None for an empty one, and for a file that is not there.

    Nothing is made: opening a SQLite file would.
    """
    if database.is_missing:
        return None
    async with database.engine.connect() as connection:
        return await connection.run_sync(
            lambda c: MigrationContext.configure(c).get_current_revision()
        )


async def upgrade_schema(database: Database) -> None:
    """Bring the tables to the version that the code needs; does nothing when they are there.

    One transaction for all steps. Several at once take turns. A change that cannot get its table
    within ``LOCK_TIMEOUT`` gives up as a whole, with the driver's error, rather than let every
    replica queue behind it; it may be run again. Raises SchemaError for tables of a newer program.
    """
    if (found := await database_version(database)) is not None and found not in _known():
        raise SchemaError(_newer(found))
    async with database.engine.begin() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATING})
            await connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT}"))
        await connection.run_sync(lambda c: command.upgrade(_config(c), "head"))


async def require_current(database: Database) -> None:
    """Raise SchemaError unless the tables are exactly of the code's version."""
    found = await database_version(database)
    if found == code_version():
        return
    if database.is_missing:
        where = database.url.database
        raise SchemaError(f"there is no database at {where} yet: run `python app.py migrate`")
    if found is None:
        raise SchemaError("the database has no tables yet: run `python app.py migrate`")
    if found in _known():
        raise SchemaError(
            f"the database is at version {found}, older than this program ({code_version()}):"
            " run `python app.py migrate`"
        )
    raise SchemaError(_newer(found))


def _newer(found: str) -> str:
    return (
        f"the database is at version {found}, which this program ({code_version()}) does not know:"
        " it is newer. Install the program's newer version, or restore a backup of its time."
    )


async def schema_differences(database: Database) -> list[Any]:
    """What the tables lack or have beyond the models; empty when migrations and models agree.

    Alembic's own tuples, such as ``("add_column", None, "outbox", Column(…))``; types are compared.
    """
    async with database.engine.connect() as connection:
        return await connection.run_sync(_compare)


def _compare(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, SQLModel.metadata))

"""The store, opened for one command; ``cli/policy.py`` uses it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import Settings
from storage import schema
from storage.database import Database


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database while the block runs; close it however the block ends.

    Does not claim the SQLite file, so a command may run beside the app. Raises SchemaError when the
    tables are missing or not of the version that the program needs; it never changes them.
    """
    database = Database(settings.database_url)
    try:
        await schema.require_current(database)
        yield database
    finally:
        await database.close()

"""The store, opened for one command, and who runs it."""

import getpass
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import Settings
from storage import schema
from storage.database import Database


def terminal_user() -> str:
    """Return who runs the command and where: ``ada@desk-1``, behind sudo ``ada as root@desk-1``.

    A user without a name in the system is told by number.
    """
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    before = os.environ.get("SUDO_USER")
    behind = f"{before} as " if before and before != user else ""
    return f"{behind}{user}@{socket.gethostname()}"


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

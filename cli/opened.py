"""The store, opened for one command, and who runs it."""

import getpass
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.settings import Settings
from storage import schema
from storage.database import Database

OTHERS = 0o077  # permissions of the group and of everybody else


def readable_by_others(database: Database, *secrets: Path | None) -> list[str]:
    """Return a line for each file that holds customers' words or secrets and others may read.

    That is the SQLite database with what stands beside it, the files of ``secrets``, and ``.env``.
    """
    path = database.url.database if database.is_sqlite else None
    files = [Path(f"{path}{end}") for end in ("", "-wal", "-shm")] if path else []
    files += [file for file in secrets if file]
    return [
        f"{file}: other users of this machine may read it (mode {file.stat().st_mode & 0o777:o})."
        f" Run `chmod 600 {file}`"
        for file in (*files, Path(".env"))
        if file.is_file() and file.stat().st_mode & OTHERS
    ]


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

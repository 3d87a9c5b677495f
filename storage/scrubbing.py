"""What was deleted goes from the file as well: SQLite and PostgreSQL keep it in free pages."""

import asyncio
import sqlite3
from contextlib import closing

from storage.database import BUSY_TIMEOUT, Database


async def scrub_file(database: Database) -> bool:
    """Write the SQLite file anew without what was deleted, and empty its log; True where it is so.

    False while another process reads or writes it for longer than ``BUSY_TIMEOUT``, and on
    PostgreSQL, where only ``VACUUM FULL`` does this, which no other process can work beside.
    """
    if not database.is_sqlite or not database.url.database:
        return False
    await database.close()  # its own connections would be in the way; the next use opens new ones
    return await asyncio.to_thread(_scrub, database.url.database)


def _scrub(path: str) -> bool:
    """The same on a connection of its own, which blocks."""
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT / 1000, isolation_level=None)) as file:
        try:
            file.execute("PRAGMA secure_delete = ON")
            file.execute("VACUUM")
            busy, _, _ = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            return False
    return not busy

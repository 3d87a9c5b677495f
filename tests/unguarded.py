"""Stores whose owner takes away what keeps the records: to tamper, and to make up a history."""

from sqlalchemy import text

from storage.database import Database

KEPT = (
    "timeline_event", "problem_event", "clock_event", "terminal_action", "audit_event", "forgotten",
    "access_event",
)  # fmt: skip


async def unguard(database: Database) -> None:
    """Let rows of the records be changed and deleted from now on."""
    async with database.engine.begin() as connection:
        for table in KEPT:
            if database.is_sqlite:
                for change in ("update", "delete"):
                    await connection.execute(text(f"DROP TRIGGER IF EXISTS keep_{table}_{change}"))
            else:
                await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))

"""A row that two processes may want to add at the same moment."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


async def add_missing(session: AsyncSession, row: SQLModel) -> None:
    """Insert ``row`` unless one with its key is there, also one that is just being inserted."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = (sqlite.insert if on_sqlite else postgresql.insert)(type(row))
    connection = await session.connection()
    await connection.execute(insert.on_conflict_do_nothing(), row.model_dump())

"""Inserting what another replica may be inserting at the same moment."""

from collections.abc import Collection

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


async def put(session: AsyncSession, row: SQLModel, *, update: Collection[str] = ()) -> None:
    """Insert ``row``; where its primary key is there already, only bring ``update`` up to date."""
    table = type(row).__table__  # type: ignore[attr-defined]
    keys = [column.name for column in table.primary_key]
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table).values(row.model_dump())
    if update:
        changed = {name: insert.excluded[name] for name in update}
        await session.exec(insert.on_conflict_do_update(index_elements=keys, set_=changed))
    else:
        await session.exec(insert.on_conflict_do_nothing(index_elements=keys))

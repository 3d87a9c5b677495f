"""Inserting what another replica may be inserting at the same moment: one statement, no error.

Both databases have ``ON CONFLICT``; a look before the insert would leave a gap.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import and_, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Allowance


async def count_more(
    session: AsyncSession, user: str, what: str, now: datetime, span: timedelta
) -> tuple[int, datetime]:
    """Count one more of ``what`` for ``user``; answers how many, and since when, the new one
    included.

    A count that began more than ``span`` before ``now``, or after it (the clock was put back),
    starts again at 1. One statement, which locks the row until the transaction ends: others that
    count the same wait, and a rollback takes the count back.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    since, used = col(Allowance.since), col(Allowance.used)
    goes_on = and_(since > now - span, since <= now)
    row = {"user_id": user, "what": what, "since": now, "used": 1}
    changed = {
        "used": case((goes_on, used + 1), else_=1),
        "since": case((goes_on, since), else_=now),
    }
    query = dialect.insert(Allowance).values(row)
    query = query.on_conflict_do_update(index_elements=["user_id", "what"], set_=changed)
    found = (await session.exec(query.returning(used, since))).one()
    return found[0], found[1]


async def take_turns(session: AsyncSession, name: str) -> None:
    """Wait until no other transaction is past this line with the same ``name``.

    Others wait until the transaction of ``session`` ends. Names are compared by a hash of 32 bits,
    so two of them may share a turn. On SQLite writers take turns anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.exec(select(func.pg_advisory_xact_lock(func.hashtext(name))))


async def upsert_row(session: AsyncSession, row: SQLModel, *, update: Collection[str] = ()) -> None:
    """Insert ``row``; where its primary key is there already, only bring ``update`` up to date.

    ``update`` names columns; without any, the stored row stays as it is. ``row`` itself never
    belongs to the session. A conflict with another unique column raises IntegrityError.
    """
    table = type(row).__table__  # type: ignore[attr-defined]
    keys = [column.name for column in table.primary_key]
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table).values(row.model_dump())
    if update:
        changed = {name: insert.excluded[name] for name in update}
        await session.exec(insert.on_conflict_do_update(index_elements=keys, set_=changed))
    else:
        await session.exec(insert.on_conflict_do_nothing(index_elements=keys))

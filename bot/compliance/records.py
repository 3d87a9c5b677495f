"""Forgetting in the records that are never edited: through the one door that the database has.

Of a row the words become the mark, which the database allows only where ``forgotten`` names its
case; its links lose their salts, so words cannot be tried against the digests any more; and it gets
another link, of what is left, so that from then on every change is found as before. All three in
one transaction, under the lock of sealing. A row that has no link yet waits for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.audit.sealing import LOCK, add_link, find_head, links_of, table_of
from bot.compliance.overdue import TABLES
from bot.compliance.tables import changes_of
from bot.rules.audit.links import AGAIN, base_of
from bot.rules.compliance.columns import HOLDINGS, Holds
from storage.database import Database

WINDOW = 200  # rows in one transaction
WORDS = frozenset({Holds.WORDS})


class NotSealedError(Exception):
    """A row has no link yet, or another process is giving links: to be tried again later."""


async def forget_records(
    database: Database, session: AsyncSession, record: str, of: ColumnElement[bool], after: int
) -> tuple[int, int | None]:
    """Forget in the next rows of a record behind the id ``after``.

    Answers how many rows changed, and the last id; None: there are no more. Raises NotSealedError,
    and then nothing of this transaction may be kept.
    """
    if not await database.try_exclusive(session, LOCK):
        raise NotSealedError
    table, links = table_of(record), TABLES["audit_event"]
    linked = and_(links.c.record == record, links.c.row == table.c.id)
    query = select(table, links.c.seq).outerjoin(links, linked).where(of, table.c.id > after)
    connection = await session.connection()
    rows = (await connection.execute(query.order_by(table.c.id).limit(WINDOW))).mappings().all()
    head, changed = await find_head(session), 0
    names = await links_of(session, record)
    for row in rows:
        values: dict[str, Any] = changes_of(HOLDINGS[record], WORDS, dict(row))
        if not values:
            continue
        if row["seq"] is None:
            raise NotSealedError
        head = await replace_row(session, head, AGAIN + record, names, row["id"], values)
        changed += 1
    return changed, rows[-1]["id"] if len(rows) == WINDOW else None


async def replace_row(
    session: AsyncSession,
    head: tuple[int, str],
    link: str,
    names: Sequence[str],
    row: int,
    values: Mapping[str, Any],
) -> tuple[int, str]:
    """Change a row of a record, destroy the salts of its links, and add one of what is left.

    ``link`` is the record's name with the rule before it, ``names`` are those of ``links_of``.
    Under the lock of sealing; answers the new end of the chain. Raises NotSealedError for a row
    that has no link, and then nothing of the transaction may be kept.
    """
    table, salts = table_of(base_of(link)), TABLES["audit_salt"]
    links = TABLES["audit_event"].c
    connection = await session.connection()
    query = select(links.seq).where(links.record.in_(names), links.row == row)
    earlier = (await connection.execute(query)).scalars().all()
    if not earlier:
        raise NotSealedError
    await connection.execute(table.update().where(table.c.id == row).values(values))
    await connection.execute(salts.delete().where(salts.c.seq.in_(earlier)))
    left = (await connection.execute(table.select().where(table.c.id == row))).mappings().one()
    return add_link(session, head, link, dict(left))

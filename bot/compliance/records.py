"""Forgetting in the records that are never edited: through the one door that the database has.

Of a row the words become the mark, which the database allows only where ``forgotten`` names its
case; its link loses the salt, so words cannot be tried against the digest any more; and it gets a
second link, of what is left, so that from then on every change is found as before. All three in
one transaction, under the lock of sealing. A row that has no link yet waits for it.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.audit.sealing import LOCK, add_link, find_head, table_of
from bot.compliance.overdue import TABLES
from bot.compliance.tables import changes_of
from bot.rules.audit.links import AGAIN
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
    table, links, salts = table_of(record), TABLES["audit_event"], TABLES["audit_salt"]
    linked = and_(links.c.record == record, links.c.row == table.c.id)
    query = select(table, links.c.seq).outerjoin(links, linked).where(of, table.c.id > after)
    connection = await session.connection()
    rows = (await connection.execute(query.order_by(table.c.id).limit(WINDOW))).mappings().all()
    head, changed = await find_head(session), 0
    for row in rows:
        values: dict[str, Any] = changes_of(HOLDINGS[record], WORDS, dict(row))
        if not values:
            continue
        if row["seq"] is None:
            raise NotSealedError
        await connection.execute(table.update().where(table.c.id == row["id"]).values(values))
        await connection.execute(salts.delete().where(salts.c.seq == row["seq"]))
        head = add_link(session, head, AGAIN + record, {**row, **values})
        changed += 1
    return changed, rows[-1]["id"] if len(rows) == WINDOW else None

"""Who holds a row of the inbox or the outbox, and until when.

A claim counts the row's ``claims`` up. Whoever writes down what became of the row compares that
count in the same transaction: a process that stood still for longer than its lease, while another
took the row over, finds that it holds it no more and writes nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database import Database
from storage.models import Inbox, Outbox


class TakenOver(Exception):
    """Another claim has the row, or somebody ended it: its outcome is not ours to record."""


async def take(session: AsyncSession, row: Inbox | Outbox, **values: Any) -> None:
    """Change the row by ``values`` and keep it locked until the transaction ends.

    Raises TakenOver when it is not held by the claim that ``row`` was read under.
    """
    table = type(row)
    ours = (col(table.id) == row.id, col(table.state) == "pending", col(table.claims) == row.claims)
    held = update(table).where(*ours).values(**(values or {"claims": row.claims}))
    if not (await session.exec(held)).rowcount:
        raise TakenOver


@asynccontextmanager
async def holding(
    database: Database, row: Inbox | Outbox, **values: Any
) -> AsyncIterator[AsyncSession]:
    """A transaction of whoever holds the row; ``values`` and the rest are written or neither.

    Raises TakenOver before anything is written.
    """
    async with database.write() as session:
        await take(session, row, **values)
        yield session

"""Who holds a row of the inbox or the outbox, and until when.

A claim counts the row's ``claims`` up. To write down what became of the row is to compare that
count in the same transaction: a process that stood still for longer than its lease, while another
took the row over, finds that it holds it no more and writes nothing. A lease that has ended but was
not taken over is still good for recording.

Leases go by the database's clock, on SQLite by the machine's (``Database.time``), never by the time
of the cases. ``bot/operations/time_watch.py`` calls ``pull_back`` when that clock was set.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.states import OutboxState
from storage.database import Database
from storage.models import Inbox, Outbox

PENDING = OutboxState.PENDING  # the same value in both tables
MARGIN = timedelta(seconds=5)  # how much farther ahead than the longest wait is still no mistake


class TakenOver(Exception):
    """Another claim has the row, or it was ended by hand: its outcome is not ours to record."""


async def take_lease(session: AsyncSession, row: Inbox | Outbox, **values: Any) -> None:
    """Change the row by ``values`` and keep it locked until the transaction ends.

    Raises TakenOver when it is not held by the claim that ``row`` was read under. Without
    ``values`` it is only locked.
    """
    table = type(row)
    ours = (col(table.id) == row.id, col(table.state) == PENDING, col(table.claims) == row.claims)
    held = update(table).where(*ours).values(**(values or {"claims": row.claims}))
    if not (await session.exec(held)).rowcount:
        raise TakenOver


class Longest(NamedTuple):
    """How long anything waits at most: a lease of either table, and a row to be tried again."""

    outbox: timedelta
    inbox: timedelta
    wait: timedelta


class _Change(NamedTuple):
    table: type[Inbox] | type[Outbox]
    where: list[Any]
    values: dict[str, Any]


@asynccontextmanager
async def holding_lease(
    database: Database, row: Inbox | Outbox, **values: Any
) -> AsyncIterator[AsyncSession]:
    """Open a transaction for the holder of the row; ``values`` and the rest are written or neither.

    Raises TakenOver before anything is written.
    """
    async with database.write() as session:
        await take_lease(session, row, **values)
        yield session


async def pull_back(
    database: Database, machine: datetime, longest: Longest, *, jumped: bool = False
) -> int:
    """Put right what would wait for a clock to come round; answers how many rows did.

    What a row says beyond the ``longest`` that anything ever waits was written by a clock that was
    put back since. A lease then ends as if it began now, and what waits to be tried again is tried
    now; when it is known that the clock ``jumped`` back, so is everything that waits.
    """
    async with database.read() as session:
        now = await database.time(session, machine)
        changes = _changes(now, longest, timedelta(0) if jumped else MARGIN, jumped=jumped)
        wrong = [
            change
            for change in changes
            if (await session.exec(select(change.table.id).where(*change.where).limit(1))).first()
        ]
    if not wrong:
        return 0
    async with database.write() as session:
        done = [
            await session.exec(update(change.table).where(*change.where).values(**change.values))
            for change in wrong
        ]
    return sum(each.rowcount for each in done)


def _changes(now: datetime, longest: Longest, margin: timedelta, *, jumped: bool) -> list[_Change]:
    """What is set back of rows whose waiting or lease lies further ahead than any can.

    ``jumped``: the machine's clock has, so nothing may wait for it.
    """
    waits = now if jumped else now + longest.wait + margin
    found = [_Change(Outbox, _after(Outbox, Outbox.not_before, waits), {"not_before": None})]
    for table, lease in ((Outbox, longest.outbox), (Inbox, longest.inbox)):
        where = _after(table, table.lease_until, now + lease + margin)
        found.append(_Change(table, where, {"lease_until": now + lease}))
    return found


def _after(table: type[Inbox] | type[Outbox], column: Any, instant: datetime) -> list[Any]:
    return [col(table.state) == PENDING, col(column) > instant]

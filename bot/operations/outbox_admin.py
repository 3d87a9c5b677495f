"""What a person decides about effects that do not get through: try again, or give up.

The command line and nothing else calls this. Both wake the replicas on PostgreSQL; on SQLite the
running process finds the change at its next poll.
"""

from collections.abc import Sequence

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import TimeSource
from bot.operations.terminal_actions import note_action
from bot.rules.states import OutboxState
from storage import wakeups
from storage.database import Database
from storage.models import Outbox

OPEN = (OutboxState.PENDING, OutboxState.REFUSED)  # what is still to be decided about


async def list_waiting(database: Database, limit: int = 200) -> Sequence[Outbox]:
    """Effects that wait or were refused, the oldest first."""
    query = select(Outbox).where(col(Outbox.state).in_(OPEN)).order_by(col(Outbox.id))
    async with database.read() as session:
        return (await session.exec(query.limit(limit))).all()


async def retry_effect(database: Database, row_id: int, by: str) -> list[int]:
    """Try an effect again now, with those that were refused because it was; return their ids.

    Empty when the row is neither pending nor refused. Their count of tries starts anew; that they
    were attempted is remembered, so performers look before they repeat. ``by`` is noted.
    """
    async with database.write() as session:
        rows = await _with_dependents(session, row_id)
        if rows:
            _note(session, by, "outbox retry", rows)
        for row in rows:
            row.state, row.error = OutboxState.PENDING, ""
            row.attempts, row.not_before, row.done_at = 0, None, None
            # The lease stays: the process that holds the row is trying it at this moment.
            session.add(row)
        if not database.is_sqlite:
            await wakeups.notify_replicas(session, wakeups.OUTBOX)
        return [row.id for row in rows]


async def drop_effect(database: Database, clock: TimeSource, row_id: int, by: str) -> bool:
    """Give an effect up; what comes behind it in its lane goes on. False if it is not open.

    ``by`` says who decided it; the row keeps that in place of its last error, and it is noted. A
    delivery that is under way at that moment cannot record its outcome any more, so what it said
    may be in Slack all the same.
    """
    async with database.write() as session:
        query = select(Outbox).where(col(Outbox.id) == row_id, col(Outbox.state).in_(OPEN))
        row = (await session.exec(query.with_for_update())).one_or_none()
        if row is None:
            return False
        row.state, row.lease_until, row.done_at = OutboxState.DROPPED, None, clock.now()
        _note(session, by, "outbox drop", [row])
        row.error = f"given up by {by}"
        session.add(row)
        if not database.is_sqlite:
            await wakeups.notify_replicas(session, wakeups.OUTBOX)
        return True


def _note(session: AsyncSession, by: str, command: str, rows: Sequence[Outbox]) -> None:
    """Put the decision on record: ``rows`` (ids), ``kinds``, and the last error of the first."""
    kinds = sorted({row.kind for row in rows})
    about = {"rows": [row.id for row in rows], "kinds": kinds, "error": rows[0].error}
    note_action(session, by, command, about, rows[0].case_number)


async def _with_dependents(session: AsyncSession, row_id: int) -> list[Outbox]:
    """Return the row if it is open, and every refused one that waited for it; all locked."""
    found: list[Outbox] = []
    ids = {row_id}
    while ids:
        wanted = or_(
            col(Outbox.id) == row_id,
            (col(Outbox.after).in_(ids)) & (col(Outbox.state) == OutboxState.REFUSED),
        )
        query = select(Outbox).where(wanted, col(Outbox.state).in_(OPEN)).with_for_update()
        known = {row.id for row in found}
        fresh = [row for row in (await session.exec(query)).all() if row.id not in known]
        found += fresh
        ids = {row.id for row in fresh}
    return sorted(found, key=lambda row: row.id)

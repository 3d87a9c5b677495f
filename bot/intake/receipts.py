"""From when a case counts that others were merged into, also after one of these is taken back."""

from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.sla import EventKind
from bot.sla import clock_history, clocks
from storage.models import Case, CaseMerge, ClockEvent


async def list_merge_events(work: UnitOfWork, gone: CaseMerge) -> list[int]:
    """The ids of the parent's clock events that rest on this merge alone.

    The start of its clock of replies is none of them: what the customer wrote later, in the parent
    or in another child, rests on it too, and without a message it counts nothing.
    """
    query = select(ClockEvent.id).where(
        col(ClockEvent.id).in_(gone.kept["parent_events"]),
        col(ClockEvent.kind) != EventKind.START.value,
    )
    return list((await work.session.exec(query.order_by(col(ClockEvent.id)))).all())


async def count_receipt_anew(work: UnitOfWork, parent: Case, gone: CaseMerge) -> None:
    """Let the parent count from its own receipt or that of the earliest child that stays.

    The first merge that was not taken back, ``gone`` included, holds the parent's own instants;
    ``kept`` of each later one is rewritten to what the parent would have been without ``gone``. The
    clock events of a child that is now the earliest are appended, and named in its ``kept``.
    """
    query = select(CaseMerge).where(
        col(CaseMerge.parent) == parent.number, col(CaseMerge.undone_at).is_(None)
    )
    rows = (await work.session.exec(query.order_by(col(CaseMerge.id)))).all()
    received, reported = (_read_instant(rows[0].kept[name]) for name in ("received", "reported"))
    assert received is not None  # every case was received
    for row in rows:
        if row is not gone:
            child = await work.session.get_one(Case, row.child)
            kept = {
                **row.kept,
                "received": plain_instant(received),
                "reported": plain_instant(reported),
            }
            was = datetime.fromisoformat(row.kept["received"])
            if was <= child.received_at < received:
                events = await move_receipt(work, parent, child)
                kept["parent_events"] = [*kept["parent_events"], *events]
            row.kept = kept
            work.session.add(row)
            received = min(received, child.received_at)
            reported = earlier_instant(reported, child.reported_at)
    parent.received_at, parent.reported_at = received, reported


async def move_receipt(work: UnitOfWork, parent: Case, child: Case) -> list[int]:
    """Have the parent's clocks of the receipt that still run count from the child's.

    Answers the ids of the clock events.
    """
    before = await clock_history.newest_event(work, parent)
    for kind in clocks.AT_RECEIPT:
        if await clock_history.is_running(work, parent, kind):
            received = child.received_at
            await clocks.append_event(
                work, parent, EventKind.MERGE_IN, clock=kind, received_at=received
            )
    return await clock_history.events_since(work, parent, before)


def earlier_instant(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two instants, or the one that is known."""
    return min(filter(None, (one, other)), default=None)


def plain_instant(value: Any) -> Any:
    """An instant in ISO 8601, so that it can be kept as JSON; anything else as it is."""
    return value.isoformat() if isinstance(value, datetime) else value


def _read_instant(text: str | None) -> datetime | None:
    """The instant that ``plain_instant`` wrote; None for None."""
    return datetime.fromisoformat(text) if text else None

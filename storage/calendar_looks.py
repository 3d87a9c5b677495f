"""Entries of calendars are looked at again when what they follow from changes.

A call that is logged, a flag that is over, a contact that was made: what stores it need not know
that it stands in a calendar. The entry becomes due to be looked at, in the same transaction, and a
row of ``DUE`` compares it with what is owed then. What entries follow from beside this, a case's
owner for instance, is found when they are looked at by time.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, event, inspect, update
from sqlalchemy.orm import Session as AnySession
from sqlmodel import SQLModel, col

from bot.rules.words import ClockKind
from storage.in_hand import NOW
from storage.models import BreachTalk, CalendarEntry, Clock, Flagging, Sponsorship, SponsorTouch
from storage.ranks import AT_ONCE

FOLLOWS: dict[type[SQLModel], tuple[str, ...]] = {
    BreachTalk: ("talked_at", "call_by"),
    Flagging: ("had_by", "ended_at"),
    Clock: ("due", "breached_at", "stopped_at", "state"),
    SponsorTouch: ("done_at", "due_at"),
    Sponsorship: ("sponsor", "deputy", "state"),
}


@event.listens_for(AnySession, "before_flush")
def _look_again(session: AnySession, _context: Any, _objects: Any) -> None:
    """Have the entries looked at that follow from what this flush changes or deletes."""
    for row in [*session.dirty, *session.deleted]:
        names = FOLLOWS.get(type(row))
        if names is None or (isinstance(row, Clock) and row.name != ClockKind.EXECUTIVE_CALL):
            continue
        if row in session.deleted or _changed(row, names):
            entries = update(CalendarEntry).where(col(CalendarEntry.cancelled).is_(False))
            entries = entries.where(_followers(row)).execution_options(synchronize_session=False)
            session.execute(entries.values(look_at=session.info.get(NOW) or AT_ONCE))


def _changed(row: SQLModel, names: Sequence[str]) -> bool:
    """Whether one of the row's fields is another than the one that is stored."""
    attributes = inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in names)


def _followers(row: Any) -> ColumnElement[bool]:
    """Which entries follow from the row: by case, or by membership."""
    owner, number = CalendarEntry.membership, 0
    if isinstance(row, Sponsorship):
        number = row.id
    elif isinstance(row, SponsorTouch):
        number = row.sponsorship
    else:
        owner, number = CalendarEntry.case_number, row.case_number
    return col(owner) == number

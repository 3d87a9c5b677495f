"""What one person owes a customer by a time, and where it stands in their calendar. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.rules.sponsorship.quarters import last_minute

MINUTES = 30  # how long an entry is
QUARTER_OF_AN_HOUR = timedelta(minutes=15)
MORNING = time(9)
SATURDAY = 5


class EntryKind(StrEnum):
    """What is owed; the values are stored, and name the entry's texts."""

    BREACH_CALL = "breach_call"  # after a missed promise
    EXECUTIVE_CALL = "executive_call"  # after the flag
    TOUCH = "touch"  # a sponsor's contact


CALLS = (EntryKind.BREACH_CALL, EntryKind.EXECUTIVE_CALL)


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed: by whom, by when, and by which row (``subject``); ``named``: with a customer.

    ``due`` of a contact is the end of its day.
    """

    kind: EntryKind
    subject: int
    by: str
    due: datetime
    named: bool


def place_entry(owed: Owed, now: datetime, zone: ZoneInfo) -> datetime:
    """When the entry begins, in UTC: so that it ends when the call is due at the latest.

    A contact has its day, a weekday, at nine in the morning. What would have begun by now begins at
    the next quarter of an hour.
    """
    begins = owed.due - timedelta(minutes=MINUTES)
    if owed.kind is EntryKind.TOUCH:
        day = last_minute(owed.due).astimezone(zone).date()
        day -= timedelta(days=max(day.weekday() - SATURDAY + 1, 0))
        begins = datetime.combine(day, MORNING, zone)
    begins = begins.astimezone(ZoneInfo("UTC"))
    return begins if begins > now else _next_quarter(now)


def _next_quarter(now: datetime) -> datetime:
    hour = now.replace(minute=0, second=0, microsecond=0)
    passed = (now - hour) // QUARTER_OF_AN_HOUR
    return hour + QUARTER_OF_AN_HOUR * (passed + 1)

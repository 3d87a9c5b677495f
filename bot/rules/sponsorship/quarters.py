"""When a sponsor's touches are due, and how many of them were made in time. Pure.

A quarter is three months of the membership, counted from the day on which it began, not one of the
calendar: so an account that joins at the end of one is not late at once.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

QUARTER = 3  # months between two touches
REMIND_BEFORE = timedelta(days=14)
REMIND_AGAIN = timedelta(days=7)  # while a touch is late


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the last day of that month where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which the day ends there, in UTC."""
    following = datetime.combine(day + timedelta(days=1), time(), zone)
    return following.astimezone(ZoneInfo("UTC"))


def last_minute(due: datetime) -> datetime:
    """A minute before the end of a day, by which people read which day is meant, not the next."""
    return due - timedelta(minutes=1)


def touch_due(began: date, number: int, zone: ZoneInfo) -> datetime:
    """Until when the touch of the quarter ``number``, from 1, of a membership is due."""
    return end_of_day(add_months(began, QUARTER * number), zone)


@dataclass(frozen=True, slots=True)
class Adherence:
    """``made`` of the ``due`` touches were made in time; a late one stays missed."""

    made: int = 0
    due: int = 0

    @property
    def percent(self) -> int | None:
        """The share in whole percent; None while nothing was due."""
        return round(100 * self.made / self.due) if self.due else None


def count_adherence(
    touches: Iterable[tuple[datetime | None, datetime | None]], now: datetime
) -> Adherence:
    """Count pairs of when a touch was due and when it was made, None for not at all.

    One that is still to come counts only once it was made; one beyond those due never does.
    """
    made = due = 0
    for due_at, done_at in touches:
        if due_at is None or (done_at is None and due_at > now):
            continue
        due += 1
        made += done_at is not None and done_at <= due_at
    return Adherence(made, due)

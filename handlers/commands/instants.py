"""The instant that a typed time names, by the clock of the person who typed it.

A day without a time begins at ``MORNING``. Apart from reading the words (``when``), which `check`
does without the rest of the program.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import UserError
from handlers.commands.when import TypedTime, parse_time

MORNING = time(9)
HALF_YEAR = timedelta(days=183)  # a day without a year that is gone for less is a mistake


def resolve_time(
    text: str, now: datetime, zone: ZoneInfo, since: datetime | None = None
) -> datetime:
    """The instant that a text names for a person of that zone, in UTC; after ``since`` or now.

    A time that the clock leaves out, as it is put forward, is as much later; of one that comes
    twice the first is meant. Raises UserError ``odd_time``, ``odd_day``, ``time_past``, each with
    ``said``, and the last with ``at``, as it was understood; ``away_backwards`` for what does not
    come after ``since``.
    """
    found, here = parse_time(text), (since or now).astimezone(zone)
    if found is None:
        raise UserError("odd_time", said=text)
    try:
        local = _local(found, here)
    except ValueError:
        raise UserError("odd_day", said=text) from None
    at = (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
    if at <= now:
        raise UserError("time_past", said=text, at=at)
    if since is not None and at <= since:
        raise UserError("away_backwards")
    return at


def _local(found: TypedTime, here: datetime) -> datetime:
    """The wall clock's time that is meant, or an instant; ValueError for a day that is not."""
    today, at = here.date(), found.at or MORNING
    if found.span is not None:
        return here + found.span if found.by_wall else here.astimezone(UTC) + found.span
    if found.ahead is not None:
        return datetime.combine(today + timedelta(days=found.ahead), at)
    if found.weekday is not None:
        return datetime.combine(_weekday(found, here), at)
    if found.day is not None:
        return datetime.combine(_date(found.day, today), at)
    days = 0 if datetime.combine(today, at) > here.replace(tzinfo=None) else 1
    return datetime.combine(today + timedelta(days=days), at)


def _weekday(found: TypedTime, here: datetime) -> date:
    """The next day of that name: never today, unless a time of it was typed that is to come."""
    today, wanted = here.date(), found.weekday or 0
    if found.following:
        return today + timedelta(days=7 - today.weekday() + wanted)
    ahead = (wanted - today.weekday()) % 7
    later = found.at is not None and datetime.combine(today, found.at) > here.replace(tzinfo=None)
    return today + timedelta(days=ahead if ahead or later else 7)


def _date(day: tuple[int | None, int, int], today: date) -> date:
    """The date; without a year the next one, unless it is past by less than half a year."""
    year, month, number = day
    if year is not None:
        return date(year, month, number)
    if (month, number) == (2, 29):  # the next year that has one
        year = next(y for y in range(today.year, today.year + 9) if y % 4 == 0)
        return date(year, month, number)
    this = date(today.year, month, number)
    return this if this >= today or today - this < HALF_YEAR else this.replace(year=this.year + 1)

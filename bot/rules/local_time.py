"""Time zones by name, and instants that people can remember. Pure."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

QUARTER = timedelta(minutes=15)


def known_zone(name: str) -> ZoneInfo:
    """The zone of this IANA name; UTC where there is none. Texts name the zone they use.

    Names come from the policy and from Slack's profiles, so one may be unknown here, be empty or be
    no name at all.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def begin_of_quarter(instant: datetime) -> datetime:
    """The last quarter of an hour up to ``instant``, by the clock of its zone.

    ``instant`` itself where it is one; the answer is in the same zone.
    """
    return instant - (instant - datetime.min.replace(tzinfo=instant.tzinfo)) % QUARTER


def round_down_to_quarter(instant: datetime, after: datetime) -> datetime:
    """The last quarter of an hour up to ``instant``; ``instant`` where that is not after ``after``.

    ``after`` is now: a promise is made at a time that people remember, and never in the past.
    """
    rounded = begin_of_quarter(instant)
    return rounded if rounded > after else instant


def local_day(instant: datetime, timezone: str) -> date:
    """The day that an instant falls on in a zone; an unknown zone counts as UTC."""
    return instant.astimezone(known_zone(timezone)).date()


def months_before(instant: datetime, months: int) -> datetime:
    """The same instant of the day so many months earlier; the last day of a shorter month."""
    count = instant.year * 12 + instant.month - 1 - months
    year, month = divmod(count, 12)
    last = monthrange(year, month + 1)[1]
    return instant.replace(year=year, month=month + 1, day=min(instant.day, last))

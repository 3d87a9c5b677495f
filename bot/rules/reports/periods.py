"""Which days a report is of, as people name them: a year, a quarter, a month, days up to today.

A period is of whole days in the organisation's zone.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from bot.rules.local_time import known_zone

QUARTERS = 4
MONTHS = 3  # of a quarter
DAYS_MAX = 1096  # of a period of days: three years
EARLIEST = 2000  # a year before this is a slip of the finger

YEAR = re.compile(r"(\d{4})", re.ASCII)
MONTH = re.compile(r"(\d{4})-(\d{1,2})", re.ASCII)
QUARTER = re.compile(r"(?:(\d{4})[ -]?q([1-4])|q([1-4])[ -]?(\d{4}))", re.ASCII)
DAYS = re.compile(r"(\d{1,4})\s?d", re.ASCII)
LAST = "last"  # the last whole quarter


class PeriodKind(StrEnum):
    """How a period is named."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both ends included; ``begins`` and ``ends`` are the instants around them.

    ``begins`` belongs to it, ``ends`` to the next; both are aware, in UTC.
    """

    kind: PeriodKind
    first: date
    last: date
    zone: str

    @property
    def begins(self) -> datetime:
        """The first instant of it."""
        return _midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The first instant after it."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def key(self) -> str:
        """How it is typed: ``2026``, ``2026-Q3``, ``2026-07``, ``90d``."""
        match self.kind:
            case PeriodKind.YEAR:
                return f"{self.first.year}"
            case PeriodKind.QUARTER:
                return f"{self.first.year}-Q{(self.first.month - 1) // MONTHS + 1}"
            case PeriodKind.MONTH:
                return f"{self.first.year}-{self.first.month:02}"
            case PeriodKind.DAYS:
                return f"{(self.last - self.first).days + 1}d"

    def holds(self, instant: datetime | None) -> bool:
        """Whether something took place in it."""
        return instant is not None and self.begins <= instant < self.ends

    def until(self, now: datetime) -> datetime:
        """Until when it is told: its end, or now while it goes on."""
        return min(self.ends, now)


@lru_cache(maxsize=1024)
def _midnight(day: date, zone: str) -> datetime:
    """When a day begins in a zone, in UTC; asked for each of a million cycles."""
    return datetime.combine(day, time(), known_zone(zone)).astimezone(UTC)


def read_period(typed: str, today: date, zone: str) -> Period | None:
    """The period that a person typed; None for what names none, or lies ahead.

    ``2026``, ``2026-Q3`` or ``Q3 2026``, ``2026-07``, ``90d`` up to today, ``last`` for the last
    whole quarter. Empty: the quarter that goes on. Case does not matter.
    """
    words = typed.strip().casefold()
    found = quarter_of(today, zone) if not words else _read(words, today, zone)
    return found if found is not None and found.first <= today else None


def read_stored(key: str, zone: str) -> Period:
    """The period of a key that is stored, its days in that zone; none of them lies ahead."""
    found = read_period(key, date.max, zone)
    assert found is not None
    return found


def names_period(typed: str) -> bool:
    """Whether words look like a period, though there may be none such.

    So a command takes ``2026-13`` for a wrong period, not for a customer's name.
    """
    words = typed.strip().casefold()
    return any(each.fullmatch(words) for each in (YEAR, MONTH, QUARTER, DAYS))


def _read(words: str, today: date, zone: str) -> Period | None:
    """The period of words that are not empty, also one that lies ahead."""
    if words == LAST:
        return period_before(quarter_of(today, zone))
    if match := DAYS.fullmatch(words):
        days = int(match[1])
        if not 0 < days <= DAYS_MAX:
            return None
        return Period(PeriodKind.DAYS, today - timedelta(days=days - 1), today, zone)
    if match := QUARTER.fullmatch(words):
        year, number = int(match[1] or match[4]), int(match[2] or match[3])
        return _quarter(year, number, zone) if year >= EARLIEST else None
    if match := MONTH.fullmatch(words):
        year, month = int(match[1]), int(match[2])
        return _month(year, month, zone) if year >= EARLIEST and 1 <= month <= 12 else None
    if (match := YEAR.fullmatch(words)) and int(match[1]) >= EARLIEST:
        return Period(PeriodKind.YEAR, date(int(match[1]), 1, 1), date(int(match[1]), 12, 31), zone)
    return None


def quarter_of(day: date, zone: str) -> Period:
    """The quarter of the calendar in which a day lies."""
    return _quarter(day.year, (day.month - 1) // MONTHS + 1, zone)


def period_before(period: Period) -> Period:
    """As much time just before it, named alike, to compare with."""
    day = period.first - timedelta(days=1)
    match period.kind:
        case PeriodKind.QUARTER:
            return quarter_of(day, period.zone)
        case PeriodKind.MONTH:
            return _month(day.year, day.month, period.zone)
        case PeriodKind.YEAR:
            return Period(PeriodKind.YEAR, date(day.year, 1, 1), day, period.zone)
        case PeriodKind.DAYS:
            length = period.last - period.first
            return Period(PeriodKind.DAYS, day - length, day, period.zone)


def months_of(period: Period) -> Iterator[Period]:
    """The months of the calendar that touch it, the first first."""
    year, month = period.first.year, period.first.month
    while date(year, month, 1) <= period.last:
        yield _month(year, month, period.zone)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _quarter(year: int, number: int, zone: str) -> Period:
    """The quarter with this number, 1 to 4."""
    last = _month(year, number * MONTHS, zone).last
    return Period(PeriodKind.QUARTER, date(year, (number - 1) * MONTHS + 1, 1), last, zone)


def _month(year: int, month: int, zone: str) -> Period:
    """A month, from its first to its last day."""
    last = date(year, month, monthrange(year, month)[1])
    return Period(PeriodKind.MONTH, date(year, month, 1), last, zone)

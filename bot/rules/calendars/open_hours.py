"""Open time as integers: how much of any stretch of time was open, without walking its days.

An ``Office`` says when one place works. ``OpenHours`` joins offices and keeps, block by block of 52
weeks, the open time before each week. A week in which no office has a holiday, a special day or a
change of offset is looked up, not built: all such weeks share one table. Instants here are whole
microseconds since 1970-01-01T00:00Z; calendar.py turns them into datetimes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

Spans = tuple[tuple[int, int], ...]  # (opens, closes) in minutes after local midnight
Instants = list[tuple[int, int]]  # (opens, closes) in microseconds, half-open, sorted, disjoint

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000  # microseconds
WEEK = 7 * DAY
FIRST_MONDAY = 4 * DAY  # 1970-01-05
WEEKS = 52  # in a block
DAY_MINUTES = 24 * 60
ALL_DAY: Spans = ((0, DAY_MINUTES),)
ALWAYS = (ALL_DAY,) * 7
# A window may run past midnight and offsets span -12..+14 h: a UTC week is touched by these dates.
DAYS_BEFORE, DAYS_AFTER = 3, 9
CLOSED_BLOCKS_MAX = 20  # about as many years; no office closes so long to open again
FIRST_BLOCK, LAST_BLOCK = -1900, 8000  # about the years 73 and 9945; datetime ends at 9999


class CalendarError(ValueError):
    """A calendar cannot be understood, or never opens again."""


def to_micros(instant: datetime) -> int:
    """Microseconds since the epoch; raises ``ValueError`` for a naive datetime."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a zone: {instant.isoformat()}")
    return (instant - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC datetime of so many microseconds since the epoch; OverflowError after 9999."""
    return EPOCH + timedelta(microseconds=micros)


@lru_cache(maxsize=1024)
def public_holidays(
    country: str, subdiv: str | None, year: int, language: str | None = None
) -> dict[date, str]:
    """The public holidays of a country in one year with their names, from the ``holidays`` library.

    Names are in the language ("en", "el") where the library has it for the country, else in the
    country's own.

    Raises NotImplementedError for a country or part that the library does not know; whoever reads
    a calendar has asked bot/rules/calendars/countries.py before.
    """
    law = holidays.country_holidays(country, subdiv=subdiv)
    spoken = getattr(law, "supported_languages", ())
    named = next((name for name in spoken if language and name.startswith(language)), None)
    return dict(holidays.country_holidays(country, subdiv=subdiv, years=year, language=named))


@dataclass(frozen=True)
class Office:
    """When one place works; special days beat holidays, holidays beat the weekly hours.

    ``weekly`` has seven entries from Monday. A span that closes after 1440 minutes runs into the
    next date and belongs to the date on which it opened.
    """

    zone: str
    weekly: tuple[Spans, ...] = ALWAYS
    holidays: frozenset[date] = frozenset()
    special_days: tuple[tuple[date, Spans], ...] = ()
    country: str | None = None
    subdiv: str | None = None

    @cached_property
    def tz(self) -> ZoneInfo:
        """The zone's rules."""
        return ZoneInfo(self.zone)

    @cached_property
    def _special(self) -> dict[date, Spans]:
        return dict(self.special_days)

    @property
    def never_closes(self) -> bool:
        """Whether it is open at every instant."""
        return self.weekly == ALWAYS and not (self.holidays or self.special_days or self.country)

    def is_holiday(self, day: date) -> bool:
        """Whether the date is a holiday by the list or by the country's law."""
        if day in self.holidays:
            return True
        return bool(self.country) and day in public_holidays(
            str(self.country), self.subdiv, day.year
        )

    def is_exception(self, day: date) -> bool:
        """Whether the date differs from its weekday's usual hours by rule."""
        return day in self._special or self.is_holiday(day)

    def spans(self, day: date) -> Spans:
        """The hours that rule on a date, in minutes after local midnight."""
        special = self._special.get(day)
        if special is not None:
            return special
        return () if self.is_holiday(day) else self.weekly[day.weekday()]

    def instant(self, day: date, minutes: int) -> int:
        """The instant of a wall time.

        In a gap the offset before it counts, in a fold the first time counts (RFC 5545 §3.3.5),
        which is what ``fold=0`` means.
        """
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        return to_micros(wall.replace(tzinfo=self.tz))

    def exists(self, day: date) -> bool:
        """Whether the date occurs in the zone at all; Apia had no 2011-12-30."""
        return self.local_date(self.instant(day, 0)) == day

    def local_date(self, micros: int) -> date:
        """The date on the wall at an instant."""
        return from_micros(micros).astimezone(self.tz).date()

    def day(self, day: date) -> Instants:
        """The date's open stretches as instants; none on a date that the zone skipped."""
        spans = self.spans(day)
        if not spans or not self.exists(day):
            return []
        return merge_spans(
            [(self.instant(day, opens), self.instant(day, ends)) for opens, ends in spans]
        )

    def week_offsets(self, first_day: date) -> list[int | None]:
        """For each week of a block, the one offset that holds around it; None if it is special.

        In microseconds. ``first_day`` is the Monday on which the block begins.
        """
        days = range(-DAYS_BEFORE, 7 * (WEEKS - 1) + DAYS_AFTER + 1)
        facts = [self._usual_offset(first_day + timedelta(days=n)) for n in days]
        around = DAYS_BEFORE + DAYS_AFTER + 1
        spans = (set(facts[start : start + around]) for start in range(0, 7 * WEEKS, 7))
        return [span.pop() if len(span) == 1 else None for span in spans]

    def _usual_offset(self, day: date) -> int | None:
        """The offset in microseconds as the date begins; None on an exceptional date."""
        if self.is_exception(day):
            return None
        offset = datetime(day.year, day.month, day.day, tzinfo=self.tz).utcoffset()
        return (offset or timedelta()) // MICROSECOND


def merge_spans(stretches: Instants) -> Instants:
    """Sorted, without empty ones, overlapping or touching ones joined."""
    joined: Instants = []
    for opens, closes in sorted(stretches):
        if closes <= opens:
            continue
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined


class Steps(NamedTuple):
    """Open stretches with the open time before each, so that time can be looked up both ways."""

    opens: tuple[int, ...]
    closes: tuple[int, ...]
    before: tuple[int, ...]  # one longer than opens; the last is the total

    @classmethod
    def of(cls, stretches: Instants) -> "Steps":
        """The steps of sorted, disjoint stretches."""
        lengths = [closes - opens for opens, closes in stretches]
        opens, closes = (tuple(s[side] for s in stretches) for side in (0, 1))
        return cls(opens, closes, (0, *accumulate(lengths)))

    def spent(self, at: int) -> int:
        """The open time before an instant, which is counted from the start of the week."""
        n = bisect_right(self.opens, at)
        if n == 0:
            return 0
        return self.before[n - 1] + min(at, self.closes[n - 1]) - self.opens[n - 1]

    def reach(self, amount: int) -> int:
        """The first instant before which so much time was open; 0 < amount <= total."""
        n = bisect_left(self.before, amount) - 1
        return self.opens[n] + amount - self.before[n]


class Block(NamedTuple):
    """52 weeks: the table of each week and the open time before it."""

    weeks: tuple[Steps, ...]
    before: tuple[int, ...]  # one longer than weeks; the last is the total


class OpenHours:
    """The joint open time of some offices; tables are built once, when first asked for.

    A process keeps one for each set of offices (``open_hours``), at most 256.
    """

    def __init__(self, offices: tuple[Office, ...]) -> None:
        self.offices = offices
        self.never_closes = any(office.never_closes for office in offices)
        self._blocks: dict[int, Block] = {}
        self._plain: dict[tuple[int, ...], Steps] = {}

    def between(self, start: int, end: int) -> int:
        """The open microseconds from start to end; negative when end comes first.

        Raises CalendarError for instants far outside the years 73 to 9945, unless it never closes.
        """
        if end < start:
            return -self.between(end, start)
        if self.never_closes:
            return end - start
        first, last = _block_of(start), _block_of(end)
        whole = sum(self._block(n).before[-1] for n in range(first, last))
        return whole + self._spent(last, end) - self._spent(first, start)

    def add(self, start: int, budget: int) -> int:
        """The first instant at which the budget is used up.

        Raises:
            CalendarError: The hours do not open for so long again.

        """
        if budget <= 0 or self.never_closes:
            return start + max(budget, 0)
        number = _block_of(start)
        need = self._spent(number, start) + budget
        closed = 0
        while need > (total := self._block(number).before[-1]):
            need -= total
            number += 1
            closed = 0 if total else closed + 1
            if closed > CLOSED_BLOCKS_MAX:
                raise CalendarError("these hours do not open again")
        block = self._block(number)
        week = bisect_left(block.before, need) - 1
        return _week_start(number, week) + block.weeks[week].reach(need - block.before[week])

    def stretches(self, start: int, end: int) -> Instants:
        """The open stretches between two instants, cut to them."""
        if self.never_closes:
            return [(start, end)] if start < end else []
        found: Instants = []
        for index in range((start - FIRST_MONDAY) // WEEK, (end - FIRST_MONDAY) // WEEK + 1):
            number, week = divmod(index, WEEKS)
            begin = _week_start(number, week)
            steps = self._block(number).weeks[week]
            for opens, closes in zip(steps.opens, steps.closes, strict=True):
                found.append((max(begin + opens, start), min(begin + closes, end)))
        return merge_spans(found)

    def _spent(self, number: int, at: int) -> int:
        block = self._block(number)
        week, within = divmod(at - _week_start(number, 0), WEEK)
        return block.before[week] + block.weeks[week].spent(within)

    def _block(self, number: int) -> Block:
        block = self._blocks.get(number)
        if block is None:
            if not FIRST_BLOCK <= number <= LAST_BLOCK:
                raise CalendarError("these hours do not open for so long before the year 9945")
            weeks = tuple(self._weeks(number))
            block = Block(weeks, (0, *accumulate(week.before[-1] for week in weeks)))
            self._blocks[number] = block
        return block

    def _weeks(self, number: int) -> Iterator[Steps]:
        """The 52 tables of a block; weeks with the same offsets in every office share one."""
        first_day = from_micros(_week_start(number, 0)).date()
        offsets = zip(*(office.week_offsets(first_day) for office in self.offices), strict=True)
        for week, around in enumerate(offsets):
            plain = tuple(offset for offset in around if offset is not None)
            if len(plain) < len(around):
                yield self._build_week(_week_start(number, week))
                continue
            if plain not in self._plain:
                self._plain[plain] = self._build_week(_week_start(number, week))
            yield self._plain[plain]

    def _build_week(self, begin: int) -> Steps:
        """The table of one week from Monday 00:00 UTC, made from the dates around it."""
        first_day = from_micros(begin).date()
        around = [first_day + timedelta(days=n) for n in range(-DAYS_BEFORE, DAYS_AFTER + 1)]
        all_days = merge_spans(
            [s for office in self.offices for day in around for s in office.day(day)]
        )
        return Steps.of(
            [
                (max(opens - begin, 0), min(closes - begin, WEEK))
                for opens, closes in all_days
                if opens < begin + WEEK and closes > begin
            ]
        )


def _block_of(at: int) -> int:
    """The number of the block that an instant lies in; block 0 begins on Monday 1970-01-05."""
    return (at - FIRST_MONDAY) // (WEEK * WEEKS)


def _week_start(number: int, week: int) -> int:
    return FIRST_MONDAY + (number * WEEKS + week) * WEEK


@lru_cache(maxsize=256)
def open_hours(offices: tuple[Office, ...]) -> OpenHours:
    """One table for equal offices, however many calendars name them."""
    return OpenHours(offices)

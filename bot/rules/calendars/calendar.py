"""Calendars: when time counts, and the arithmetic on it (rules R1, R2, R10 of docs/clocks.md).

A calendar is one office or the union of several (follow the sun). Stretches are half-open, built
for each local date in the office's own zone, so that no offset is ever frozen. Everything is a pure
function of its arguments; the tables behind it are kept per set of offices. Instants must be aware;
answers are UTC. A naive one raises ValueError.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.rules.calendars.office_spec import (
    read_office,
    read_zone,
    refuse_unknown_keys,
    write_office,
)
from bot.rules.calendars.open_hours import (
    MICROSECOND,
    CalendarError,
    Office,
    OpenHours,
    from_micros,
    open_hours,
    public_holidays,
    to_micros,
)

__all__ = ["Calendar", "CalendarError", "Holiday", "Office"]

CLOSED_DATES_MAX = 3700  # dates; ten years without a single open one means: never


@dataclass(frozen=True)
class Holiday:
    """A date on which an office does not keep its weekly hours; the name is "" when unknown."""

    day: date
    name: str
    zone: str


@dataclass(frozen=True)
class Calendar:
    """Open time in one place or the union of several; equal calendars have equal offices."""

    offices: tuple[Office, ...]

    def __post_init__(self) -> None:
        if not self.offices:
            raise CalendarError("a union needs at least one calendar")

    @classmethod
    def always(cls, zone: str) -> "Calendar":
        """Around the clock; the zone only matters for calendar days."""
        return cls((Office(read_zone(zone)),))

    @classmethod
    def union(cls, calendars: Sequence["Calendar"]) -> "Calendar":
        """Open whenever one of them is; the first one's zone names the dates."""
        return cls(tuple(office for calendar in calendars for office in calendar.offices))

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> "Calendar":
        """Read a calendar as it stands in a vector or in the policy.

        Args:
            spec: ``{tz, weekly_hours: {mon: [["09:00", "17:00"]]} | null, holidays: [dates],
                special_days: {date: [[opens, closes]]}, country, subdiv}`` where null hours mean
                around the clock and a close at or before its opening is on the next date; or
                ``{union: [spec, …]}``.

        Raises:
            CalendarError: A key is unknown or missing, or a value cannot be read; says which.

        """
        if "union" in spec:
            refuse_unknown_keys(spec, ("union",))
            return cls.union([cls.from_spec(member) for member in spec["union"]])
        return cls((read_office(spec),))

    def spec(self) -> dict[str, Any]:
        """What ``from_spec`` reads back to an equal calendar; JSON-ready."""
        specs = [write_office(office) for office in self.offices]
        return specs[0] if len(specs) == 1 else {"union": specs}

    @property
    def key(self) -> str:
        """Twelve characters that differ for different calendars; names one in stored events.

        A hash of ``spec()``: the country's law is not part of it, only its name, so a new release
        of the ``holidays`` library may change what an old key means.
        """
        text = json.dumps(self.spec(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def zone(self) -> str:
        """The IANA zone that names local dates and times; the first one's of a union."""
        return self.offices[0].zone

    @property
    def never_closes(self) -> bool:
        """Whether every instant counts."""
        return self._hours.never_closes

    @property
    def _hours(self) -> OpenHours:
        return open_hours(self.offices)

    def add(self, instant: datetime, budget: timedelta) -> datetime:
        """The earliest instant at which the budget is used up; at closing time that is the close.

        Raises:
            CalendarError: There is not so much open time ahead.
            ValueError: The budget is negative.

        """
        if budget < timedelta():
            raise ValueError("a budget cannot be negative")
        return from_micros(self._hours.add(to_micros(instant), budget // MICROSECOND))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The open time from start to end; negative when end comes first."""
        return self._hours.between(to_micros(start), to_micros(end)) * MICROSECOND

    def windows(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The open stretches between two instants, cut to them, touching ones joined; in order."""
        found = self._hours.stretches(to_micros(start), to_micros(end))
        return [(from_micros(opens), from_micros(closes)) for opens, closes in found]

    def next_open(self, instant: datetime) -> datetime:
        """The first instant from here on at which time counts.

        Raises:
            CalendarError: It never opens again.

        """
        return self.add(instant, MICROSECOND) - MICROSECOND

    def add_days(self, instant: datetime, days: int) -> datetime:
        """The same local time so many dates later, whatever the offset does (R10).

        In the zone of the first office; closed dates count too.
        """
        tz = ZoneInfo(self.zone)
        local = instant.astimezone(tz)
        if days == 0:
            return from_micros(to_micros(instant))
        return from_micros(to_micros((local + timedelta(days=days)).replace(fold=0)))

    def business_day_close(self, instant: datetime, days: int) -> datetime:
        """The close of the day so many business days after the day of an instant.

        Day 0 is the first date with its close still ahead. A date of a union lasts until the last
        of its offices has closed that date.

        Raises:
            CalendarError: There are not so many open days ahead.
        """
        at = to_micros(instant)
        day = min(office.local_date(at) for office in self.offices) - timedelta(days=2)
        closed, counted = 0, -1
        while closed < CLOSED_DATES_MAX:
            close = self._close(day)
            if close is None or close <= at:
                closed += 1
            else:
                closed, counted = 0, counted + 1
                if counted == days:
                    return from_micros(close)
            day += timedelta(days=1)
        raise CalendarError(f"no {days} business days after {instant.isoformat()}")

    def holidays(
        self, start: datetime, end: datetime, language: str | None = None
    ) -> list[Holiday]:
        """The holidays and special days of its offices that fall between two instants, in order.

        ``language`` is a code as in ``public_holidays``; None names them in the country's own
        language.
        """
        found: list[Holiday] = []
        for office in self.offices:
            first, last = office.local_date(to_micros(start)), office.local_date(to_micros(end))
            for day in _exceptions(office, first, last):
                found.append(Holiday(day, _holiday_name(office, day, language), office.zone))
        return sorted(found, key=lambda holiday: holiday.day)

    def _close(self, day: date) -> int | None:
        closes = [stretches[-1][1] for office in self.offices if (stretches := office.day(day))]
        return max(closes, default=None)


def _exceptions(office: Office, first: date, last: date) -> list[date]:
    """The dates from first to last that differ from the weekly hours by rule."""
    listed = {*office.holidays, *(day for day, _ in office.special_days)}
    if office.country:
        for year in range(first.year, last.year + 1):
            listed |= public_holidays(office.country, office.subdiv, year).keys()
    return sorted(day for day in listed if first <= day <= last)


def _holiday_name(office: Office, day: date, language: str | None) -> str:
    if not office.country:
        return ""
    return public_holidays(office.country, office.subdiv, day.year, language).get(day, "")

"""Calendars: when time counts, and the arithmetic on it (rules R1, R2, R10 of docs/clocks.md).

A calendar is one office or the union of several (follow the sun). Stretches are half-open, built
for each local date in the office's own zone, so that no offset is ever frozen. Everything is a pure
function of its arguments; the tables behind it are kept per set of offices. Instants must be aware;
answers are UTC. A naive one raises ValueError.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.rules.calendars.countries import country_problem, part_problem
from bot.rules.calendars.open_hours import (
    ALWAYS,
    DAY_MINUTES,
    MICROSECOND,
    CalendarError,
    Office,
    OpenHours,
    Spans,
    from_micros,
    open_hours,
    public_holidays,
    to_micros,
)

__all__ = ["Calendar", "CalendarError", "Holiday", "Office"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE_KEYS = ("tz", "weekly_hours", "holidays", "special_days", "country", "subdiv")
WALL_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
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
        return cls((Office(_zone(zone)),))

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
            _refuse_unknown(spec, ("union",))
            return cls.union([cls.from_spec(member) for member in spec["union"]])
        return cls((_office(spec),))

    def spec(self) -> dict[str, Any]:
        """What ``from_spec`` reads back to an equal calendar; JSON-ready."""
        specs = [_office_spec(office) for office in self.offices]
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


def _office(spec: Mapping[str, Any]) -> Office:
    """One office of a spec.

    Raises CalendarError; an unknown country is refused here, not when used.
    """
    _refuse_unknown(spec, OFFICE_KEYS)
    if "tz" not in spec:
        raise CalendarError("tz is missing")
    country, subdiv = spec.get("country"), spec.get("subdiv")
    if country:  # an unknown one is refused now, not in January
        if wrong := country_problem(country) or (part_problem(country, subdiv) if subdiv else ""):
            raise CalendarError(wrong)
    elif subdiv:
        raise CalendarError("subdiv needs a country")
    listed, special_days = spec.get("holidays") or (), spec.get("special_days") or {}
    if not isinstance(listed, list | tuple):
        raise CalendarError(f"holidays must be a list of dates, not {listed!r}")
    if not isinstance(special_days, Mapping):
        raise CalendarError(f"special_days must map dates to hours, not be {special_days!r}")
    special = {_date(day): _spans(spans) for day, spans in special_days.items()}
    return Office(
        zone=_zone(spec["tz"]),
        weekly=_weekly(spec.get("weekly_hours")),
        holidays=frozenset(map(_date, listed)),
        special_days=tuple(sorted(special.items())),
        country=country,
        subdiv=subdiv,
    )


def _refuse_unknown(spec: Mapping[str, Any], allowed: Sequence[str]) -> None:
    unknown = [key for key in spec if key not in allowed]
    if unknown:
        raise CalendarError(f"unknown key {unknown[0]!r}; allowed: {', '.join(allowed)}")


def _zone(name: object) -> str:
    try:
        return ZoneInfo(str(name)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CalendarError(f"unknown time zone {name!r}; use an IANA name") from error


def _weekly(hours: Mapping[str, Any] | None) -> tuple[Spans, ...]:
    if hours is None:
        return ALWAYS
    if not isinstance(hours, Mapping):
        raise CalendarError(f"weekly_hours must map weekdays to hours, not be {hours!r}")
    _refuse_unknown(hours, WEEKDAYS)
    return tuple(_spans(hours.get(day) or ()) for day in WEEKDAYS)


def _spans(pairs: object) -> Spans:
    if not isinstance(pairs, list | tuple):
        raise CalendarError(f"hours must be a list of pairs, not {pairs!r}")
    return tuple(sorted(_span(pair) for pair in pairs))


def _span(pair: object) -> tuple[int, int]:
    """Two wall times as minutes after midnight.

    A close at or before its opening is on the next day.
    """
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise CalendarError(f"hours must be a pair of times, not {pair!r}")
    opens, closes = _minutes(pair[0]), _minutes(pair[1])
    if opens in (closes, DAY_MINUTES):
        raise CalendarError(f"hours from {pair[0]} to {pair[1]} are empty")
    return opens, closes if closes > opens else closes + DAY_MINUTES


def _minutes(text: object) -> int:
    if not isinstance(text, str) or not WALL_TIME.fullmatch(text):
        raise CalendarError(f"{text!r} is not a time; write HH:MM from 00:00 to 24:00")
    return int(text[:2]) * 60 + int(text[3:])


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise CalendarError(f"{value!r} is not a date; write YYYY-MM-DD") from error


def _office_spec(office: Office) -> dict[str, Any]:
    weekly = dict(zip(WEEKDAYS, map(_pairs, office.weekly), strict=True))
    spec: dict[str, Any] = {
        "tz": office.zone,
        "weekly_hours": None if office.weekly == ALWAYS else {d: h for d, h in weekly.items() if h},
        "holidays": [day.isoformat() for day in sorted(office.holidays)],
    }
    if office.special_days:
        spec["special_days"] = {d.isoformat(): _pairs(spans) for d, spans in office.special_days}
    if office.country:
        spec["country"] = office.country
    if office.subdiv:
        spec["subdiv"] = office.subdiv
    return spec


def _pairs(spans: Spans) -> list[list[str]]:
    return [[_wall(opens), _wall(closes)] for opens, closes in spans]


def _wall(minutes: int) -> str:
    """``HH:MM``; 24:00 is kept, a close on the next date loses its day."""
    if minutes == DAY_MINUTES:
        return "24:00"
    return time(minutes // 60 % 24, minutes % 60).isoformat("minutes")

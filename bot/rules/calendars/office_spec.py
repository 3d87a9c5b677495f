"""A calendar's offices as policies and stored records write them, both ways."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.rules.calendars.countries import country_problem, part_problem
from bot.rules.calendars.open_hours import ALWAYS, DAY_MINUTES, CalendarError, Office, Spans

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE_KEYS = ("tz", "weekly_hours", "holidays", "special_days", "country", "subdiv")
WALL_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


def read_office(spec: Mapping[str, Any]) -> Office:
    """One office of a spec.

    Raises CalendarError; an unknown country is refused here, not when used.
    """
    refuse_unknown_keys(spec, OFFICE_KEYS)
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
        zone=read_zone(spec["tz"]),
        weekly=_weekly(spec.get("weekly_hours")),
        holidays=frozenset(map(_date, listed)),
        special_days=tuple(sorted(special.items())),
        country=country,
        subdiv=subdiv,
    )


def refuse_unknown_keys(spec: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """Raise CalendarError that names the first key which is not allowed."""
    unknown = [key for key in spec if key not in allowed]
    if unknown:
        raise CalendarError(f"unknown key {unknown[0]!r}; allowed: {', '.join(allowed)}")


def read_zone(name: object) -> str:
    """The IANA name of a zone; CalendarError for one that there is not."""
    try:
        return ZoneInfo(str(name)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CalendarError(f"unknown time zone {name!r}; use an IANA name") from error


def _weekly(hours: Mapping[str, Any] | None) -> tuple[Spans, ...]:
    if hours is None:
        return ALWAYS
    if not isinstance(hours, Mapping):
        raise CalendarError(f"weekly_hours must map weekdays to hours, not be {hours!r}")
    refuse_unknown_keys(hours, WEEKDAYS)
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


def write_office(office: Office) -> dict[str, Any]:
    """The spec from which ``read_office`` makes an equal office."""
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

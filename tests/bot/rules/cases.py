"""Small factories for clock tests: Athens business hours around Tuesday 10 February 2026."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.rules.calendars.calendar import Calendar
from bot.rules.sla import ClockState, Event, EventKind, Target, replay

ATHENS = ZoneInfo("Europe/Athens")
OFFICE_HOURS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
BUSINESS = Calendar.from_spec({"tz": "Europe/Athens", "weekly_hours": OFFICE_HOURS})
NEW_YORK = Calendar.from_spec({"tz": "America/New_York", "weekly_hours": OFFICE_HOURS})
CALENDARS = {
    "business": BUSINESS,
    "always": Calendar.always("Europe/Athens"),
    "new_york": NEW_YORK,
    "holiday_11": Calendar.from_spec(
        {"tz": "Europe/Athens", "weekly_hours": OFFICE_HOURS, "holidays": ["2026-02-11"]}
    ),
}
WAITING = "waiting_customer"


def feb(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of February 2026 by the wall in Athens; the 10th is a Tuesday."""
    return datetime(2026, 2, day, hour, minute, second, tzinfo=ATHENS).astimezone(UTC)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def event(at: datetime, kind: str, **facts: Any) -> Event:
    if "minutes" in facts:
        facts["target"] = Target(minutes=facts.pop("minutes"))
    return Event(at=at, kind=EventKind(kind), **facts)


def start(at: datetime, clock: str = "resolution", minutes: int = 480, **facts: Any) -> Event:
    facts.setdefault("calendar", "business")
    facts.setdefault("target", Target(minutes=minutes))
    return Event(at=at, kind=EventKind.START, clock=clock, **facts)


def pausable(at: datetime, clock: str = "resolution", minutes: int = 480, **facts: Any) -> Event:
    return start(at, clock, minutes, pause_on=(WAITING, "waiting_third_party"), **facts)


def pause(at: datetime, reason: str = WAITING) -> Event:
    return event(at, "pause", reason=reason)


def resume(at: datetime, reason: str = WAITING) -> Event:
    return event(at, "resume", reason=reason)


def state(*events: Event, as_of: datetime | None = None) -> ClockState:
    """The state of the only clock, or of the first one started."""
    name = next(e.clock for e in events if e.clock)
    return replay(events, CALENDARS, as_of)[name]

"""Read what clocks are judged by: calendars, and for each severity its clocks and ladder.

The other sections of a policy are read by load.py. A mistake is recorded in the table and a
stand-in returned, so that every mistake is found in one reading.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.rules.calendars.calendar import Calendar, CalendarError
from bot.rules.calendars.countries import country_problem
from bot.rules.policy.model import ClockPolicy, LadderLevel, SeverityPolicy
from bot.rules.policy.reader import (
    PolicyMistake,
    Table,
    WrongValueError,
    list_of,
    nearest_word,
    one_of,
    whole_number,
    words_parser,
    yes_or_no,
)
from bot.rules.sla import ClockType, EventKind, Target, clock_type
from bot.rules.words import ClockKind, HoldReason, Language, Role, Severity

CALENDAR_KEYS = (
    "tz", "always_open", "union", "weekly_hours", "holidays", "special_days", "country", "subdiv",
)  # fmt: skip
CLOCK_KEYS = ("target", "calendar", "pause_on", "warn_pct", "stop_on", "only_if_breached")
ACTION = "action_item"  # stands among the clocks and is none: the day that is suggested
ACTION_KEYS = frozenset({"target", "calendar"})  # of CLOCK_KEYS those that mean something there
SPAN_FORMS = "15m, 4h, 1h 30m"
TARGET_FORMS = "15m, 4h, 1h 30m, 5 business days, 3 calendar days, none"
DURATION = re.compile(r"(?:(\d+)\s*h)?\s*(?:(\d+)\s*m)?", re.IGNORECASE)
DAYS = re.compile(r"(\d+)\s+(business|calendar)\s+days?")
DEFAULT_WARN_PCT = (50, 75, 90)  # R12
HOLD_REASONS = tuple(reason.value for reason in HoldReason)
PAUSABLE = frozenset({ClockKind.WORKAROUND, ClockKind.RESOLUTION})  # the others never wait
MINUTES_MAX = 366 * 24 * 60  # a year


def parse_timezone(value: object) -> str:
    """An IANA time zone by its key, ``Europe/Athens``; raises WrongValueError for another value."""
    try:
        return ZoneInfo(words_parser(value)).key
    except (LookupError, OSError, ValueError) as error:
        near = nearest_word(str(value), sorted(available_timezones()))
        raise WrongValueError(f"unknown time zone {value!r}", "an IANA name", near) from error


def _target(value: object) -> Target | None:
    """A target as it is written: ``1h 30m``, ``5 business days``; None for ``none``.

    At most a year in minutes; days have no limit and may be 0 (by the close of that day).
    """
    text = value.strip().lower() if isinstance(value, str) else ""
    if text == "none":
        return None
    if days := DAYS.fullmatch(text):
        return Target(**{f"{days[2]}_days": int(days[1])})
    duration = DURATION.fullmatch(text)
    minutes = int(duration[1] or 0) * 60 + int(duration[2] or 0) if duration else 0
    if not 0 < minutes <= MINUTES_MAX:
        raise WrongValueError(f"{value!r} is not a target", TARGET_FORMS)
    return Target(minutes=minutes)


def parse_time_span(value: object) -> timedelta:
    """A length of time in hours and minutes, ``1h 30m``; days are refused.

    At most a year. Raises WrongValueError, also for ``none`` and for 0.
    """
    target = _target(value)
    if target is None or not target.minutes:
        raise WrongValueError(f"{value!r} is not a length of time", SPAN_FORMS)
    return timedelta(minutes=target.minutes)


def read_calendars(top: Table, timezone: str) -> dict[str, Calendar]:
    """Every calendar by name; those that join others are read after them.

    A union names single calendars only, never another union. One with a mistake in it has no entry,
    so clocks that name it are mistakes too. ``timezone`` holds for calendars without a ``tz``.
    """
    written = top.raw.get("calendars")
    names = list(written) if isinstance(written, Mapping) else []
    table = top.table("calendars", names)
    read: dict[str, Calendar] = {}
    unions: dict[str, Table] = {}
    for name in table.raw:
        entry = table.table(name, CALENDAR_KEYS)
        if "union" in entry:
            unions[name] = entry
        else:
            read[name] = _calendar(entry, timezone)
    single = dict(read)
    for name, entry in unions.items():
        members = entry.value("union", list_of(_known(single, "calendar")), ())
        if members:
            read[name] = Calendar.union([single[member] for member in members])
        elif entry.raw["union"] == []:
            entry.wrong("union", "names no calendar", ", ".join(single))
    return read


def _calendar(entry: Table, timezone: str) -> Calendar:
    """One calendar; around the clock in UTC as a stand-in where it has a mistake."""
    always = entry.value("always_open", yes_or_no, False)
    spec = {key: value for key, value in entry.raw.items() if key in CALENDAR_KEYS}
    spec.pop("always_open", None)
    spec.setdefault("tz", timezone)
    if always and "weekly_hours" in spec:
        entry.wrong("always_open", "contradicts weekly_hours; keep one of them")
    elif not always and "weekly_hours" not in spec:
        entry.wrong("weekly_hours", "is missing", "weekly_hours, or always_open = true")
    entry.value("tz", parse_timezone, "")
    problems = [
        PolicyMistake(entry.path(key), problem)
        for key, part in _calendar_parts(spec)
        if (problem := _calendar_problem(part))
    ]
    entry.problems.extend(problems)
    sound = not problems and "tz" not in entry.wrong_names
    return Calendar.from_spec(spec) if sound else Calendar.always("UTC")


def _calendar_parts(spec: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of a calendar, each as a calendar of its own, so that each mistake is named.

    Yields the key below the calendar (``weekly_hours.mon``, ``holidays[2]``, ``country``) and its
    spec.
    """
    for key, value in spec.items():
        if key in ("weekly_hours", "special_days") and isinstance(value, Mapping):
            yield from ((f"{key}.{day}", {key: {day: hours}}) for day, hours in value.items())
        elif key == "holidays" and isinstance(value, list):
            yield from ((f"{key}[{n}]", {key: [day]}) for n, day in enumerate(value))
        elif key in ("weekly_hours", "special_days", "holidays"):
            yield key, {key: value}
    if "country" in spec:
        yield "country", {"country": spec["country"]}
    if "subdiv" in spec and not country_problem(spec.get("country", "")):
        yield "subdiv", {"country": spec["country"], "subdiv": spec["subdiv"]}
    elif spec.get("subdiv") and not spec.get("country"):
        yield "subdiv", {"subdiv": spec["subdiv"]}


def _calendar_problem(part: dict[str, Any]) -> str:
    """What is wrong with this part by itself, in English; "" for nothing."""
    try:
        Calendar.from_spec({"tz": "UTC", **part})
    except CalendarError as error:
        return str(error)
    return ""


def _known(known: Mapping[str, object], what: str) -> Any:
    """A parser for a key of ``known``; ``what`` is named in the mistake."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in known:
            near = nearest_word(str(value), list(known))
            raise WrongValueError(f"there is no {what} {value!r}", ", ".join(known), near)
        return str(value)

    return parse


def read_severity_terms(
    table: Table,
    severity: Severity,
    calendars: Mapping[str, Calendar],
    languages: tuple[Language, ...],
) -> SeverityPolicy:
    """One severity; a meaning of its own is needed in every language of the policy, or in none.

    Clocks that are missing do not run; without a ladder or roles to invite there are none.
    """
    entry = table.table(severity.label, ["meaning", "invite", "clocks", "ladder"])
    meaning = entry.table("meaning", [language.value for language in Language])
    clocks = entry.table("clocks", [*(kind.value for kind in ClockKind), ACTION])
    return SeverityPolicy(
        severity=severity,
        meaning={
            lang: meaning.required(lang.value, words_parser, "")
            for lang in (languages if meaning.raw else ())
        },
        clocks={kind: _clock(clocks, kind, calendars) for kind in ClockKind},
        ladder=_ladder(entry),
        invite=entry.value("invite", list_of(one_of(Role)), ()),
        action_item=_action_target(clocks, calendars),
    )


def _action_target(table: Table, calendars: Mapping[str, Calendar]) -> ClockPolicy:
    """The time that is suggested for an action item; without a target where nothing is said."""
    entry = table.table(ACTION, CLOCK_KEYS)
    target = entry.required("target", _target, None) if ACTION in table else None
    if target is None:
        return ClockPolicy()
    return ClockPolicy(target, entry.required("calendar", _known(calendars, "calendar"), ""))


def list_idle_keys(severities: Table) -> list[str]:
    """The keys that say of an action item what only a clock of a case has, with their full path.

    Policies from before may have them; an action item has its own day and its own reminders.
    ``severities`` is the table of all of them, checked before.
    """
    found = []
    for severity, terms in severities.raw.items():
        clocks = terms.get("clocks") if isinstance(terms, Mapping) else None
        said = clocks.get(ACTION) if isinstance(clocks, Mapping) else None
        keys = [key for key in said if key not in ACTION_KEYS] if isinstance(said, Mapping) else []
        found += [f"{severities.path(severity)}.clocks.{ACTION}.{key}" for key in keys]
    return found


def _clock(table: Table, kind: ClockKind, calendars: Mapping[str, Calendar]) -> ClockPolicy:
    """The terms of a clock. One that is missing, or has target ``none``, does not run.

    Where nothing is said only workaround and resolution pause, for any reason, and the clocks that
    a customer message answers are fulfilled by one.
    """
    if kind.value not in table:
        return ClockPolicy()
    entry = table.table(kind.value, CLOCK_KEYS)
    target = entry.required("target", _target, None)
    if target is None:
        return ClockPolicy()
    public = kind is ClockKind.FIRST_RESPONSE or clock_type(kind) is not ClockType.BUDGET
    return ClockPolicy(
        target=target,
        calendar=entry.required("calendar", _known(calendars, "calendar"), ""),
        pause_on=entry.value(
            "pause_on", list_of(_pause_reason), HOLD_REASONS if kind in PAUSABLE else ()
        ),
        warn_pct=entry.value("warn_pct", _percentages, DEFAULT_WARN_PCT),
        stop_on=entry.value(
            "stop_on", _stop_on, (EventKind.AGENT_PUBLIC if public else EventKind.STOP).value
        ),
        only_if_breached=entry.value("only_if_breached", yes_or_no, False),
    )


def _pause_reason(value: object) -> str:
    """A reason for a hold, as its value, since clock events carry values."""
    return one_of(HoldReason)(value).value


def _stop_on(value: object) -> str:
    """The event that fulfils a clock, as its value: ``stop`` or ``agent_public``."""
    if value not in (EventKind.STOP, EventKind.AGENT_PUBLIC):
        raise WrongValueError(f"{value!r} does not fulfil a clock", "stop, agent_public")
    return str(value)


def _percentages(value: object) -> tuple[int, ...]:
    """Percentages of the target, from 1 to 99, rising; an empty list: no warnings."""
    given = list_of(whole_number(1, 99))(value)
    if sorted(set(given)) != list(given):
        raise WrongValueError(f"{value!r} must rise", "for example [50, 75, 90]")
    return given


def _ladder(entry: Table) -> tuple[LadderLevel, ...]:
    """The levels in the order of the file, which must be that of their minutes (open ones)."""
    levels = tuple(
        LadderLevel(
            after_minutes=level.required("after_minutes", whole_number(0, MINUTES_MAX), 0),
            roles=level.required("roles", list_of(one_of(Role)), ()),
        )
        for level in entry.tables("ladder", ["after_minutes", "roles"])
    )
    minutes = [level.after_minutes for level in levels]
    if sorted(set(minutes)) != minutes:
        entry.wrong("ladder", f"after_minutes must rise, not {minutes}")
    return levels

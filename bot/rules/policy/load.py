"""Read the policy: the shipped default with the organisation's own file merged into it.

Nothing is guessed: an unknown key, a wrong value, a calendar that does not exist are all refused,
together, each with its full key, what is allowed and what was probably meant. Reading is strict in
reader.py; this module knows the keys. Names of people are not looked up here: what Slack knows of
them is added as ``Policy.vacancies`` by bot/people/directory.py.
"""

import copy
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.rules.calendars.calendar import Calendar, CalendarError
from bot.rules.policy.model import (
    ClockPolicy,
    ConcessionLimit,
    Concessions,
    LadderLevel,
    Limits,
    MatrixEvent,
    Policy,
    Retention,
    SeverityPolicy,
)
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
from bot.rules.words import ClockKind, HoldReason, Language, Notice, Role, Severity

__all__ = ["Policy", "PolicyError", "PolicyMistake", "load_policy", "policy_from_spec"]

DEFAULT_FILE = Path(__file__).with_name("default_policy.toml")
TOP = (
    "timezone", "languages", "customers", "calendars", "roles", "severities", "matrix",
    "approvals", "concessions", "digest", "retention", "agent_channels", "limits",
)  # fmt: skip
CALENDAR_KEYS = (
    "tz", "always_open", "union", "weekly_hours", "holidays", "special_days", "country", "subdiv",
)  # fmt: skip
CLOCK_KEYS = ("target", "calendar", "pause_on", "warn_pct", "stop_on", "only_if_breached")
SPAN_FORMS = "15m, 4h, 1h 30m"
APPROVAL_GOOD_FOR = timedelta(hours=4)  # where a policy does not say it
TARGET_FORMS = "15m, 4h, 1h 30m, 5 business days, 3 calendar days, none"
DURATION = re.compile(r"(?:(\d+)\s*h)?\s*(?:(\d+)\s*m)?", re.IGNORECASE)
DAYS = re.compile(r"(\d+)\s+(business|calendar)\s+days?")
PERSON = re.compile(r"[UWS][A-Z0-9]{4,}|[^@\s]+@[^@\s]+\.[^@\s]+")
CHANNEL = re.compile(r"[CG][A-Z0-9]{4,}")
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
PHONE = re.compile(r"|\+?[\d /().-]{5,30}")
ALL = "all"
DEFAULT_WARN_PCT = (50, 75, 90)  # R12
HOLD_REASONS = tuple(reason.value for reason in HoldReason)
PAUSABLE = frozenset({ClockKind.WORKAROUND, ClockKind.RESOLUTION})  # the others never wait
MINUTES_MAX = 366 * 24 * 60  # a year


class PolicyError(ValueError):
    """The policy has mistakes; ``problems`` has every one of them, its text one line for each."""

    def __init__(self, problems: list[PolicyMistake]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load_policy(path: Path | str | None = None) -> Policy:
    """The default policy with a file merged into it; the default alone for None.

    Raises:
        PolicyError: The file cannot be read, is no TOML, or has mistakes.
    """
    own: dict[str, Any] = {}
    if path is not None:
        try:
            own = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PolicyError([PolicyMistake(str(path), str(error))]) from error
    return policy_from_spec(_merge(_default_tables(), own))


def policy_from_spec(spec: Mapping[str, Any]) -> Policy:
    """A policy from its complete tables, such as ``Policy.spec`` keeps them.

    Nothing is merged in: what the tables lack is a mistake, except keys that are younger than
    stored policies (``limits``, ``approvals.good_for``), which get their default.

    Raises:
        PolicyError: The tables have mistakes.
    """
    problems: list[PolicyMistake] = []
    top = Table(spec, "", problems, TOP)
    policy = _read(top, _plain(spec))
    if problems:
        raise PolicyError(problems)
    return policy


def _default_tables() -> dict[str, Any]:
    return tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8"))


def _merge(base: dict[str, Any], own: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Tables merge, values and lists replace; a calendar replaces its namesake as a whole.

    So a list in the organisation's file never adds to the default's.
    """
    merged = copy.copy(base)
    for key, value in own.items():
        whole = path == "calendars" or not isinstance(value, dict)
        if whole or not isinstance(merged.get(key), dict):
            merged[key] = value
        else:
            merged[key] = _merge(merged[key], value, key)
    return merged


def _plain(value: Any) -> Any:
    """The tables with TOML dates as text, so that they are JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _version(spec: object) -> str:
    """The first ten hexadecimal digits of the SHA-256 of the sorted JSON."""
    text = json.dumps(spec, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _read(top: Table, spec: Any) -> Policy:
    timezone = top.required("timezone", _timezone, "UTC")
    calendars = _calendars(top, timezone)
    severities = top.table("severities", [severity.label for severity in Severity])
    approvals = top.table("approvals", ["two_for_severities", "good_for"])
    nothing = tuple[Severity, ...]()
    two = approvals.value("two_for_severities", list_of(_severity_name), nothing)
    digest = top.table("digest", ["hour"])
    languages: tuple[Language, ...] = top.required("languages", list_of(one_of(Language)), ())
    return Policy(
        version=_version(spec),
        timezone=timezone,
        languages=languages,
        calendars=calendars,
        severities={s: _severity(severities, s, calendars, languages) for s in Severity},
        roles=_roles(top),
        matrix=_matrix(top),
        concessions=_concessions(top),
        retention=_retention(top),
        customer_phone=top.table("customers", ["phone"]).value("phone", _phone, ""),
        digest_hour=digest.required("hour", _hour, "08:30"),
        severities_needing_two_approvals=frozenset(two),
        approval_good_for=approvals.value("good_for", _span, APPROVAL_GOOD_FOR),
        agent_channels=top.value("agent_channels", list_of(_channel), ()),
        spec=spec,
        limits=_limits(top),
    )


_severity_name = one_of(Severity, lambda severity: severity.label)


def _timezone(value: object) -> str:
    try:
        return ZoneInfo(words_parser(value)).key
    except (LookupError, OSError, ValueError) as error:
        near = nearest_word(str(value), sorted(available_timezones()))
        raise WrongValueError(f"unknown time zone {value!r}", "an IANA name", near) from error


def _phone(value: object) -> str:
    if not isinstance(value, str) or not PHONE.fullmatch(value):
        raise WrongValueError(f"{value!r} is not a telephone number", "such as +30 210 123 4567")
    return value


def _hour(value: object) -> str:
    if not isinstance(value, str) or not HOUR.fullmatch(value):
        raise WrongValueError(f"{value!r} is not a time of day", "HH:MM")
    return value


def _channel(value: object) -> str:
    if not isinstance(value, str) or not CHANNEL.fullmatch(value):
        raise WrongValueError(f"{value!r} is no channel", "a Slack channel id (C…)")
    return value


def _person(value: object) -> str:
    """A user id (U…, W…), a user group (S…) or an e-mail address, by its form only.

    Whether Slack knows it is asked later, by bot/people/directory.py.
    """
    if not isinstance(value, str) or not PERSON.fullmatch(value):
        forms = "a Slack user id (U…), a user group (S…), an e-mail address"
        raise WrongValueError(f"{value!r} is nobody", forms)
    return value


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


def _span(value: object) -> timedelta:
    """A length of time in hours and minutes, ``1h 30m``; days are refused."""
    target = _target(value)
    if target is None or not target.minutes:
        raise WrongValueError(f"{value!r} is not a length of time", SPAN_FORMS)
    return timedelta(minutes=target.minutes)


def _calendars(top: Table, timezone: str) -> dict[str, Calendar]:
    """Every calendar by name; those that join others are read after them.

    A union names single calendars only, never another union.
    """
    names = list(top.raw.get("calendars") or {})  # type: ignore[call-overload]
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
    entry.value("tz", _timezone, "")
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
    if "country" in spec or "subdiv" in spec:
        law = {"country": spec.get("country"), "subdiv": spec.get("subdiv")}
        yield "country", law


def _calendar_problem(part: dict[str, Any]) -> str:
    try:
        Calendar.from_spec({"tz": "UTC", **part})
    except CalendarError as error:
        return str(error)
    return ""


def _known(known: Mapping[str, object], what: str) -> Any:
    def parse(value: object) -> str:
        if value not in known:
            near = nearest_word(str(value), list(known))
            raise WrongValueError(f"there is no {what} {value!r}", ", ".join(known), near)
        return str(value)

    return parse


def _severity(
    table: Table,
    severity: Severity,
    calendars: Mapping[str, Calendar],
    languages: tuple[Language, ...],
) -> SeverityPolicy:
    """One severity; its meaning is needed in every language of the policy.

    Clocks that are missing do not run; without a ladder or roles to invite there are none.
    """
    entry = table.table(severity.label, ["meaning", "invite", "clocks", "ladder"])
    meaning = entry.table("meaning", [language.value for language in Language])
    clocks = entry.table("clocks", [kind.value for kind in ClockKind])
    return SeverityPolicy(
        severity=severity,
        meaning={lang: meaning.required(lang.value, words_parser, "") for lang in languages},
        clocks={kind: _clock(clocks, kind, calendars) for kind in ClockKind},
        ladder=_ladder(entry),
        invite=entry.value("invite", list_of(one_of(Role)), ()),
    )


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
    return one_of(HoldReason)(value).value


def _stop_on(value: object) -> str:
    if value not in (EventKind.STOP, EventKind.AGENT_PUBLIC):
        raise WrongValueError(f"{value!r} does not fulfil a clock", "stop, agent_public")
    return str(value)


def _percentages(value: object) -> tuple[int, ...]:
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


def _roles(top: Table) -> dict[Role, tuple[str, ...]]:
    table = top.table("roles", [role.value for role in Role])
    return {role: table.value(role.value, list_of(_person), ()) for role in Role}


def _matrix(top: Table) -> dict[tuple[MatrixEvent, Severity | None], dict[Role, Notice]]:
    """The rows by event and severity; ``all`` is the row under None, absent ones are missing."""
    table = top.table("matrix", [event.value for event in MatrixEvent])
    rows: dict[tuple[MatrixEvent, Severity | None], dict[Role, Notice]] = {}
    columns: dict[str, Severity | None] = {ALL: None, **{s.label: s for s in Severity}}
    for event in MatrixEvent:
        row = table.table(event.value, list(columns))
        for name, severity in columns.items():
            if name in row:
                rows[event, severity] = _notices(row.table(name, [role.value for role in Role]))
    return rows


def _notices(cells: Table) -> dict[Role, Notice]:
    return {
        role: cells.value(role.value, one_of(Notice), Notice.NONE)
        for role in Role
        if role.value in cells
    }


def _concessions(top: Table) -> Concessions:
    table = top.table(
        "concessions",
        ["limits", "two_approvers_above_eur", "fulfil_within_business_days", "cumulative_months"],
    )
    euro = whole_number(0, 1_000_000_000)
    limits = tuple(
        ConcessionLimit(
            role=entry.required("role", one_of(Role), Role.AGENT),
            up_to_eur=entry.value("up_to_eur", euro, None),
            or_monthly_fee_pct=entry.value("or_monthly_fee_pct", whole_number(0, 100), 0),
        )
        for entry in table.tables("limits", ["role", "up_to_eur", "or_monthly_fee_pct"])
    )
    return Concessions(
        limits=limits,
        two_approvers_above_eur=table.required("two_approvers_above_eur", euro, 0),
        fulfil_within_business_days=table.required(
            "fulfil_within_business_days", whole_number(1, 365), 1
        ),
        cumulative_months=table.required("cumulative_months", whole_number(1, 120), 1),
    )


def _limits(top: Table) -> Limits:
    """The limits; policies from before there were any have the default's."""
    table, usual = top.table("limits", ["openings_per_hour", "requests_per_hour"]), Limits()
    often = whole_number(1, 10_000)
    return Limits(
        openings_per_hour=table.value("openings_per_hour", often, usual.openings_per_hour),
        requests_per_hour=table.value("requests_per_hour", often, usual.requests_per_hour),
    )


def _retention(top: Table) -> Retention:
    table = top.table("retention", ["case_months", "attachment_days", "survey_months"])
    return Retention(
        case_months=table.required("case_months", whole_number(1, 1200), 1),
        attachment_days=table.required("attachment_days", whole_number(1, 36500), 1),
        survey_months=table.required("survey_months", whole_number(1, 1200), 1),
    )

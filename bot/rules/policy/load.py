"""Read the policy: the shipped default with the organisation's own file merged into it.

Nothing is guessed: an unknown key, a wrong value, a calendar that does not exist are all refused,
together, each with its full key, what is allowed and what was probably meant. Reading is strict in
reader.py; this module and clock_terms.py know the keys. Names of people are not looked up here:
what Slack knows of them is added as ``Policy.vacancies`` by bot/people/role_holders.py.
"""

import copy
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.rules.calendars.calendar import Calendar
from bot.rules.compliance.readership import read_privacy
from bot.rules.compliance.retention import read_retention
from bot.rules.duty import Shift
from bot.rules.duty.sources import HANDLE, SCHEDULE_FORM, is_schedule
from bot.rules.learning.readiness import read_readiness
from bot.rules.policy.clock_terms import (
    list_idle_keys,
    parse_time_span,
    parse_timezone,
    read_calendars,
    read_severity_terms,
)
from bot.rules.policy.concessions import read_concessions
from bot.rules.policy.helpdesk_terms import read_helpdesks
from bot.rules.policy.legal_terms import read_legal
from bot.rules.policy.managers import read_managers
from bot.rules.policy.model import (
    CONNECT_REACTION,
    Limits,
    MatrixEvent,
    PlaybookTerms,
    Policy,
    ShiftChange,
    Triage,
)
from bot.rules.policy.outcomes import read_outcomes
from bot.rules.policy.paging import read_paging
from bot.rules.policy.reader import (
    PolicyMistake,
    Table,
    WrongValueError,
    list_of,
    nearest_word,
    one_of,
    whole_number,
    words_parser,
)
from bot.rules.policy.routing import read_routing, read_skills
from bot.rules.reports.quarterly_terms import read_quarterly_review
from bot.rules.tone.terms import read_courtesy
from bot.rules.words import Language, Notice, Role, Severity

__all__ = ["Policy", "PolicyError", "PolicyMistake", "load_policy", "policy_from_spec"]

DEFAULT_FILE = Path(__file__).with_name("default_policy.toml")
TOP = (
    "timezone", "languages", "customers", "calendars", "roles", "severities", "matrix",
    "approvals", "concessions", "digest", "retention", "agent_channels", "limits", "triage",
    "duty", "paging",
    "ranking", "routing", "managers", "skills",
    "helpdesks", "slack_connect",
    "outcomes",
    "sponsorship", "legal", "playbooks", "readiness", "quarterly_review", "courtesy", "privacy",
)  # fmt: skip
APPROVAL_GOOD_FOR = timedelta(hours=4)  # where a policy does not say it
ANSWER_WITHIN = timedelta(hours=4)  # likewise
VALUED_FROM = 100_000  # euro a year; likewise
PERSON = re.compile(rf"[UWS][A-Z0-9]{{4,}}|{HANDLE.pattern}|[^@\s]+@[^@\s]+\.[^@\s]+")
PERSON_FORM = "a Slack user id (U…), a user group (S… or @handle), an email address"
CHANNEL = re.compile(r"[CG][A-Z0-9]{4,}")
EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}")
PLAYBOOK_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
COMPANY_MAX = 80  # characters
PHONE = re.compile(r"|\+?[\d /().-]{5,30}")
ALL = "all"


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
    stored policies (``limits``, ``triage``, ``duty``, ``approvals.good_for``): these get their
    default.

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
    timezone = top.required("timezone", parse_timezone, "UTC")
    calendars = read_calendars(top, timezone)
    severities = top.table("severities", [severity.label for severity in Severity])
    approvals = top.table("approvals", ["two_for_severities", "good_for"])
    two = approvals.value("two_for_severities", list_of(_severity_name), tuple[Severity, ...]())
    duty = top.table("duty", ["shifts", "offer_before", "decide_after"])
    shifts = _shifts(duty, calendars)
    ranking = top.table("ranking", ["answer_within", "valued_from_eur"])
    customers = top.table("customers", ["phone", "company"])
    languages: tuple[Language, ...] = top.required("languages", list_of(one_of(Language)), ())
    return Policy(
        version=_version(spec),
        timezone=timezone,
        languages=languages,
        calendars=calendars,
        severities={s: read_severity_terms(severities, s, calendars, languages) for s in Severity},
        roles=_with_shifts(_roles(top), shifts),
        matrix=_matrix(top),
        concessions=read_concessions(top),
        customer_phone=customers.value("phone", _phone, ""),
        customer_company=customers.value("company", _company, ""),
        digest_hour=top.table("digest", ["hour"]).required("hour", _hour, "08:30"),
        severities_needing_two_approvals=frozenset(two),
        approval_good_for=approvals.value("good_for", parse_time_span, APPROVAL_GOOD_FOR),
        agent_channels=top.value("agent_channels", list_of(_channel), ()),
        spec=spec,
        limits=_limits(top),
        triage=_triage(top, calendars),
        shifts=shifts,
        shift_change=_shift_change(duty),
        answer_contest_within=ranking.value("answer_within", parse_time_span, ANSWER_WITHIN),
        paging=read_paging(top),
        outcomes=read_outcomes(top),
        quarterly_review=read_quarterly_review(top),
        playbooks=_playbooks(top),
        retention=read_retention(top),
        routing=read_routing(top),
        managers=read_managers(top),
        skills=read_skills(top),
        valued_from_eur=ranking.value("valued_from_eur", whole_number(1, 10**12), VALUED_FROM),
        helpdesks=read_helpdesks(top),
        accounts_per_sponsor=_accounts_per_sponsor(top),
        connect_reaction=_connect_reaction(top),
        legal_tell=read_legal(top),
        readiness=read_readiness(top),
        courtesy=read_courtesy(top),
        reading=read_privacy(top),
        unheeded=tuple(list_idle_keys(severities)),
    )


_severity_name = one_of(Severity, lambda severity: severity.label)


def _accounts_per_sponsor(top: Table) -> int:
    """How many accounts a sponsor may have; 4 where the policy does not say it."""
    table = top.table("sponsorship", ["accounts_per_sponsor"])
    count: int = table.value("accounts_per_sponsor", whole_number(1, 50), 4)
    return count


def _playbooks(top: Table) -> PlaybookTerms:
    """Which playbooks wait for a person; policies from before that leave none to one."""
    table, usual = top.table("playbooks", ["by_hand", "drill_days"]), PlaybookTerms()
    by_hand: tuple[str, ...] = table.value("by_hand", list_of(_playbook_key), ())
    days = table.value("drill_days", whole_number(7, 730), usual.drill_days)
    return PlaybookTerms(frozenset(by_hand), days)


def _playbook_key(value: object) -> str:
    """A playbook's key by its form only: the organisation's own are not known here."""
    if not isinstance(value, str) or not PLAYBOOK_KEY.fullmatch(value):
        raise WrongValueError(f"{value!r} is no playbook's key", "such as silent_customer")
    return value


def _company(value: object) -> str:
    if not isinstance(value, str) or len(value) > COMPANY_MAX or not value.isprintable():
        raise WrongValueError(
            f"{value!r} is not a company's name", f"one line of at most {COMPANY_MAX} characters"
        )
    return " ".join(value.split())


def _connect_reaction(top: Table) -> str:
    """The emoji by which a message in a customer's channel is taken in; older policies lack it."""
    return top.table("slack_connect", ["reaction"]).value("reaction", _emoji, CONNECT_REACTION)


def _emoji(value: object) -> str:
    if not isinstance(value, str) or not EMOJI.fullmatch(value.strip(":")):
        raise WrongValueError(f"{value!r} is no emoji's name", "Slack's name for it: bangbang")
    return value.strip(":")


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
    """A user id (U…, W…), a user group (S…, @handle) or an email address, by its form only.

    Whether Slack knows it is asked later, by bot/people/role_holders.py.
    """
    if isinstance(value, str) and is_schedule(value):
        raise WrongValueError(f"{value!r} is a schedule", "schedules stand in duty.shifts alone")
    if not isinstance(value, str) or not PERSON.fullmatch(value):
        raise WrongValueError(f"{value!r} is nobody", PERSON_FORM)
    return value


def _on_shift(value: object) -> str:
    """A person, or a schedule of a pager."""
    if isinstance(value, str) and is_schedule(value):
        return value
    if not isinstance(value, str) or not PERSON.fullmatch(value):
        raise WrongValueError(f"{value!r} is nobody", f"{PERSON_FORM}, {SCHEDULE_FORM}")
    return value


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


def _limits(top: Table) -> Limits:
    """The limits; policies from before there were any have the default's."""
    known = ["openings_per_hour", "requests_per_hour", "hold_days"]
    table, usual = top.table("limits", known), Limits()
    often = whole_number(1, 10_000)
    return Limits(
        openings_per_hour=table.value("openings_per_hour", often, usual.openings_per_hour),
        requests_per_hour=table.value("requests_per_hour", often, usual.requests_per_hour),
        hold_days=table.value("hold_days", whole_number(1, 365), usual.hold_days),
    )


def _shift_change(table: Table) -> ShiftChange:
    """What happens when a shift ends; policies from before that have the usual."""
    usual = ShiftChange()
    return ShiftChange(
        offer_before=table.value("offer_before", parse_time_span, usual.offer_before),
        decide_after=table.value("decide_after", parse_time_span, usual.decide_after),
    )


def _shifts(table: Table, calendars: Mapping[str, Calendar]) -> tuple[Shift, ...]:
    """The rota; a policy without one has everybody on duty."""
    known = ["name", "calendar", "people", "backup"]
    return tuple(
        Shift(
            name=entry.value("name", words_parser, f"{number}"),
            calendar=entry.required("calendar", _calendar_of(calendars), ""),
            people=entry.required("people", list_of(_on_shift), ()),
            backup=entry.value("backup", list_of(_on_shift), ()),
        )
        for number, entry in enumerate(table.tables("shifts", known), start=1)
    )


def _with_shifts(
    roles: dict[Role, tuple[str, ...]], shifts: Sequence[Shift]
) -> dict[Role, tuple[str, ...]]:
    """Whoever stands in the rota leads escalations, named for it elsewhere or not."""
    on_rota = [user for shift in shifts for user in (*shift.people, *shift.backup)]
    managers = dict.fromkeys([*roles[Role.ESCALATION_MANAGER], *on_rota])
    return {**roles, Role.ESCALATION_MANAGER: tuple(managers)}


def _calendar_of(calendars: Mapping[str, Calendar]) -> Callable[[object], str]:
    """A parser for the name of a calendar."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in calendars:
            near = nearest_word(str(value), list(calendars))
            raise WrongValueError(f"{value!r} is no calendar", ", ".join(calendars), near)
        return str(value)

    return parse


def _triage(top: Table, calendars: Mapping[str, Calendar]) -> Triage:
    """How what arrives is decided on; policies from before that have the usual."""
    table = top.table("triage", ["channel", "calendar", "decide_within", "urgent_within"])
    usual = Triage()
    return Triage(
        channel=table.value("channel", lambda value: _channel(value) if value else "", ""),
        calendar=table.value("calendar", _calendar_of(calendars), ""),
        decide_within=table.value("decide_within", parse_time_span, usual.decide_within),
        urgent_within=table.value("urgent_within", parse_time_span, usual.urgent_within),
    )

"""What the organisation decided, typed and frozen; policy.py reads it from a TOML file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from bot.rules.calendars.calendar import Calendar
from bot.rules.facts import AccountFacts
from bot.rules.sla import Target
from bot.rules.words import ClockKind, Language, Notice, Role, Severity, Unfilled

# The technical lead hears of a clock at risk only when the technical work can still save it.
TECHNICAL_CLOCKS = frozenset({ClockKind.CHECK_IN, ClockKind.WORKAROUND, ClockKind.RESOLUTION})


class MatrixEvent(StrEnum):
    """What the notification matrix has a row for."""

    OPEN = "open"
    AT_RISK = "at_risk"
    BREACH = "breach"
    EXECUTIVE_FLAG = "executive_flag"
    LEGAL_FLAG = "legal_flag"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    SEVERITY_CHANGE = "severity_change"


@dataclass(frozen=True)
class ClockPolicy:
    """One clock at one severity; without a target it does not run."""

    target: Target | None = None
    calendar: str = ""
    pause_on: tuple[str, ...] = ()
    warn_pct: tuple[int, ...] = ()
    stop_on: str = "stop"
    only_if_breached: bool = False


@dataclass(frozen=True)
class Rung:
    """Who is called so many open minutes after a breach."""

    after_minutes: int
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class SeverityPolicy:
    """What a severity means and promises; ``clocks`` has every kind."""

    severity: Severity
    meaning: Mapping[Language, str]
    clocks: Mapping[ClockKind, ClockPolicy]
    ladder: tuple[Rung, ...]
    invite: tuple[Role, ...]

    @property
    def ladder_minutes(self) -> tuple[int, ...]:
        """The rungs as the clocks want them."""
        return tuple(rung.after_minutes for rung in self.ladder)


@dataclass(frozen=True)
class ConcessionLimit:
    """What a role may approve alone, in euro; None: no upper limit."""

    role: Role
    up_to_eur: int | None
    or_monthly_fee_pct: int = 0


@dataclass(frozen=True)
class Concessions:
    """Who may promise goodwill, and how it is kept."""

    limits: tuple[ConcessionLimit, ...]
    two_approvers_above_eur: int
    fulfil_within_business_days: int
    cumulative_months: int


@dataclass(frozen=True)
class Limits:
    """How much one person may set off within an hour, who is not named as a manager."""

    openings_per_hour: int = 10
    requests_per_hour: int = 30


@dataclass(frozen=True)
class Retention:
    """How long things are kept after a case closed."""

    case_months: int
    attachment_days: int
    survey_months: int


@dataclass(frozen=True)
class Vacancy:
    """A name in the policy that gives its role to nobody; ``user`` where Slack knows who it is."""

    role: Role
    reference: str
    reason: Unfilled
    user: str | None = None


@dataclass(frozen=True)
class Policy:
    """Everything the organisation decides; equal contents have equal versions.

    Attributes:
        version: A short hash of the content.
        calendars: By the names that the policy gives them.
        roles: Slack user ids (U…, W…), user groups (S…) or e-mail addresses that fill each role.
        matrix: How loudly each role hears of an event; severity None is for all of them.
        agent_channels: Channel ids (C…, G…) where agents read talking points.
        spec: The whole content, JSON-ready; ``policy_from_spec`` reads it back.
        vacancies: What in ``roles`` named nobody who can have the role, once Slack was asked.

    """

    version: str
    timezone: str
    languages: tuple[Language, ...]
    calendars: Mapping[str, Calendar]
    severities: Mapping[Severity, SeverityPolicy]
    roles: Mapping[Role, tuple[str, ...]]
    matrix: Mapping[tuple[MatrixEvent, Severity | None], Mapping[Role, Notice]]
    concessions: Concessions
    retention: Retention
    digest_hour: str
    customer_phone: str
    severities_needing_two_approvals: frozenset[Severity]
    approval_good_for: timedelta
    agent_channels: tuple[str, ...]
    spec: Mapping[str, Any] = field(compare=False, repr=False)
    limits: Limits = Limits()
    vacancies: tuple[Vacancy, ...] = field(default=(), compare=False)

    def names(self, role: Role) -> bool:
        """True where somebody was named for ``role``, also when none of them can have it."""
        return bool(self.roles.get(role)) or any(v.role is role for v in self.vacancies)

    @property
    def deserted(self) -> tuple[Role, ...]:
        """The roles for which somebody was named and nobody is left."""
        named = {vacancy.role for vacancy in self.vacancies}
        return tuple(role for role in Role if role in named and not self.roles.get(role))

    def zone_of(self, account: AccountFacts | None) -> str:
        """The zone in which a customer is told times."""
        return (account.timezone if account else None) or self.timezone

    def severity(self, severity: Severity) -> SeverityPolicy:
        """What holds at a severity."""
        return self.severities[severity]

    def clock(self, severity: Severity, kind: ClockKind) -> ClockPolicy:
        """What holds for one clock at a severity."""
        return self.severities[severity].clocks[kind]

    def invite(self, severity: Severity) -> tuple[Role, ...]:
        """The roles that are brought into the channel at a severity."""
        return self.severities[severity].invite

    def notices(
        self, event: MatrixEvent, severity: Severity, clock: ClockKind | None = None
    ) -> dict[Role, Notice]:
        """Who hears of an event, and how loudly; the severity's own row beats the row for all."""
        row = {**self.matrix.get((event, None), {}), **self.matrix.get((event, severity), {})}
        if event is MatrixEvent.AT_RISK and clock not in TECHNICAL_CLOCKS:
            row.pop(Role.TECHNICAL_LEAD, None)
        return {role: notice for role, notice in row.items() if notice is not Notice.NONE}

    @property
    def calendars_by_key(self) -> dict[str, Calendar]:
        """The calendars by the key of their content, which stored events carry (R11)."""
        return {calendar.key: calendar for calendar in self.calendars.values()}

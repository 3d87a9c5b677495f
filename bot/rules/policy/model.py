"""What the organisation decided, typed and frozen; load.py reads it from TOML files.

Durations are minutes or ``timedelta``, money is whole euro, hours are ``HH:MM`` local time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.rules.calendars.calendar import Calendar
from bot.rules.compliance.readership import Readership
from bot.rules.compliance.retention import KEEP_ALL, Retention
from bot.rules.duty import Absence, Rota, Shift
from bot.rules.facts import AccountFacts
from bot.rules.helpdesks.terms import HelpDeskTerms
from bot.rules.learning.readiness import USUAL_READINESS, ReadinessTerms
from bot.rules.membership import Unfilled
from bot.rules.permissions import FOR_AUDITORS
from bot.rules.policy.legal_terms import LegalTell
from bot.rules.policy.managers import NO_MANAGERS, Managers
from bot.rules.policy.outcomes import USUAL_OUTCOMES, Outcomes
from bot.rules.policy.routing import Route
from bot.rules.reports.quarterly_terms import USUAL_REVIEW, QuarterlyReviewPolicy
from bot.rules.sla import ClockType, Target, clock_type
from bot.rules.sla.rounds import Terms
from bot.rules.tone.terms import USUAL_COURTESY, Courtesy
from bot.rules.words import (
    ClockKind,
    HelpDesk,
    Language,
    Notice,
    Role,
    Severity,
)

CONNECT_REACTION = "bangbang"  # ‼️, where a policy names no other
# The technical lead hears of a clock at risk only when the technical work can still save it.
TECHNICAL_CLOCKS = frozenset({ClockKind.CHECK_IN, ClockKind.WORKAROUND, ClockKind.RESOLUTION})


class MatrixEvent(StrEnum):
    """What the notification matrix has a row for; the values are keys of the policy file."""

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
    """One clock at one severity; without a target it does not run.

    ``calendar`` is a name in ``Policy.calendars``, ``pause_on`` holds values of ``HoldReason``,
    ``warn_pct`` percent of the target, ascending, ``stop_on`` the event that fulfils it (``stop``
    or ``agent_public``). ``only_if_breached``: it is started only on a case that had a breach.
    """

    target: Target | None = None
    calendar: str = ""
    pause_on: tuple[str, ...] = ()
    warn_pct: tuple[int, ...] = ()
    stop_on: str = "stop"
    only_if_breached: bool = False


@dataclass(frozen=True)
class LadderLevel:
    """Who is called so many open minutes after a breach; 0 is the breach itself."""

    after_minutes: int
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class SeverityPolicy:
    """What a severity means and promises; ``clocks`` has every kind.

    ``meaning`` has the organisation's own words in each of its languages, or none, and then the
    app's are shown; ``ladder`` rises in minutes;
    ``invite`` are the roles brought into the channel when a case is opened. ``action_item`` is the
    day that is suggested for an action item, target and calendar alone: no clock of a case.
    """

    severity: Severity
    meaning: Mapping[Language, str]
    clocks: Mapping[ClockKind, ClockPolicy]
    ladder: tuple[LadderLevel, ...]
    invite: tuple[Role, ...]
    action_item: ClockPolicy = ClockPolicy()

    @property
    def ladder_minutes(self) -> tuple[int, ...]:
        """The levels as the clocks want them."""
        return tuple(level.after_minutes for level in self.ladder)


@dataclass(frozen=True)
class ConcessionLimit:
    """What a role may grant alone, in whole euro; None: no upper limit.

    ``or_monthly_fee_pct`` is a share of the account's monthly fee, in percent, up to which it may
    where that is more; 0: none.
    """

    role: Role
    up_to_eur: int | None
    or_monthly_fee_pct: int = 0


@dataclass(frozen=True)
class Concessions:
    """Who may grant a customer how much, and how it is kept.

    Above ``two_approvers_above_eur`` two people must approve. The order of ``limits`` means
    nothing. ``rates`` say how many euro one unit of another currency (ISO 4217) is worth. What an
    account was granted counts for ``cumulative_months``; what was promised is late after
    ``fulfil_within_business_days``.
    """

    limits: tuple[ConcessionLimit, ...]
    two_approvers_above_eur: int
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    fulfil_within_business_days: int = 10
    cumulative_months: int = 12


@dataclass(frozen=True)
class Limits:
    """How much one person who is not named as a manager may start within an hour.

    ``hold_days`` is how far ahead a hold may end, whoever sets it.
    """

    openings_per_hour: int = 10
    requests_per_hour: int = 30
    hold_days: int = 30


@dataclass(frozen=True)
class Triage:
    """Where what arrives is decided on, and how soon a person is reminded of it.

    ``channel`` is a Slack channel's id, empty for none; ``calendar`` a name in ``calendars``.
    """

    channel: str = ""
    calendar: str = ""
    decide_within: timedelta = timedelta(hours=4)
    urgent_within: timedelta = timedelta(minutes=30)


@dataclass(frozen=True)
class ShiftChange:
    """When a person is asked to hand over before their shift ends, and when the lead decides.

    ``offer_before`` counts back from the end, ``decide_after`` on from it.
    """

    offer_before: timedelta = timedelta(minutes=30)
    decide_after: timedelta = timedelta(minutes=30)


@dataclass(frozen=True)
class Paging:
    """How long the first page of SEV1 may stay without an answer until another is paged.

    ``people`` and ``steps`` are the names of the ways by which a page goes outside Slack too: to
    that person (a user id, or an address that is looked up), or to any who is paged on that step.
    ``unseen_after``: how long a stakeholder may leave a SEV1 unseen until another is told,
    and a person asked to help by skill may leave that unanswered until another is asked.
    """

    backup_after: timedelta = timedelta(minutes=5)
    lead_after: timedelta = timedelta(minutes=15)
    unseen_after: timedelta = timedelta(minutes=15)
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def ways_of(self, user: str, step: str) -> tuple[str, ...]:
        """The ways of a page to a person on a step, each once, the person's own first."""
        return tuple(dict.fromkeys((*self.people.get(user, ()), *self.steps.get(step, ()))))

    @property
    def ways(self) -> tuple[str, ...]:
        """All ways that are named, each once."""
        named = (*self.people.values(), *self.steps.values())
        return tuple(dict.fromkeys(way for ways in named for way in ways))


@dataclass(frozen=True)
class PlaybookTerms:
    """Which playbooks, by their keys, are never applied by themselves, though they may fit.

    ``drill_days`` is after how long the app's own failure is drilled again.
    """

    by_hand: frozenset[str] = frozenset()
    drill_days: int = 90


@dataclass(frozen=True)
class Vacancy:
    """A name in the policy that gives its role to no person.

    ``reference`` is what the policy says (an id, a group, an address); ``user`` is set where Slack
    knows the person.
    """

    role: Role
    reference: str
    reason: Unfilled
    user: str | None = None


@dataclass(frozen=True)
class Policy:
    """Everything the organisation decides; equal contents have equal versions.

    Attributes:
        version: A short hash of the content.
        timezone: IANA name; of people and customers without a zone of their own.
        calendars: By the names that the policy gives them.
        roles: Slack user ids (U…, W…), user groups (S…) or email addresses that fill each role.
        matrix: How loudly each role hears of an event; severity None is for all of them.
        digest_hour: ``HH:MM`` in each reader's own zone.
        approval_good_for: How long an approval of a message may be used.
        connect_reaction: The emoji, by Slack's name, by which a message in a channel that a
            customer shares is taken in.
        agent_channels: Channel ids (C…, G…) where agents read talking points.
        legal_tell: Of what Legal is told.
        helpdesks: What holds for the help desks that the policy names.
        reading: Who reads a case that is not restricted; None: it goes by the roles it names.
        retention: For how long texts are kept after a case has ended.
        unheeded: Keys that the policy has and nothing in this version acts on.
        answer_contest_within: How long a customer who contests the ranking waits for an answer
            before its owner is reminded, and as long again before the support lead is.
        routing: The team of each component; empty: cases have no component.
        skills: Who can help with what, by the skill; empty: nobody is asked for help by skill.
        managers: To whom people answer, who are told what of their people is overdue.
        valued_from_eur: The yearly revenue from which an account raises the priority of its cases.
        shift_change: What happens with the cases of those whose shift ends.
        accounts_per_sponsor: How many accounts of the sponsorship programme one person has at most.
        shifts: The rota of those who lead escalations; empty: all whom ``roles`` names are on duty.
        spec: The whole content, JSON-ready; ``policy_from_spec`` reads it back.
        vacancies: The names in ``roles`` that give it to no person, once Slack was asked.
    """

    version: str
    timezone: str
    languages: tuple[Language, ...]
    calendars: Mapping[str, Calendar]
    severities: Mapping[Severity, SeverityPolicy]
    roles: Mapping[Role, tuple[str, ...]]
    matrix: Mapping[tuple[MatrixEvent, Severity | None], Mapping[Role, Notice]]
    concessions: Concessions
    digest_hour: str
    customer_phone: str
    customer_company: str
    severities_needing_two_approvals: frozenset[Severity]
    approval_good_for: timedelta
    agent_channels: tuple[str, ...]
    spec: Mapping[str, Any] = field(compare=False, repr=False)
    limits: Limits = Limits()
    connect_reaction: str = CONNECT_REACTION
    legal_tell: LegalTell = LegalTell.THREATS
    triage: Triage = Triage()
    shifts: tuple[Shift, ...] = ()
    shift_change: ShiftChange = ShiftChange()
    answer_contest_within: timedelta = timedelta(hours=4)
    valued_from_eur: int = 100_000
    routing: Mapping[str, Route] = field(default_factory=dict)
    skills: Mapping[str, Route] = field(default_factory=dict)
    managers: Managers = NO_MANAGERS
    paging: Paging = Paging()
    outcomes: Outcomes = USUAL_OUTCOMES
    quarterly_review: QuarterlyReviewPolicy = USUAL_REVIEW
    playbooks: PlaybookTerms = PlaybookTerms()
    readiness: ReadinessTerms = USUAL_READINESS
    courtesy: Courtesy = USUAL_COURTESY
    reading: Readership | None = None
    accounts_per_sponsor: int = 4
    helpdesks: Mapping[HelpDesk, HelpDeskTerms] = field(default_factory=dict)
    retention: Retention = KEEP_ALL
    unheeded: tuple[str, ...] = field(default=(), compare=False)
    vacancies: tuple[Vacancy, ...] = field(default=(), compare=False)

    def names(self, role: Role) -> bool:
        """True where a person was named for ``role``, even if none of those named can have it."""
        return bool(self.roles.get(role)) or any(v.role is role for v in self.vacancies)

    def audits(self, user_id: str) -> bool:
        """True for an auditor: they read all and act on nothing, whatever else they are named."""
        return user_id in self.roles.get(Role.AUDITOR, ())

    def keeps_from(self, user_id: str, verb: str) -> bool:
        """True where an auditor would do what is neither reading nor theirs alone."""
        return self.audits(user_id) and verb not in FOR_AUDITORS

    @property
    def deserted(self) -> tuple[Role, ...]:
        """The roles for which people were named and none is left."""
        named = {vacancy.role for vacancy in self.vacancies}
        return tuple(role for role in Role if role in named and not self.roles.get(role))

    def rota(self, absences: Sequence[Absence] = ()) -> Rota:
        """Who is on duty when, with those who are away."""
        everybody = self.roles.get(Role.ESCALATION_MANAGER, ())
        return Rota(self.shifts, self.calendars, everybody, absences)

    def helpdesk(self, name: str) -> HelpDeskTerms:
        """What holds for a help desk; terms that do nothing where the policy does not name it."""
        return self.helpdesks.get(HelpDesk(name), HelpDeskTerms())

    def zone_of(self, account: AccountFacts | None) -> str:
        """The IANA zone in which a customer is told times: the account's, else the policy's."""
        return (account.timezone if account else None) or self.timezone

    def severity(self, severity: Severity) -> SeverityPolicy:
        """What holds at a severity."""
        return self.severities[severity]

    def clock(self, severity: Severity, kind: ClockKind) -> ClockPolicy:
        """What holds for one clock at a severity.

        Terms without a target for one that does not run.
        """
        return self.severities[severity].clocks[kind]

    def due_by(self, severity: Severity, kind: ClockKind, began: datetime) -> datetime | None:
        """When a clock that begins then is due by its target; None for one that does not run."""
        return self._nominal(self.clock(severity, kind), clock_type(kind), began)

    def action_by(self, severity: Severity, began: datetime) -> datetime | None:
        """When an action item is due unless another day is chosen; None where nothing is said."""
        return self._nominal(self.severities[severity].action_item, ClockType.BUDGET, began)

    def _nominal(self, clock: ClockPolicy, kind: ClockType, began: datetime) -> datetime | None:
        if clock.target is None:
            return None
        calendar = self.calendars[clock.calendar]
        return Terms(kind, clock.target, clock.calendar, calendar).nominal(began)

    def decide_by(self, severity: Severity, began: datetime) -> datetime:
        """When a person is reminded of what waits since ``began`` and looks that severe.

        Around the clock where the policy names no calendar for it.
        """
        urgent = severity is Severity.SEV1
        clock = self.clock(severity, ClockKind.ACKNOWLEDGE)
        calendar = self.calendars.get(clock.calendar if urgent else self.triage.calendar)
        span = self.triage.urgent_within if urgent else self.triage.decide_within
        return calendar.add(began, span) if calendar else began + span

    def invite(self, severity: Severity) -> tuple[Role, ...]:
        """The roles that are brought into the channel at a severity."""
        return self.severities[severity].invite

    def notices(
        self, event: MatrixEvent, severity: Severity, clock: ClockKind | None = None
    ) -> dict[Role, Notice]:
        """The roles that hear of an event, and how loudly.

        The severity's own row beats the row for all,
        cell by cell: a role that the severity's row does not name keeps what the row for all says.
        ``NONE`` takes a role out. ``clock`` only matters for ``AT_RISK``.
        """
        row = {**self.matrix.get((event, None), {}), **self.matrix.get((event, severity), {})}
        if event is MatrixEvent.AT_RISK and clock not in TECHNICAL_CLOCKS:
            row.pop(Role.TECHNICAL_LEAD, None)
        return {role: notice for role, notice in row.items() if notice is not Notice.NONE}

    @property
    def calendars_by_key(self) -> dict[str, Calendar]:
        """The calendars by the key of their content, which stored events carry (R11)."""
        return {calendar.key: calendar for calendar in self.calendars.values()}


def own_meanings(policy: Policy) -> dict[tuple[Language, str], str]:
    """The organisation's own words for its severities, by language and name of the text."""
    return {
        (language, f"severity_meaning.{terms.severity.name.lower()}"): text
        for terms in policy.severities.values()
        for language, text in terms.meaning.items()
    }

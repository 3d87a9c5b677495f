"""What is known of a case when something is said about it.

``bot`` fills these from the store, ``messages`` renders them; neither needs the other's types.
All instants are aware UTC; people are Slack user ids unless the field says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.rules.states import ApprovalState
from bot.rules.words import (
    ActionType,
    AskMeaning,
    ClosureCode,
    Drift,
    HelpDesk,
    HoldReason,
    Language,
    MessageKind,
    ResolutionType,
    Role,
    RootCause,
    Severity,
    Standing,
    Status,
    Trigger,
    Unfilled,
)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Somebody in the workspace; ``name`` is what Slack displays.

    ``standing`` is UNKNOWN also for somebody whom Slack could not be asked about.
    """

    user_id: str
    name: str
    language: Language = Language.ENGLISH
    timezone: str = "UTC"
    email: str | None = None
    standing: Standing = Standing.UNKNOWN


@dataclass(frozen=True, slots=True)
class UnreachedFacts:
    """Whom a case called for in vain: an id, an address or a group; ``heir`` stands in."""

    role: Role
    who: str
    reason: Unfilled
    heir: str = ""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A customer; ``arr`` is yearly revenue in whole units of ``currency``."""

    key: str
    name: str
    tier: str = ""
    arr: int | None = None
    currency: str = "EUR"
    renewal: date | None = None
    csm: str | None = None
    account_executive: str | None = None
    sponsor: str | None = None
    language: Language = Language.ENGLISH
    contact_name: str = ""
    contact_email: str = ""
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """One clock of a case as it stands at ``CaseFacts.now``.

    ``name`` is the clock with its key (``next_update``, ``action_item:3``), ``state`` one of
    running, paused, met, breached, cancelled. ``due`` is None while paused; ``remaining`` and
    ``overdue`` count open time on the clock's own calendar.
    """

    name: str
    state: str
    started_at: datetime
    due: datetime | None = None
    remaining: timedelta | None = None
    overdue: timedelta | None = None
    share_used: float = 0.0
    paused: bool = False
    pause_reasons: tuple[str, ...] = ()
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    cycle: int = 1
    promised: bool = False

    @property
    def kind(self) -> str:
        """The clock's kind: the part of its name before the colon."""
        return self.name.partition(":")[0]

    @property
    def ended(self) -> bool:
        """True once the clock needs nobody any more."""
        return self.state in {"met", "cancelled"} or self.stopped_at is not None


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """Why and until when a case waits."""

    reason: HoldReason
    until: datetime
    note: str = ""
    since: datetime | None = None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """A role offered to somebody who has not answered yet."""

    id: int
    role: Role
    offered_by: str
    offered_to: str
    summary: str
    offered_at: datetime


@dataclass(frozen=True, slots=True)
class SentFacts:
    """A customer message as it was sent, word for word."""

    id: int
    kind: MessageKind
    language: Language
    text: str
    sent_by: str
    sent_at: datetime
    recipient: str
    route: str
    next_update_at: datetime | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class PromiseFacts:
    """That the customer hears from us by ``due``; ``kept_at`` is when they did, late or not."""

    due: datetime
    kept_at: datetime | None = None

    @property
    def kept(self) -> bool:
        """True when the customer heard in time."""
        return self.kept_at is not None and self.kept_at <= self.due


@dataclass(frozen=True, slots=True)
class Composed:
    """A customer message as it stands in the composer; ``spoken`` ones are notes of a call."""

    kind: MessageKind
    text: str
    recipient: str = ""
    next_update_at: datetime | None = None
    spoken: bool = False
    route: str = ""


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """A customer message before it was sent, as somebody is asked to approve it.

    ``state`` is waiting, approved, returned, void or sent; ``fields`` is the form it came from.
    ``shown`` is all that an approval is of, as whoever approves reads it.
    """

    id: int
    case_number: int
    kind: MessageKind
    text: str
    recipient: str
    digest: str
    author: str
    state: ApprovalState
    fields: Mapping[str, Any] = field(default_factory=dict)
    approver: str | None = None
    remark: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """A version of the words for a kind of message; ``id`` is None for the one that ships.

    ``state`` is proposed, approved, returned or withdrawn; ``expires`` is its last day. The
    ``approver`` of the one that ships is a role.
    """

    kind: MessageKind
    language: Language
    version: int
    body: str
    state: ApprovalState
    expires: date
    id: int | None = None
    why: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = None
    approver: str | None = None
    remark: str = ""
    withdrawn_by: str | None = None
    withdrawn_why: str = ""

    def of(self, kind: MessageKind, language: Language) -> bool:
        """True for a version of these words."""
        return (self.kind, self.language) == (kind, language)

    def standing(self, today: date) -> ApprovalState:
        """Its state on a day: an approved one is ``EXPIRED`` after its last day."""
        in_use = self.state == ApprovalState.APPROVED
        return ApprovalState.EXPIRED if in_use and today > self.expires else self.state


@dataclass(frozen=True, slots=True)
class ConfirmationFacts:
    """One of the three confirmations of a resolution: customer, escalation manager, lead.

    ``party`` is ``customer``, ``escalation_manager`` or ``technical_lead``; ``by`` recorded it.
    """

    party: str
    comfortable: bool
    by: str
    at: datetime
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """An action item of the postmortem."""

    id: int
    title: str
    type: ActionType
    owner: str
    due: date
    done_at: datetime | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class AskFacts:
    """Something asked of an executive: a decision that only they can take.

    ``amount`` and ``currency`` are what an approval lets us offer, where it means an offer.
    """

    id: int
    case_number: int
    asked_of: str
    asked_by: str
    question: str
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    meaning: AskMeaning = AskMeaning.DECISION
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class OpinionFacts:
    """What the customer answered: ``kind`` is pulse or survey, ``score`` 1 (bad) to 5."""

    kind: str
    score: int
    at: datetime
    effort: int | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class DriftFacts:
    """Something in Slack that is not as the store says, since ``at`` at the latest.

    ``seen`` is what is there instead: another name or topic, the ids of those who are missing.
    """

    what: Drift
    at: datetime
    seen: str = ""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything that may be said about one case, as of ``now``."""

    number: int
    customer: str
    stake: str
    trigger: Trigger
    severity: Severity
    status: Status
    now: datetime
    received_at: datetime
    reporter: str
    owner: str
    language: Language
    account: AccountFacts | None = None
    sensitive: bool = False
    legal: bool = False
    executive: bool = False
    executive_reason: str = ""
    ticket_url: str = ""
    helpdesk: HelpDesk | None = None  # where its ticket is, when it is linked to one
    source_link: str = ""
    contact_name: str = ""
    contact_email: str = ""
    channel_id: str | None = None
    channel_name: str | None = None
    card_ts: str | None = None
    hold: HoldFacts | None = None
    roles: Mapping[Role, str] = field(default_factory=dict)
    clocks: tuple[ClockFacts, ...] = ()
    sent: tuple[SentFacts, ...] = ()
    confirmations: tuple[ConfirmationFacts, ...] = ()
    handovers: tuple[HandoverFacts, ...] = ()
    actions: tuple[ActionFacts, ...] = ()
    asks: tuple[AskFacts, ...] = ()
    opinions: tuple[OpinionFacts, ...] = ()
    drift: tuple[DriftFacts, ...] = ()
    unreached: tuple[UnreachedFacts, ...] = ()
    problem: int | None = None
    resolution_type: ResolutionType | None = None
    resolution_note: str = ""
    workaround_note: str = ""
    closure_code: ClosureCode | None = None
    root_cause: RootCause | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    postmortem_at: datetime | None = None
    version: int = 0

    @property
    def reference(self) -> str:
        """The case's name among people: ``ESC-7``."""
        return f"ESC-{self.number}"

    @property
    def breached(self) -> bool:
        """True while the customer waits past a due instant; a check-in is between us."""
        return any(
            c.state == "breached" and not c.ended and c.kind != "check_in" for c in self.clocks
        )

    def clock(self, kind: str) -> ClockFacts | None:
        """The clock of this kind, the newest cycle; None when there is none."""
        return next((c for c in self.clocks if c.kind == kind), None)


@dataclass(frozen=True, slots=True)
class TimelineFacts:
    """One entry of the append-only record."""

    id: int
    at: datetime
    actor: str
    verb: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """Why somebody is reminded: a clock, what it reached, and when it is or was due.

    ``threshold`` is ``warn:50``, ``warn:75``, ``warn:90``, ``breach`` or ``ladder:N``;
    ``missed`` counts thresholds folded into this one after downtime; ``acts`` is false for a
    reader who should know of it while somebody else acts.
    """

    clock: str
    threshold: str
    due: datetime
    cycle: int = 1
    missed: int = 0
    acts: bool = True


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """What one executive should know this morning; empty lists are left out."""

    executive: str
    local_day: date
    asks: tuple[AskFacts, ...] = ()
    at_risk: tuple[CaseFacts, ...] = ()
    breaches: tuple[CaseFacts, ...] = ()
    wins: tuple[CaseFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """What somebody's App Home shows; ``mine`` and ``breaching`` sorted by what is due next."""

    mine: tuple[CaseFacts, ...] = ()
    breaching: tuple[CaseFacts, ...] = ()
    asks: tuple[AskFacts, ...] = ()
    open_count: int = 0


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list; ``customer`` is part of a name."""

    mine: bool = False
    breaching: bool = False
    customer: str = ""
    open_only: bool = True

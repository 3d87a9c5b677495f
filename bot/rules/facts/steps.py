"""What is known of the steps of a case: clocks, holds, handovers, decisions, what differs.

Each class is one row of the store as it may be said; bot/core/snapshot.py makes them.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.rules.bugs.state import BugFacts
from bot.rules.sla import State
from bot.rules.states import DecisionOutcome, PageAnswer, Turn
from bot.rules.words import ActionType, AskMeaning, Drift, HoldReason, Role, Severity


@dataclass(frozen=True, slots=True)
class ContestFacts:
    """What the customer said against our ranking, in their words; who recorded it, and when."""

    id: int
    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """What was decided on a case, by whom, instead of which ``options``, and why.

    ``outcome`` None: it was not said yet how it came out; it is asked ``ask_at``, None where it is
    not asked any more.
    """

    id: int
    words: str
    options: str
    why: str
    decider: str
    at: datetime
    outcome: DecisionOutcome | None = None
    lesson: str = ""
    ask_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """One finished round of a clock: a round may be missed and fulfilled afterwards.

    ``fulfilled_at`` is None for one that ended without being fulfilled.
    """

    due: datetime
    missed: bool
    fulfilled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """One clock of a case as it stands at ``CaseFacts.now``.

    ``name`` is the clock with its key (``next_update``, ``handoff:3``), ``state`` one of
    running, paused, met, breached, cancelled. ``due`` is None while paused. ``remaining`` counts
    open time on the clock's own calendar, for a promise and in a list wall time; it is None once
    the clock is late. ``rounds`` are the finished ones, oldest first; in a list none. ``overdue``
    is wall time since the breach, None before it and after the end. ``share_used`` runs from 0, is
    1 when the clock is due and more when it is late, and is 0 in a list. ``cycle`` counts from 1.
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
    rounds: tuple[RoundFacts, ...] = ()

    @property
    def kind(self) -> str:
        """The clock's kind: the part of its name before the colon."""
        return self.name.partition(":")[0]

    @property
    def ended(self) -> bool:
        """True once nothing is owed any more: met, cancelled, or fulfilled after a breach."""
        return self.state in {State.MET, State.CANCELLED} or self.stopped_at is not None


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """Why and until when a case waits.

    ``until`` ends the hold by itself. ``approved_by`` is the person who set it, ``since`` when.
    """

    reason: HoldReason
    until: datetime
    note: str = ""
    since: datetime | None = None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """What stands in the way, as it was last reported; ``expected`` is when that should be over."""

    standing: str
    by: str
    at: datetime
    remark: str = ""
    expected: date | None = None


@dataclass(frozen=True, slots=True)
class SiblingFacts:
    """Another open, unrestricted case of the same customer."""

    number: int
    severity: Severity
    owner: str
    channel_id: str | None = None


@dataclass(frozen=True, slots=True)
class PageFacts:
    """A person was paged about the case, as ``role``; at most once a case.

    ``again_at`` is when the next person is paged, unless ``answer`` is given before; None for
    never. ``answered_at`` is None without an answer. ``loud``: it went to the pagers too.
    """

    user: str
    role: Role
    turn: Turn
    at: datetime
    again_at: datetime | None = None
    answer: PageAnswer = PageAnswer.WAITS
    answered_at: datetime | None = None
    loud: bool = False


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """A role offered to a person who has not answered yet.

    The one who offers it keeps it till then.
    """

    id: int
    role: Role
    offered_by: str
    offered_to: str
    summary: str
    offered_at: datetime


@dataclass(frozen=True, slots=True)
class ConfirmationFacts:
    """One of the three confirmations of a resolution: customer, escalation manager, lead.

    ``party`` is ``customer``, ``escalation_manager`` or ``technical_lead``; ``by`` recorded it, for
    the customer too. There is one for each party: a later word replaces an earlier one.
    """

    party: str
    comfortable: bool
    by: str
    at: datetime
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """An action item of the postmortem, open while ``done_at`` is None.

    ``due`` is a local date of the organisation; ``evidence`` is what shows that it was done. It was
    said to be done at ``reported_at``, and ``verifier`` is asked to look, or did. ``dropped_why``
    says why one ended without being done. ``offered_to`` has not said yet whether they take it.
    ``bug`` is its issue in the developers' tracker; None while it is linked to none.
    """

    id: int
    title: str
    type: ActionType
    owner: str
    due: date
    done_at: datetime | None = None
    evidence: str = ""
    reported_at: datetime | None = None
    reported_by: str = ""
    verifier: str = ""
    dropped_why: str = ""
    offered_to: str = ""
    bug: BugFacts | None = None

    @property
    def waits(self) -> bool:
        """Whether it is said to be done and has not been looked at yet."""
        return self.done_at is None and self.reported_at is not None


@dataclass(frozen=True, slots=True)
class ActionLine:
    """An action item as a list over many cases shows it, with its case and that one's customer."""

    action: ActionFacts
    case_number: int
    customer: str


@dataclass(frozen=True, slots=True)
class ActionPage:
    """A page of action items, pages counted from 1; ``more``: there is one after it.

    ``which`` is mine, led, overdue or case; then ``case_number`` is whose they are. ``today`` is
    the day by the policy's zone: what is due before it is overdue. ``reader`` is who is shown it.
    """

    which: str
    lines: tuple[ActionLine, ...]
    today: date
    page: int = 1
    more: bool = False
    case_number: int | None = None
    reader: str = ""


@dataclass(frozen=True, slots=True)
class AskFacts:
    """A decision asked of an executive that only they can take.

    ``answer`` is ``approve``, ``decline`` or ``withdrawn``, None while it is open; ``remark`` is
    its reason. ``deputy`` may answer too. ``amount`` and ``currency``
    (ISO 4217, or ``%``) are what an approval lets us offer, where ``meaning`` is an offer.
    ``restricted`` is known where questions of many cases are read: then the question is shown
    only in its form. So is ``customer``, empty for a restricted case.
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
    restricted: bool = False
    answer_by: datetime | None = None
    customer: str = ""
    deputy: str | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class OpinionFacts:
    """What the customer answered: ``kind`` is pulse or survey, ``score`` 1 (bad) to 5.

    A score of 0 stands for an answer without one. ``effort`` and ``comment`` may be missing.
    """

    kind: str
    score: int
    at: datetime
    effort: int | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class DriftFacts:
    """Something in Slack that is not as the store says, since ``at`` at the latest.

    ``seen`` is what is there instead: another name or topic, the ids of those who are missing (with
    commas between), Slack's error code for ``NO_CHANNEL``; empty where the word says it all.
    """

    what: Drift
    at: datetime
    seen: str = ""

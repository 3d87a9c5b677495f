"""The facts that clocks are judged by, and the judgement: plain frozen values, aware UTC.

Events are stored by bot/sla/clocks.py, so the values of ``EventKind`` and the names of the fields
of ``Event`` and ``Target`` never change once released.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.rules.words import ClockKind


class EventKind(StrEnum):
    """What can happen to the clocks of a case.

    ``AUTO_REPLY`` and ``INTERNAL_NOTE`` move no clock.
    """

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CUSTOMER_MESSAGE = "customer_message"
    AGENT_PUBLIC = "agent_public"
    AUTO_REPLY = "auto_reply"
    INTERNAL_NOTE = "internal_note"
    SEVERITY_CHANGE = "severity_change"
    CALENDAR_CHANGE = "calendar_change"
    MERGE_IN = "merge_in"
    STOP = "stop"
    REOPEN = "reopen"
    CANCEL = "cancel"
    PROMISE = "promise"


class ClockType(StrEnum):
    """How a clock counts: one budget, a repeating interval, or from the oldest unanswered word."""

    BUDGET = "budget"
    CADENCE = "cadence"
    REPLY = "reply"


class State(StrEnum):
    """The state of a clock; a breached one may still be unfinished (``stopped_at`` is None).

    BREACHED goes before MET and PAUSED: a clock that was late stays breached after its fulfilment.
    """

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class Cause(StrEnum):
    """Why a clock breached: time passed, a new target was already used up, or a merge moved it."""

    ELAPSED = "elapsed"
    RETARGET = "retarget"
    MERGE = "merge"


class Result(StrEnum):
    """How one cycle ended: MISSED after a breach, even if it was fulfilled afterwards."""

    MET = "met"
    MISSED = "missed"


def clock_type(clock: str) -> ClockType:
    """How the clock of that name counts; the kind is what stands before the colon.

    An unknown kind counts as a budget.
    """
    match clock.partition(":")[0]:
        case ClockKind.NEXT_UPDATE:
            return ClockType.CADENCE
        case ClockKind.NEXT_REPLY:
            return ClockType.REPLY
        case _:
            return ClockType.BUDGET


@dataclass(frozen=True)
class Target:
    """What is allowed: exactly one of open minutes, business days, calendar days.

    Not below 0. Raises ValueError for none, several or a negative one.
    """

    minutes: int | None = None
    business_days: int | None = None
    calendar_days: int | None = None

    def __post_init__(self) -> None:
        given = [n for n in (self.minutes, self.business_days, self.calendar_days) if n is not None]
        if len(given) != 1 or given[0] < 0:
            raise ValueError(
                "a target is one of minutes, business_days, calendar_days, not below 0"
            )


@dataclass(frozen=True)
class Event:
    """One fact about a case, at the instant at which it became true.

    Attributes:
        at: When it happened; for a start, when it was taken in.
        clock: The one clock it concerns ("resolution", "handoff:3"); None for all of the case.
        recorded_at: When we learned of it; None means at once.
        received_at: For a start or a merge, when the customer's word reached us.
        target: Of a start or a severity change; None keeps the present one.
        calendar: The name of a calendar in the mapping; None keeps the present one.
        reason: Of a pause or a resume; of a severity change the version of the policy, where that
            changed and not the severity.
        promised_at: The next update that the customer was promised.
        override_approved: Whether an escalation manager allowed a promise later than policy.
        pause_on: The reasons that stop this clock; None keeps the present ones.
        stop_on: The kind of event that fulfils a budget.
        warn_pct: Percent of the budget at which to warn; None keeps the present ones.
        ladder_minutes: Open minutes after the breach at which to call; None keeps them.

    """

    at: datetime
    kind: EventKind
    clock: str | None = None
    recorded_at: datetime | None = None
    received_at: datetime | None = None
    target: Target | None = None
    calendar: str | None = None
    reason: str | None = None
    promised_at: datetime | None = None
    override_approved: bool = False
    pause_on: tuple[str, ...] | None = None
    stop_on: str = EventKind.STOP
    warn_pct: tuple[int, ...] | None = None
    ladder_minutes: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("at", "recorded_at", "received_at", "promised_at"):
            instant: datetime | None = getattr(self, name)
            if instant is None:
                continue
            if instant.tzinfo is None:
                raise ValueError(f"{name} needs a zone: {instant.isoformat()}")
            object.__setattr__(self, name, instant.astimezone(UTC))

    @property
    def effective_at(self) -> datetime:
        """When it counts: a start counts from receipt, everything else from when it happened."""
        return (self.received_at or self.at) if self.kind is EventKind.START else self.at

    @property
    def known_at(self) -> datetime:
        """When we learned of it."""
        return self.recorded_at or self.at


@dataclass(frozen=True)
class Cycle:
    """One finished cycle; ``due`` is None if it was answered while paused.

    ``fulfilled_at`` is None for a missed cycle that ended without being fulfilled.
    """

    started_at: datetime
    due: datetime | None
    fulfilled_at: datetime | None
    result: Result


@dataclass(frozen=True)
class Segment:
    """A stretch in which the clock ran, and how much of it counted on which calendar.

    ``why`` is what began it: the kind of an event, such as ``resume`` or ``severity_change``;
    ``target`` is the one that held throughout.
    """

    start: datetime
    end: datetime
    calendar: str
    consumed: timedelta
    why: str
    target: Target | None = None


@dataclass(frozen=True)
class PausedSpan:
    """A stretch in which the clock waited; ``end`` is None while it still does.

    Another reason begins another span, so ``reasons`` held throughout.
    """

    start: datetime
    end: datetime | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ClockState:
    """A clock as it stands at one instant.

    Attributes:
        as_of: The instant judged at.
        cycle: From 1; grows with each fulfilled cycle or fresh start.
        due: None while paused, when nothing is owed, and when cancelled; a breached or met clock
            keeps the due instant by which it was judged.
        budget: What this cycle was given; ``consumed + remaining`` until it runs over.
        consumed: Time that counted, past the due instant too.
        elapsed: ``consumed``, once the clock has stopped.
        breach_retracted: An alarm went out that a later fact showed wrong.
        warn_at: When each percentage is or was reached; those ahead are missing while paused.
        ladder: Instants of its levels, from the due or the breach instant.
        cycles: The finished cycles, oldest first.
        promised: The due instant is a promise to the customer, not the policy's.
        target: The one that holds now; ``first_target`` held when the cycle began.

    """

    clock: str
    kind: ClockType
    state: State
    as_of: datetime
    cycle: int
    started_at: datetime | None
    due: datetime | None
    budget: timedelta
    remaining: timedelta
    consumed: timedelta
    paused: bool = False
    pause_reasons: tuple[str, ...] = ()
    stopped_at: datetime | None = None
    elapsed: timedelta | None = None
    breached_at: datetime | None = None
    breach_cause: Cause | None = None
    breach_retracted: bool = False
    warn_at: Mapping[int, datetime] = field(default_factory=dict)
    ladder: tuple[datetime, ...] = ()
    ladder_minutes: tuple[int, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    promised: bool = False
    target: Target | None = None
    first_target: Target | None = None
    calendar: str | None = None
    segments: tuple[Segment, ...] = ()
    paused_spans: tuple[PausedSpan, ...] = ()

    @property
    def open(self) -> bool:
        """True while something is still owed: started and not stopped, breached or not."""
        return self.started_at is not None and self.stopped_at is None

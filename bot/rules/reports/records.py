"""What figures are counted from: a case, its clocks' cycles, and what else is on record. Plain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.learning.outreach import TellingRecord
from bot.rules.policy.suspicious_pauses import Pause
from bot.rules.reports.instants import known_instant, seconds, to_instant
from bot.rules.sla import ClockState, State
from bot.rules.words import ClockKind, RootCause, Severity, Status, Trigger

ELSEWHERE = frozenset({Status.MERGED, Status.DISMISSED})  # not cases of their own: in no rate
OVER = frozenset({Status.RESOLVED, Status.REVIEW, Status.CLOSED})


@dataclass(frozen=True, slots=True)
class CycleRecord:
    """What was owed once, by a clock: an answer, an update, a solution.

    ``due`` is None where it was done while the clock waited. ``met_at`` is None for what was not
    done. ``broken``: it was not done in time, and stays so when it is done later.
    """

    clock: ClockKind
    started_at: datetime
    due: datetime | None
    met_at: datetime | None
    broken: bool

    @property
    def decided_at(self) -> datetime | None:
        """When it was clear that it is kept or broken; None while it is neither."""
        return self.due if self.broken else self.met_at


@dataclass(frozen=True, slots=True)
class CaseClocks:
    """The cycles of a case's clocks, and how long its resolution waited by the policy's reasons."""

    cycles: tuple[CycleRecord, ...] = ()
    waited: tuple[tuple[datetime, datetime | None], ...] = ()

    def to_spec(self) -> dict[str, Any]:
        """As it is stored: plain JSON, instants as seconds since 1970."""
        return {
            "cycles": [
                [c.clock.value, seconds(c.started_at), seconds(c.due), seconds(c.met_at), c.broken]
                for c in self.cycles
            ],
            "waited": [[seconds(start), seconds(end)] for start, end in self.waited],
        }  # fmt: skip

    @classmethod
    def from_spec(cls, spec: dict[str, Any]) -> "CaseClocks":
        """The inverse of ``to_spec``."""
        return cls(
            tuple(
                CycleRecord(
                    ClockKind(clock),
                    to_instant(start),
                    known_instant(due),
                    known_instant(met),
                    broken,
                )
                for clock, start, due, met, broken in spec["cycles"]
            ),
            tuple((to_instant(start), known_instant(end)) for start, end in spec["waited"]),
        )


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch in which a case had one status; ``left`` is None while it goes on."""

    status: Status
    entered: datetime
    left: datetime | None


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as it is counted.

    Attributes:
        account: The account's key, or the customer's folded name where there is none.
        reported_at: When the customer's report came, where that was before the case was raised.
        reopened: When it was reopened soon after a solution, each time.
        restricted: Only those on it may know of it, so it is counted and nothing more.
        arr: Yearly revenue of its account in euro; None for not known.
        stays: In which status it was from when to when, as far as its record tells.
        pauses: Those of its clocks.

    """

    number: int
    account: str
    severity: Severity
    status: Status
    trigger: Trigger
    received_at: datetime
    reported_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    root_cause: RootCause | None = None
    restricted: bool = False
    executive: bool = False
    reopened: tuple[datetime, ...] = ()
    arr: Decimal | None = None
    clocks: CaseClocks = field(default_factory=CaseClocks)
    stays: tuple[Stay, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it is a case of its own: neither merged into another nor dismissed."""
        return self.status not in ELSEWHERE

    def is_open(self, instant: datetime) -> bool:
        """Whether it was being worked on then, as far as its last resolution tells."""
        ended = self.resolved_at or self.closed_at
        return self.counts and self.received_at <= instant and (ended is None or ended > instant)


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """A question that a customer was asked: ``kind`` is pulse or survey; ``score`` is 1 to 5."""

    case: int
    account: str
    kind: str
    asked_at: datetime
    answered_at: datetime | None
    score: int | None


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """What became of a customer's business; amounts in euro a year, None for not known."""

    account: str
    at: datetime
    result: OutcomeResult
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class ConcessionRecord:
    """What a customer was promised, in euro, and when; None for not fulfilled."""

    promised_at: datetime
    fulfilled_at: datetime | None
    worth: Decimal


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """An action item: the day on which it is due, and that on which it was done; None: not yet."""

    due: date
    done: date | None


@dataclass(frozen=True, slots=True)
class Records:
    """All that a report is counted from.

    Attributes:
        cases: Those that were received before the period's end and did not end long before it.
        customers: How many accounts there are; 0 where only one is looked at.
        touches: Sponsors' contacts: when each was due, and when it was made.
        policies: When a policy came into force.
        now: How many cases have each status at this moment, whenever they came.
        names: What accounts are called, by key; of others the key says it.
        cards: Of people and roles when the card was given last, and when it was understood last.
        drilled: Who did a drill, and when.
        people: Whom the policy names for a role, and who are there.
        tellings: Customers who were told in the period what others had met.

    """

    cases: tuple[CaseRecord, ...] = ()
    customers: int = 0
    answers: tuple[AnswerRecord, ...] = ()
    outcomes: tuple[OutcomeRecord, ...] = ()
    concessions: tuple[ConcessionRecord, ...] = ()
    actions: tuple[ActionRecord, ...] = ()
    touches: tuple[tuple[datetime | None, datetime | None], ...] = ()
    policies: tuple[datetime, ...] = ()
    now: Mapping[Status, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    cards: tuple[tuple[datetime, datetime | None], ...] = ()
    drilled: tuple[tuple[str, datetime], ...] = ()
    people: frozenset[str] = frozenset()
    tellings: tuple[TellingRecord, ...] = ()


def record_clocks(states: dict[str, ClockState]) -> CaseClocks:
    """What the clocks of a case tell, by their states.

    A clock that was cancelled owed nothing in its last cycle. One that is late and not stopped has
    a broken cycle that is not met; one that is neither late nor stopped has none yet.
    """
    cycles = []
    for name, state in states.items():
        kind = ClockKind(name.partition(":")[0])
        cycles += [
            CycleRecord(kind, c.started_at, c.due, c.fulfilled_at, c.result == "missed")
            for c in state.cycles
        ]
        if state.cycle > len(state.cycles) and (last := _last_cycle(kind, state)):
            cycles.append(last)
    resolution = states.get(ClockKind.RESOLUTION)
    waited = [(span.start, span.end) for span in resolution.paused_spans] if resolution else []
    return CaseClocks(tuple(cycles), tuple(waited))


def _last_cycle(kind: ClockKind, state: ClockState) -> CycleRecord | None:
    """The cycle that is not among the finished ones, where it is kept or broken."""
    if state.state is State.CANCELLED or state.started_at is None:
        return None
    if state.breached_at is not None:
        due = state.due or state.breached_at
        return CycleRecord(kind, state.started_at, due, state.stopped_at, broken=True)
    if state.stopped_at is not None:
        return CycleRecord(kind, state.started_at, state.due, state.stopped_at, broken=False)
    return None


def net_of_waiting(
    start: datetime, end: datetime, waited: tuple[tuple[datetime, datetime | None], ...]
) -> timedelta:
    """The time between two instants without what was spent waiting; spans do not overlap."""
    away = timedelta()
    for begin, finish in waited:
        away += max(timedelta(), min(finish or end, end) - max(begin, start))
    return end - start - away

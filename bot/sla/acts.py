"""What is said of the thresholds that a case's clocks have reached: one message for each act.

An act is what fulfils a clock. One message to the customer fulfils several clocks at once, those of
``LETTER``: their warnings, breaches and levels are said once, in the name of the clock that is due
first. All that passes before the next message to the customer belongs to the same unsent one. Any
other clock is an act of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.rules.sla import ClockState, EventKind, loudness_of
from bot.rules.sla.thresholds import LOUDEST
from bot.rules.words import ClockKind
from bot.sla.clock_history import ClockSnapshot

LETTER = frozenset({ClockKind.FIRST_RESPONSE, ClockKind.NEXT_REPLY, ClockKind.NEXT_UPDATE})
BEGINS_ANEW = frozenset({EventKind.AGENT_PUBLIC, EventKind.REOPEN})
NEVER = datetime.min.replace(tzinfo=UTC)
QUIET, LATE = 0, 1  # the loudness of a warning and of a breach


@dataclass(frozen=True, slots=True)
class Passed:
    """A threshold that is said now.

    ``folded`` are the names of those that were reached since the last message and are not said.
    """

    state: ClockState
    threshold: str
    folded: Sequence[str] = ()

    @property
    def missed(self) -> bool:
        """True when the clock ran out since the last message, whatever else was reached."""
        return "breach" in {self.threshold, *self.folded}


@dataclass(frozen=True, slots=True)
class Told:
    """A direct message about a clock of a case, as the outbox keeps it."""

    user: str
    clock: str
    cycle: int
    threshold: str
    due: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """Who was told of one act since it was last done, of which due instant, how loudly."""

    told: Sequence[Told] = ()
    loudest: int = -1  # of what was said aloud, a warning apart

    def of(self, loudness: int) -> set[str]:
        """Who was told at least so loudly."""
        return {each.user for each in self.told if loudness_of(each.threshold) >= loudness}

    def warned_of(self, due: datetime) -> set[str]:
        """Who was told of this due instant, or of an earlier one."""
        return {each.user for each in self.told if each.due <= due}


@dataclass(slots=True)
class CaseReminders:
    """What was said of a case's clocks until now: the stored thresholds, the direct messages."""

    sheet: ClockSnapshot
    told: Sequence[Told] = field(default_factory=tuple)

    def heard(self, state: ClockState) -> Heard:
        """What was said of the act that fulfils this clock, since it was last done."""
        act, began = act_of(state.clock), self.began(state)
        told = [
            each for each in self.told
            if act_of(each.clock) == act
            and (each.at >= began if act == LETTER else each.cycle == state.cycle)
        ]  # fmt: skip
        return Heard(told, self._loudest(began) if act == LETTER else -1)

    def began(self, state: ClockState) -> datetime:
        """Since when it counts what was said of the act that fulfils this clock.

        A letter begins when we learned of the last message to the customer, or of the last
        reopening; any other act with the clock's cycle.
        """
        if act_of(state.clock) != LETTER:
            return state.started_at or NEVER
        events = self.sheet.history.events
        return max((e.known_at for e in events if e.kind in BEGINS_ANEW), default=NEVER)

    def _loudest(self, began: datetime) -> int:
        said = [
            loudness_of(row.threshold)
            for row in self.sheet.said
            if row.said and row.fired_at >= began and act_of(row.clock) == LETTER
        ]
        return max((loudness for loudness in said if loudness > QUIET), default=-1)


def act_of(clock: str) -> frozenset[ClockKind] | str:
    """What fulfils the clock of this name: ``LETTER``, or the name itself."""
    return LETTER if clock.partition(":")[0] in LETTER else clock


def choose_said(reached: Sequence[Passed], reminders: CaseReminders, now: datetime) -> list[Passed]:
    """One for each act: the loudest threshold reached, of the clock that is due first.

    An act of which was said before at least as much is left out, but for the mornings on which it
    is still overdue.
    """
    said: list[Passed] = []
    for act in dict.fromkeys(act_of(each.state.clock) for each in reached):
        mine = [each for each in reached if act_of(each.state.clock) == act]
        loudest = max(mine, key=lambda each: loudness_of(each.threshold))
        loudness = loudness_of(loudest.threshold)
        heard = reminders.heard(loudest.state).loudest
        if loudness < LOUDEST and max(loudness, LATE) <= heard:
            continue
        folded = {name for each in mine for name in (*each.folded, each.threshold)}
        folded = {name for name in folded if heard < loudness_of(name) or not loudness_of(name)}
        rest = tuple(sorted(folded - {loudest.threshold}, key=loudness_of))
        open_ones = (s for s in reminders.sheet.states(now).values() if s.open)
        state = first_due(s for s in open_ones if act_of(s.clock) == act) or loudest.state
        said.append(replace(loudest, state=state, folded=rest))
    return said


def first_due(states: Iterable[ClockState]) -> ClockState | None:
    """The one that is, or was, due first; None where none of them has an instant."""
    found = [state for state in states if due_of(state)]
    return min(found, key=lambda state: due_of(state) or NEVER, default=None)


def due_of(state: ClockState) -> datetime | None:
    """When it is due, or was missed; None while it waits."""
    return state.breached_at or state.due

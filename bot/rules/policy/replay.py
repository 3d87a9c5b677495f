"""What would have happened under another policy: the same facts, other terms, side by side.

Changes nothing; ``policy replay`` prints it (bot/operations/policy_versions.py gathers the facts).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.rules.calendars.calendar import Calendar
from bot.rules.policy.clock_events import kind_of, severity_events, start_event
from bot.rules.policy.model import Policy
from bot.rules.sla import ClockState, Event, EventKind, Result, State, replay
from bot.rules.words import Severity

TERMS = frozenset({EventKind.START, EventKind.SEVERITY_CHANGE})


@dataclass(frozen=True)
class Outcome:
    """How a clock came out: breaches of all its cycles, what its present cycle said so far.

    ``due`` is None for a clock that is paused, owes nothing or was cancelled.
    ``warned`` are the percentages reached, ``paged`` the levels of the ladder reached.
    """

    state: State
    due: datetime | None
    breaches: int
    warned: tuple[int, ...]
    paged: int


@dataclass(frozen=True)
class ClockComparison:
    """One clock under both policies; None where a policy does not run it.

    ``changed`` is also true where only what it warned of or called for differs.
    """

    clock: str
    old: Outcome | None
    new: Outcome | None

    @property
    def changed(self) -> bool:
        """Whether anything would have been different."""
        return self.old != self.new


@dataclass(frozen=True)
class Comparison:
    """One case under both policies, clock by clock."""

    clocks: tuple[ClockComparison, ...]

    @property
    def changed(self) -> tuple[ClockComparison, ...]:
        """The clocks that would have come out otherwise."""
        return tuple(clock for clock in self.clocks if clock.changed)


def replay_under(
    events: Iterable[Event],
    severities: Sequence[tuple[datetime, Severity]],
    old: Policy,
    new: Policy,
    calendars: Mapping[str, Calendar],
    as_of: datetime,
) -> Comparison:
    """Run a case's facts under another policy.

    A target that a person set, other than the old policy's own, stays. A clock that only the new
    policy runs cannot be judged: its start was not recorded. Nor does a clock go on that a change
    of severity ended under the old policy, even where the new one runs it at that severity.
    The clocks are answered in the order of their names.

    Args:
        events: The case's events as recorded.
        severities: The case's severity from each instant on, the first one from its opening.
        old: The policy under which the events were written.
        new: The policy to try.
        calendars: Every calendar that an event names.
        as_of: The instant to judge at.
    """
    facts = list(events)
    tried = [other for event in facts if (other := _under(event, severities, old, new))]
    before = replay(facts, calendars, as_of)
    after = replay(tried, {**calendars, **new.calendars_by_key}, as_of)
    names = sorted({*before, *after})
    return Comparison(
        tuple(
            ClockComparison(name, _outcome(before.get(name)), _outcome(after.get(name)))
            for name in names
        )
    )


def _under(
    event: Event, severities: Sequence[tuple[datetime, Severity]], old: Policy, new: Policy
) -> Event | None:
    """The event as the new policy would have written it; None if it would not have.

    Only starts and severity changes carry terms; all else is a fact and stays. The severity is that
    of the event's instant. A severity change becomes the clock's end where the new policy does not
    run it at that severity.
    """
    if event.kind not in TERMS or event.clock is None:
        return event
    severity = _severity_at(severities, event.at)
    if event.target != old.clock(severity, kind_of(event.clock)).target:
        return event
    if event.kind is EventKind.SEVERITY_CHANGE:
        [changed] = severity_events(new, severity, [event.clock], event.at)
        return replace(changed, recorded_at=event.recorded_at)
    started = start_event(new, severity, event.clock, event.at, received_at=event.received_at)
    return replace(started, recorded_at=event.recorded_at) if started else None


def _severity_at(severities: Sequence[tuple[datetime, Severity]], at: datetime) -> Severity:
    """The severity held at an instant; before the first one, the first.

    ``severities`` are in order of time and never empty.
    """
    held = [severity for since, severity in severities if since <= at]
    return held[-1] if held else severities[0][1]


def _outcome(state: ClockState | None) -> Outcome | None:
    """How a clock came out so far; the present cycle counts as a breach at most once."""
    if state is None:
        return None
    until = state.stopped_at or state.as_of
    missed = [cycle for cycle in state.cycles if cycle.result is Result.MISSED]
    present = state.breached_at is not None and not any(
        cycle.started_at == state.started_at for cycle in missed
    )
    return Outcome(
        state=state.state,
        due=state.due,
        breaches=len(missed) + present,
        warned=tuple(pct for pct, at in sorted(state.warn_at.items()) if at <= until),
        paged=sum(at <= until for at in state.ladder) if state.breached_at else 0,
    )

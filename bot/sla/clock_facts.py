"""Clocks as facts: of a case that is replayed, or as they are stored for lists."""

from datetime import datetime, timedelta

from bot.rules.facts import ClockFacts, RoundFacts
from bot.rules.sla import ClockState, Result, State
from storage.models import Clock


def clock_facts(state: ClockState, now: datetime) -> ClockFacts:
    """Return a computed clock as facts; a late one has ``overdue`` in place of ``remaining``."""
    used = state.consumed / state.budget if state.budget else 0.0
    late = state.breached_at is not None and state.stopped_at is None
    left = state.remaining
    if state.promised and state.due is not None:
        left = max(state.due - now, timedelta(0))  # a promise is kept by the wall clock
    return ClockFacts(
        name=state.clock,
        state=state.state,
        started_at=state.started_at or now,
        due=state.due,
        remaining=None if late else left,
        overdue=now - state.breached_at if late and state.breached_at else None,
        share_used=max(used, 0.0),
        paused=state.paused,
        pause_reasons=tuple(state.pause_reasons),
        breached_at=state.breached_at,
        stopped_at=state.stopped_at,
        cycle=state.cycle,
        promised=state.promised,
        rounds=tuple(
            RoundFacts(each.due, each.result is Result.MISSED, each.fulfilled_at)
            for each in state.cycles
            if each.due is not None
        ),
    )


def stored_clock_facts(clock: Clock, now: datetime) -> ClockFacts:
    """Return a stored clock as facts, as lists show it: without what was used and its rounds."""
    late = clock.breached_at is not None and clock.stopped_at is None
    return ClockFacts(
        name=clock.name,
        state=clock.state,
        started_at=clock.started_at,
        due=clock.due,
        remaining=max(clock.due - now, timedelta(0)) if clock.due and not late else None,
        overdue=now - clock.breached_at if late and clock.breached_at else None,
        paused=clock.state == State.PAUSED,
        breached_at=clock.breached_at,
        stopped_at=clock.stopped_at,
        cycle=clock.cycle,
    )

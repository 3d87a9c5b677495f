"""The clocks of cases come due: each reached threshold is recorded, said once, and moved on.

The rows of bot/due_table.py name these functions; bot/engine/due.py runs them in a transaction
that holds the case's row locked. Thresholds and messages are committed together, so after a crash
either both are there or the threshold is found due again. Who hears what: bot/sla/reminders.py.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

from bot import effects
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.sla import ClockState, ThresholdKind, due_thresholds, kind_of_threshold
from bot.sla import clock_history, clocks, reminders
from bot.sla.reminders import ClockReminder, Passed
from storage.models import Case, Fired

LATENESS = Histogram(
    "desk_reminder_lateness_seconds",
    "How long after its instant a reminder was queued",
    buckets=(0.1, 0.5, 1, 5, 30, 120, 600, 3600, 86400),
)
# The label is named as dashboards have it.
FIRED = Counter("desk_reminders_total", "Reminders queued, by kind of threshold", ["moment"])

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FollowUps:
    """What other subjects do in the same transaction when a threshold of a case's clock is reached.

    Attributes:
        missed: The clock ran out.
        retracted: It turned out that the clock of this name had not run out.
        ended: A breach or a level of the ladder was said; answers True if it changed the clocks.
    """

    missed: Callable[[UnitOfWork, Case, ClockState], Awaitable[None]]
    retracted: Callable[[UnitOfWork, Case, str], Awaitable[None]]
    ended: Callable[[UnitOfWork, Case, ClockState], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class DueCase:
    """A locked case of which a clock is due, with all that is stored of its clocks and roles."""

    case: Case
    sheet: clock_history.ClockSnapshot
    holders: reminders.RoleHolders


async def load_due_cases(work: UnitOfWork, cases: Sequence[Case], _: Any) -> list[DueCase]:
    """All that is read for a batch of locked cases, in as many queries as for one.

    Also locks the undelivered card and topic rows of these cases, so that delivery claims none of
    them before the transaction ends.
    """
    sheets = await clock_history.load_snapshots(work.session, [c.number for c in cases])
    holders = await reminders.load_holders(work.session, cases)
    await effects.prefetch_pending(work, cases)
    return [DueCase(c, sheets[c.number], holders[c.number]) for c in cases]


async def fire_clocks(
    follow_ups: FollowUps, work: UnitOfWork, due: DueCase, says: Sequence[ClockReminder]
) -> None:
    """Say what was reached on every clock of the case, and store when each is next due.

    ``says`` is the table of reminders. One message for each clock: the loudest threshold reached;
    the rest are recorded as folded into it. Clocks are computed again where a follow-up changed
    them.
    """
    moved = False  # something that was said changed the clocks themselves
    for state in due.sheet.states(work.now).values():
        known = due.sheet.fired.setdefault((state.clock, state.cycle), set())
        if clocks.to_retract(state, known):
            await _retract(follow_ups, work, due.case, state)
        if not state.open:
            continue
        passed = _record_passed(work, due.case, state, known)
        if passed is not None:
            await _speak(work, due, passed, says)
            moved |= await _follow_up(follow_ups, work, due.case, passed)
    await clocks.project_clocks(work, due.case, None if moved else due.sheet)


async def _retract(follow_ups: FollowUps, work: UnitOfWork, case: Case, state: ClockState) -> None:
    """Take an alarm back: once for each cycle, in the channel, on the card and in the timeline."""
    _record(work, case, state, clocks.RETRACTED, work.now, said=True)
    work.note(case, "breach_retracted", after={"clock": state.clock})
    await follow_ups.retracted(work, case, state.clock)
    await effects.queue_post(work, case, "notice:breach_retracted", {"clock": state.clock})
    await effects.queue_card(work, case)


async def _follow_up(follow_ups: FollowUps, work: UnitOfWork, case: Case, passed: Passed) -> bool:
    """Note a breach or a level in the timeline and let others react. True if clocks were changed.

    The entry's verb is ``breach`` or ``ladder``; ``after`` carries ``clock`` and ``threshold``. A
    warning leaves no entry.
    """
    kind = kind_of_threshold(passed.threshold)
    if kind is ThresholdKind.WARN:
        return False
    if kind is ThresholdKind.BREACH:
        await follow_ups.missed(work, case, passed.state)
    after = {"clock": passed.state.clock, "threshold": passed.threshold}
    work.note(case, kind.value, after=after)
    return await follow_ups.ended(work, case, passed.state)


def _record_passed(
    work: UnitOfWork, case: Case, state: ClockState, known: set[str]
) -> Passed | None:
    """Record what was reached, in ``known`` too.

    Answers the threshold that is said, with the rest as folded into it; None where nothing is said.
    """
    reached, said = due_thresholds(state, known, work.now)
    for threshold in reached:
        _record(work, case, state, threshold.name, threshold.at, said=threshold == said)
    known |= {threshold.name for threshold in reached}
    if said is None:
        return None
    return Passed(state, said.name, [each.name for each in reached if each != said])


async def _speak(
    work: UnitOfWork, due: DueCase, passed: Passed, says: Sequence[ClockReminder]
) -> None:
    case, threshold = due.case, passed.threshold
    FIRED.labels(kind_of_threshold(threshold).value).inc()
    log.info(
        "reminder_queued", case=case.number, clock=passed.state.clock, threshold=threshold,
        correlation=work.correlation,
    )  # fmt: skip
    await reminders.queue_reminder(work, case, passed, due.holders, says)
    # The time left has changed, if nothing else; that is not urgent, so it goes after the words.
    await effects.queue_card(work, case, priority=effects.NUDGE)


def _record(
    work: UnitOfWork, case: Case, state: ClockState, threshold: str, due: datetime, *, said: bool
) -> None:
    """Add the row that keeps a threshold from firing again.

    ``due`` is the threshold's instant, not the clock's; ``said`` is False for one that was folded
    into a louder one.
    """
    LATENESS.observe(max((work.now - due).total_seconds(), 0.0))
    work.session.add(
        Fired(
            case_number=case.number,
            clock=state.clock,
            cycle=state.cycle,
            threshold=threshold,
            due=due,
            fired_at=work.now,
            said=said,
        )
    )

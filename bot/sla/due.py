"""The clocks of cases come due: each reached threshold is recorded, said once, and moved on.

The rows of bot/due_table.py name these functions; bot/engine/due.py runs them in a transaction
that holds the case's row locked. Thresholds and messages are committed together, so after a crash
either both are there or the threshold is found due again. Who hears what: bot/sla/reminders.py,
bot/sla/acts.py and bot/sla/telling.py.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

from bot import effects
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.sla import (
    ClockState,
    ThresholdKind,
    due_thresholds,
    kind_of_threshold,
    thresholds,
)
from bot.rules.words import ClockKind
from bot.sla import clock_history, clocks, telling
from bot.sla.acts import CaseReminders, Passed, Told, act_of, choose_said
from bot.sla.nudges import due_nudge
from bot.sla.reminders import ClockReminder, find_reminder, is_said, warning_percentages
from bot.sla.told import load_told
from storage.models import Case, Fired

LATENESS = Histogram(
    "desk_reminder_lateness_seconds",
    "How long after its instant a reminder was queued",
    buckets=(0.1, 0.5, 1, 5, 30, 120, 600, 3600, 86400),
)
# The label is named as dashboards have it.
FIRED = Counter("desk_reminders_total", "Reminders queued, by kind of threshold", ["moment"])

NOTED = frozenset({ThresholdKind.BREACH, ThresholdKind.LADDER})  # kept in the timeline

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FollowUps:
    """What other subjects do in the same transaction when a threshold of a case's clock is reached.

    Attributes:
        missed: The clock ran out, whether or not a louder threshold is said in its place. Answers
            the user ids of those whom it told of it, who then need no reminder.
        retracted: It turned out that the clock of this name had not run out.
        ended: A breach or a level of the ladder was reached; answers True if it changed the clocks.
    """

    missed: Callable[[UnitOfWork, Case, ClockState], Awaitable[Collection[str]]]
    retracted: Callable[[UnitOfWork, Case, str], Awaitable[None]]
    ended: Callable[[UnitOfWork, Case, ClockState], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class DueCase:
    """A locked case of which a clock is due, with all that is stored of its clocks and roles."""

    case: Case
    sheet: clock_history.ClockSnapshot
    holders: telling.RoleHolders
    told: Sequence[Told] = ()


async def load_due_cases(work: UnitOfWork, cases: Sequence[Case], _: Any) -> list[DueCase]:
    """All that is read for a batch of locked cases, in as many queries as for one.

    Also locks the undelivered card and topic rows of these cases, so that delivery claims none of
    them before the transaction ends.
    """
    numbers = [case.number for case in cases]
    sheets = await clock_history.load_snapshots(work.session, numbers)
    holders = await telling.load_holders(work.session, cases)
    await telling.add_offers(work.session, holders, _offers(work, sheets.values()))
    told = await load_told(work.session, sheets, work.now)
    await effects.prefetch_pending(work, cases)
    return [DueCase(c, sheets[c.number], holders[c.number], told[c.number]) for c in cases]


def _offers(work: UnitOfWork, sheets: Iterable[clock_history.ClockSnapshot]) -> list[int]:
    """The ids of the offers that wait for an answer, by the clocks that they run."""
    open_ones = [state for sheet in sheets for state in sheet.states(work.now).values()]
    names = [state.clock.partition(":") for state in open_ones if state.open]
    return [int(key) for kind, _, key in names if kind == ClockKind.HANDOFF]


async def fire_clocks(
    follow_ups: FollowUps, work: UnitOfWork, due: DueCase, says: Sequence[ClockReminder]
) -> None:
    """Say what was reached on the case's clocks, and store when each is next due.

    ``says`` is the table of reminders. Of each clock the loudest threshold reached counts, the rest
    are recorded as folded into it; one message is left for each act, and one for each person.
    Clocks are computed again where a follow-up changed them.
    """
    reached = [
        passed
        for state in due.sheet.states(work.now).values()
        if (passed := await _reach(follow_ups, work, due, state)) is not None
    ]
    reminded = CaseReminders(due.sheet, due.told)
    heard = [each for each in reached if _is_heard(work, due.case, each, says)]
    said = choose_said(heard, reminded, work.now)
    _record_reached(work, due, reached, said)
    moved, briefed = False, set[str]()
    for passed in reached:
        if passed.missed and not due.case.drill:  # nobody is asked for a call
            briefed |= set(await follow_ups.missed(work, due.case, passed.state))
        moved |= await _follow_up(follow_ups, work, due.case, passed)
    speech = telling.Speech(work, due.case, due.holders, reminded, says, briefed)
    await telling.say_reached(speech, said)
    if reached:
        # The time left has changed, if nothing else; not urgent, so it goes after the words.
        await effects.queue_card(work, due.case, priority=effects.NUDGE)
    await clocks.project_clocks(work, due.case, None if moved else due.sheet)


async def _reach(
    follow_ups: FollowUps, work: UnitOfWork, due: DueCase, state: ClockState
) -> Passed | None:
    """What the clock has reached since it was last looked at; takes a wrong alarm back first.

    What is folded into it is recorded here, the threshold that counts by ``_record_reached``.
    """
    known = due.sheet.fired.setdefault((state.clock, state.cycle), set())
    if clocks.to_retract(state, known):
        await _retract(follow_ups, work, due.case, state)
    if not state.open:
        return None
    passed = _fold_passed(work, due.case, state, known)
    calendars = due.sheet.history.calendars
    nudge = due_nudge(work.policy, calendars, state, known, work.now)
    if passed is not None and nudge is not None:  # a level just said stands for the morning
        known.add(nudge.name)
        _record(work, due.case, state, nudge.name, nudge.at, said=False)
    return passed or (Passed(state, nudge.name) if nudge else None)


def _is_heard(work: UnitOfWork, case: Case, passed: Passed, says: Sequence[ClockReminder]) -> bool:
    """True where a person or the channel hears of it; other thresholds only colour the card."""
    entry = find_reminder(says, passed.state.clock, passed.threshold)
    warns = warning_percentages(work, case, passed.state.clock)
    told = entry is not None and is_said(entry, passed.threshold, warns, passed.folded)
    return told or passed.missed


async def _retract(follow_ups: FollowUps, work: UnitOfWork, case: Case, state: ClockState) -> None:
    """Take an alarm back: once for each cycle, in the channel, on the card and in the timeline."""
    _record(work, case, state, clocks.RETRACTED, work.now, said=True)
    work.note(case, "breach_retracted", after={"clock": state.clock})
    await follow_ups.retracted(work, case, state.clock)
    await effects.queue_post(work, case, "notice:breach_retracted", {"clock": state.clock})
    await effects.queue_card(work, case)


async def _follow_up(follow_ups: FollowUps, work: UnitOfWork, case: Case, passed: Passed) -> bool:
    """Note a breach and a level in the timeline and let others react. True if clocks were changed.

    The entry's verb is ``breach`` or ``ladder``; ``after`` carries ``clock`` and ``threshold``. A
    warning or a morning's nudge leaves no entry.
    """
    names = [n for n in (clocks.BREACH, passed.threshold) if n != clocks.BREACH or passed.missed]
    noted = [name for name in dict.fromkeys(names) if kind_of_threshold(name) in NOTED]
    for name in noted:
        after = {"clock": passed.state.clock, "threshold": name}
        work.note(case, kind_of_threshold(name).value, after=after)
    return await follow_ups.ended(work, case, passed.state) if noted else False


def _fold_passed(work: UnitOfWork, case: Case, state: ClockState, known: set[str]) -> Passed | None:
    """The threshold that counts, with the rest as folded into it; None where nothing is to be said.

    What was reached is added to ``known``.
    """
    reached, said = due_thresholds(state, known, work.now)
    known |= {threshold.name for threshold in reached}
    for threshold in reached:
        if threshold != said:
            _record(work, case, state, threshold.name, threshold.at, said=False)
    if said is None:
        return None
    return Passed(state, said.name, [each.name for each in reached if each != said])


def _record_reached(
    work: UnitOfWork, due: DueCase, reached: Sequence[Passed], said: Sequence[Passed]
) -> None:
    """Record each threshold that counts; those that another clock of the act said are folded."""
    aloud = {(act_of(each.state.clock), each.threshold) for each in said}
    for passed in reached:
        state, threshold = passed.state, passed.threshold
        FIRED.labels(kind_of_threshold(threshold).value).inc()
        log.info(
            "reminder_queued", case=due.case.number, clock=state.clock, threshold=threshold,
            correlation=work.correlation,
        )  # fmt: skip
        due.sheet.fired[state.clock, state.cycle].add(threshold)
        at = next((each.at for each in thresholds(state) if each.name == threshold), work.now)
        spoken = (act_of(state.clock), threshold) in aloud
        quiet = kind_of_threshold(threshold) is ThresholdKind.WARN
        _record(work, due.case, state, threshold, at, said=spoken or quiet)


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

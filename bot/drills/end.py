"""A drill ends: by a button or by itself, with a review; cancelled, it counts for no one.

The three ways leave the same: no clock that runs, no hold, no offer; the case is dismissed, which
no figure counts and no list shows. The record stays, and those who played can read it.
"""

from collections.abc import Sequence
from typing import ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core.steps import authorize_case, clear_hold, refresh_card
from bot.engine.due import Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.learning.drills import TIMED, Ran, review_drill
from bot.rules.sla import ClockState, Result
from bot.rules.states import HandoverState
from bot.rules.words import ClockKind, Status
from bot.sla import clock_history, clocks
from storage.in_hand import rows_about
from storage.models import Case, Drill, DrillDone, Handover, TimelineEvent

FRAME = frozenset({"start_drill", "end_drill", "cancel_drill"})  # who did no more has not played
CLOCKS = {kind.value: kind for kind in TIMED.values()}


class EndDrill(OnCase):
    """The drill is over: it is reviewed, and counts for those who did something in it."""

    verb: ClassVar[str] = "end_drill"


class CancelDrill(OnCase):
    """The drill is left: it is not reviewed and counts for no one."""

    verb: ClassVar[str] = "cancel_drill"


async def end_drill(work: UnitOfWork, intent: EndDrill) -> Answer | None:
    """End and review the drill; the channel reads it.

    Timeline ``end_drill``: ``users``, for whom it counts. Raises UserError ``no_such_case``,
    ``no_drill`` for a case that is none, ``drill_is_over``.
    """
    case, drill = await _running(work, intent.case, "end_drill")
    await _review(work, case, drill, "notice:drill_reviewed", by=work.actor.user_id)
    return None


async def cancel_drill(work: UnitOfWork, intent: CancelDrill) -> Answer | None:
    """End the drill without a review; raises as ``end_drill`` does."""
    case, drill = await _running(work, intent.case, "cancel_drill")
    drill.cancelled = True
    await _close(work, case, drill)
    work.note(case, "cancel_drill")
    await effects.queue_post(work, case, "notice:drill_cancelled", {"by": work.actor.user_id})
    await refresh_card(work, case)
    return None


async def end_by_itself(work: UnitOfWork, drill: Drill, says: Sequence[Reminder]) -> None:
    """Review a drill that has run out of time; the row of the drill is locked."""
    case = await work.case(drill.case_number)
    await _review(work, case, drill, get_reminder(says, "drill_over").template, by="")


async def _running(work: UnitOfWork, number: int, verb: str) -> tuple[Case, Drill]:
    """The case, locked, and its drill, when the actor plays it and it has not ended.

    Raises UserError ``no_such_case`` to all who do not play, ``no_drill``, ``drill_is_over``.
    """
    case = await authorize_case(work, number, verb)
    drill = await work.session.get(Drill, case.number)
    if drill is None:
        raise UserError("no_drill")
    if drill.ended_at is not None:
        raise UserError("drill_is_over")
    return case, drill


async def _review(work: UnitOfWork, case: Case, drill: Drill, text: str, *, by: str) -> None:
    """End the drill and say how each step went, ``by`` whom it was ended, and for whom it counts.

    The extra of the notice: ``went``, rows of ``step`` and ``how``, and ``people``.
    """
    states = await clock_history.load_states(work.session, case.number, work.now)
    ran = [each for name, state in states.items() if name in CLOCKS for each in _ran(state)]
    of_case = col(TimelineEvent.case_number) == case.number
    acted = (await work.session.exec(select(TimelineEvent).where(of_case))).all()
    did = [row for row in acted if row.actor in case.drill_for and row.verb not in FRAME]
    went = review_drill(ran, {row.verb for row in did}, work.now)
    users = sorted({row.actor for row in did})
    for user in users:
        work.session.add(DrillDone(user_id=user, case_number=case.number, done_at=work.now))
    await _close(work, case, drill)
    work.note(case, "end_drill", after={"users": users})
    rows = [{"step": step.value, "how": how.value} for step, how in went]
    said = {"by": by, "people": users, "went": rows}
    await effects.queue_post(work, case, text, said)
    await refresh_card(work, case)


def _ran(state: ClockState) -> list[Ran]:
    """The cycles of a clock, the one that runs among them; one that never began is none.

    A cycle that was answered late keeps its due instant, so it is seen to be late.
    """
    kind = ClockKind(state.clock)
    done = [
        Ran(kind, each.due, each.fulfilled_at)
        for each in state.cycles
        if each.fulfilled_at is not None or each.result is Result.MISSED
    ]
    if state.open or (state.stopped_at is not None and not state.cycles):
        done.append(Ran(kind, state.due, state.stopped_at))
    return done


async def _close(work: UnitOfWork, case: Case, drill: Drill) -> None:
    """Nothing runs any more: no clock, no hold, no offer; what was done stays on the record."""
    drill.ended_at, drill.ends_at = work.now, None
    work.session.add(drill)
    case.status = Status.DISMISSED.value
    clear_hold(case)
    for offer in await rows_about(work.session, Handover, case.number):
        if offer.state == HandoverState.OFFERED:
            offer.state, offer.answered_at = HandoverState.REFUSED, work.now
            work.session.add(offer)
    await clocks.cancel_clocks(work, case)

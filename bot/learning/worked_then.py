"""“It worked then”: an open case is shown what solved those that were like it.

It is looked for them once the case is opened (``LOOK_AFTER`` it, so that a technical lead may be
named) and when half the time for a workaround has gone. The technical lead is told, the channel
where there is none yet; the same cases are told once to a person, and that there are none is not
told.

What is used from there is recorded, and fills the form of the workaround. It can be taken back, and
another solution takes its place.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import check_permission, role_holders
from bot.core.steps import authorize_case, case_answer, require_status
from bot.engine.due import Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.learning.similar import find_similar
from bot.rules.learning.similar import SimilarCase, is_solved, untold, what_worked
from bot.rules.lifecycle import OPEN
from bot.rules.sla import State
from bot.rules.words import ClockKind, Role
from messages.kit.blocks import fit_plain
from storage.in_hand import rows_about
from storage.models import Case, Clock, WorkedThen

LOOK_AGAIN = timedelta(hours=1)  # after which a paused clock is asked again how far it is
TOLD = 240  # characters of what worked, in a notice
IN_CHANNEL = "channel"  # the key in ``WorkedThen.told`` of all who read the case's channel


class TrySolution(OnCase):
    """Try on this case what worked in another one, by its number."""

    verb: ClassVar[str] = "try_solution"
    other: Hidden[int]


class DropSolution(OnCase):
    """Take back that the solution of another case is being tried."""

    verb: ClassVar[str] = "drop_solution"


async def try_solution(work: UnitOfWork, intent: TrySolution) -> Answer | None:
    """Record that what worked in another case is tried here; the newest takes its place.

    Timeline ``try_solution``: ``tried`` (a number). The answer ``notice:solution_tried`` has
    ``place`` (``ESC-7``) and ``remark``: what worked. Raises UserError ``no_such_case``,
    ``not_your_role``, ``wrong_status``, ``no_such_solution`` where the other case is restricted or
    not solved any more.
    """
    case = await authorize_case(work, intent.case, "try_solution")
    require_status(case, "try_solution")
    other = await read_solution(work.session, intent.other)
    if other is None or other.number == case.number:
        raise UserError("no_such_solution")
    await check_permission(work.session, work.policy, work.actor.user_id, "list", other)
    row = await _find_row(work, case)
    row.tried, row.tried_by = other.number, work.actor.user_id
    work.session.add(row)
    work.note(case, "try_solution", after={"tried": other.number})
    worked = what_worked(other.workaround_note, other.resolution_note)
    said = {"place": f"ESC-{other.number}", "remark": fit_plain(worked, TOLD)}
    return case_answer(case, "notice:solution_tried", **said)


async def drop_solution(work: UnitOfWork, intent: DropSolution) -> Answer | None:
    """Record that it is tried no more. Timeline ``drop_solution``: ``tried`` (a number).

    Raises UserError ``no_such_case``, ``not_your_role``, ``wrong_status``, ``nothing_tried``.
    """
    case = await authorize_case(work, intent.case, "drop_solution")
    require_status(case, "drop_solution")
    row = await work.session.get(WorkedThen, case.number)
    if row is None or row.tried is None:
        raise UserError("nothing_tried")
    work.note(case, "drop_solution", after={"tried": row.tried})
    row.tried, row.tried_by = None, ""
    work.session.add(row)
    return None


async def read_solution(session: AsyncSession, number: int) -> Case | None:
    """The solved, public case of this number; None where there is no such one (any more)."""
    found = await session.get(Case, number)
    if found is None or found.sensitive:
        return None
    worked = what_worked(found.workaround_note, found.resolution_note)
    return found if is_solved(found.status, found.closure_code, worked) else None


async def _find_row(work: UnitOfWork, case: Case) -> WorkedThen:
    """The case's row, or a new one, which is not in the session yet; the case is locked."""
    return await work.session.get(WorkedThen, case.number) or WorkedThen(
        case_number=case.number, told={}
    )


async def tell_what_worked(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> None:
    """Look for solved cases like this one, and tell of them; the case is locked.

    Once more when half the time for the workaround has gone, which is asked again where the clock
    moved meanwhile. A case that has its workaround, or is over, is told nothing.
    """
    case.similar_at = None
    work.session.add(case)
    clock = await _workaround_clock(work.session, case)
    seen = await work.session.get(WorkedThen, case.number)
    if case.status not in OPEN or case.workaround_note or (clock and _has_ended(clock)):
        return
    later = _half_way(clock, work.now) if clock else None
    if seen is not None and later is not None:
        case.similar_at = later  # not half way yet: it was paused, or begun anew
        return
    case.similar_at = later
    row = seen or WorkedThen(case_number=case.number, told={})
    lead = (await role_holders(work.session, case)).get(Role.TECHNICAL_LEAD, "")
    reader, who = lead or case.owner, lead or IN_CHANNEL
    texts = (case.stake, case.component)
    found = await find_similar(work.session, work.policy, reader, texts, but=case.number)
    told = row.told.get(who, [])
    if fresh := untold(found, told):
        row.told = {**row.told, who: [*told, *(each.number for each in fresh)]}
        await _tell(work, case, says, lead, fresh)
    work.session.add(row)


async def _tell(
    work: UnitOfWork, case: Case, says: Sequence[Reminder], lead: str, found: Sequence[SimilarCase]
) -> None:
    """Tell the technical lead what worked; the channel, where there is none, only how many.

    Not everybody in a channel may read every case: those who press the button are asked.
    """
    reminder = get_reminder(says, "worked_then" if lead else "worked_then_here")
    said: dict[str, Any] = {"count": len(found)}
    said |= {"solved": [_describe(each) for each in found]} if lead else {}
    known: dict[str, Sequence[str]] = {Role.TECHNICAL_LEAD: (lead,)} if lead else {}
    await effects.queue_reminder(work, case, reminder, said, known=known, priority=effects.NUDGE)


def _describe(each: SimilarCase) -> dict[str, Any]:
    """What a notice says of a solved case, as JSON."""
    name, worked = fit_plain(each.customer, 80), fit_plain(" ".join(each.worked.split()), TOLD)
    return {"other": each.number, "reference": each.reference, "customer": name, "worked": worked}


async def _workaround_clock(session: AsyncSession, case: Case) -> Clock | None:
    """The clock of the workaround as it stands; None where the severity does not have one."""
    clocks = await rows_about(session, Clock, case.number)
    return next((row for row in clocks if row.name == ClockKind.WORKAROUND), None)


def _has_ended(clock: Clock) -> bool:
    """Whether the workaround was told, or is not owed any more; a late one may still be."""
    return clock.stopped_at is not None or clock.state in (State.MET, State.CANCELLED)


def _half_way(clock: Clock, now: datetime) -> datetime | None:
    """When half the time for the workaround has gone, if that is to come; of a paused clock, when
    to ask again.
    """
    if clock.due is None:
        return now + LOOK_AGAIN if clock.state == State.PAUSED else None
    half = clock.started_at + (clock.due - clock.started_at) / 2
    return half if half > now else None


async def tried_solution(session: AsyncSession, number: int) -> Case | None:
    """The case of which the solution is tried in this one; None for none, or where it is hidden.

    Hidden is one that was restricted or reopened since: its row still names it.
    """
    row = await session.get(WorkedThen, number)
    return await read_solution(session, row.tried) if row and row.tried is not None else None

"""What time brings to a flag: the next is asked to take it, the call is reminded of.

Whom the reminders reach is decided when they are due: one who is away by then is stood in for.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot import effects
from bot.core.steps import refresh_card, severity_of
from bot.duty.executives import TAKES_FLAG, list_present
from bot.duty.on_duty import load_rota
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.executives.flagging import (
    CALL,
    HAVE,
    ask_next,
    describe_flag,
    find_due,
    find_flagging,
)
from bot.rules.lifecycle import LIVE
from bot.sla.nudges import find_open_morning
from storage.models import Case, Flagging

RUNG = timedelta(minutes=30)  # from one who was asked to the next


async def chase_flag(work: UnitOfWork, locked: Case, says: Sequence[Reminder]) -> None:
    """Go on to the next who could take the flag, or remind the one who owes the call."""
    case = await work.case(locked.number)
    row = await find_flagging(work, case)
    if row is None or row.next_at is None or row.next_at > work.now:
        return
    row.next_at = None
    work.session.add(row)
    if case.status not in LIVE:
        row.ended_at = work.now
    elif row.had_by is None:
        await _climb(work, case, row, says)
    else:
        await _remind_of_call(work, case, row, says)


async def _climb(work: UnitOfWork, case: Case, row: Flagging, says: Sequence[Reminder]) -> None:
    """Ask the next; where nobody is left the owner hears once that nobody has it."""
    if await find_due(work, case, HAVE) is None:
        return
    if await ask_next(work, case, row):
        row.next_at = work.now + RUNG
        await refresh_card(work, case)
        return
    said = await describe_flag(work, case, row)
    await effects.queue_reminder(
        work, case, get_reminder(says, "flag_unheard"), said, priority=effects.BREACH
    )


async def _remind_of_call(
    work: UnitOfWork, case: Case, row: Flagging, says: Sequence[Reminder]
) -> None:
    """Before the call is due once; from then each morning until it is logged."""
    due = await find_due(work, case, CALL)
    if due is None:
        row.ended_at = work.now
        return
    late = due <= work.now
    row.reminded += 1
    row.next_at = _next_morning(work, case) if late else due
    known: dict[str, list[str]] = {Audience.ASKED: await _who_calls(work, case, row)}
    said = {**await describe_flag(work, case, row), "user": row.had_by}
    name = "executive_call_late" if late else "executive_call_soon"
    priority = effects.BREACH if late else effects.NUDGE
    reminder = get_reminder(says, name)
    await effects.queue_reminder(work, case, reminder, said, known=known, priority=priority)


def _next_morning(work: UnitOfWork, case: Case) -> datetime:
    """The digest's hour of the next morning on which the calendar of the call's clock is open."""
    terms = work.policy.clock(severity_of(case), CALL)
    return find_open_morning(work.policy, work.policy.calendars.get(terms.calendar), work.now)


async def _who_calls(work: UnitOfWork, case: Case, row: Flagging) -> list[str]:
    """The one who has the flag, their deputy while they are away, else the next executive."""
    there = (await load_rota(work)).stand_in([row.had_by or ""], work.now)
    if there and (there[0] == row.had_by or not case.sensitive):
        return [there[0]]
    return (await list_present(work, case, TAKES_FLAG))[:1]

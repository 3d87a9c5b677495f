"""A fulfilment that was recorded by mistake is undone: what was promised is due again.

What was recorded is kept beside its undoing (``UndoneFulfilment``).
"""

from datetime import datetime, timedelta
from typing import ClassVar

from bot.concessions.fulfil import untell
from bot.concessions.rows import describe_concession, find_concession, tell_people
from bot.core.access import roles_of
from bot.core.granted import business_days_after, remind_before
from bot.core.steps import authorize_case, case_answer, refresh_card
from bot.customers.money import NEVER_READ
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.permissions import PERMISSIONS
from bot.rules.states import ConcessionState
from storage.models import Case, Concession, SentMessage, UndoneFulfilment

UNDO_DAYS = 30  # after it was recorded; later the months in which it was booked are closed


class UnfulfilConcession(OnCase):
    """The customer does not have it, though that was recorded."""

    verb: ClassVar[str] = "unfulfil_concession"
    concession: Hidden[int]
    why: Text


async def unfulfil_concession(work: UnitOfWork, intent: UnfulfilConcession) -> Answer | None:
    """Have it due again, in any status of the case, and its reminders run.

    Its author, who recorded it, and those who may void one may, for ``UNDO_DAYS``; author, owner
    and who recorded it hear of it. Timeline ``unfulfil_concession``: ``concession`` alone. Raises
    UserError ``no_such_concession``, ``not_fulfilled`` (``concession_state``), ``not_your_role``,
    ``fulfilled_long_ago`` (``days``).
    """
    case = await authorize_case(work, intent.case, "unfulfil_concession")
    row = await find_concession(work, case, intent.concession)
    if row.state is not ConcessionState.FULFILLED:
        raise UserError("not_fulfilled", concession_state=row.state.value)
    roles = await roles_of(work, case)
    theirs = work.actor.user_id in (row.fulfilled_by, row.author)
    if not theirs and not roles & PERMISSIONS["void_concession"]:
        raise UserError("not_your_role", verb="unfulfil_concession")
    at: datetime = row.recorded_at or row.fulfilled_at or work.now
    if work.now - at > timedelta(days=UNDO_DAYS):
        raise UserError("fulfilled_long_ago", days=UNDO_DAYS)
    undone = _take_back(work, case, row, intent.why)
    await _have_due_again(work, case, row)
    said = {
        **describe_concession(row), "by": undone.undone_by, "remark": undone.why,
        "evidence": undone.evidence, "recorder": undone.fulfilled_by,
        "due": row.fulfil_by.isoformat() if row.fulfil_by else "",
    }  # fmt: skip
    people = [row.author, case.owner, undone.fulfilled_by]
    await tell_people(work, case, people, "concession_unfulfilled", said)
    await refresh_card(work, case)
    return case_answer(case, "notice:concession_unfulfilled", **said)


def _take_back(work: UnitOfWork, case: Case, row: Concession, why: str) -> UndoneFulfilment:
    """Keep what was recorded in a row of its own; the concession forgets it."""
    undone = UndoneFulfilment(
        case_number=case.number, concession=row.id, fulfilled_at=row.fulfilled_at or work.now,
        fulfilled_by=row.fulfilled_by or "", evidence=row.evidence, undone_at=work.now,
        undone_by=work.actor.user_id, why=why,
    )  # fmt: skip
    work.session.add(undone)
    row.fulfilled_at = row.recorded_at = row.fulfilled_by = None
    row.evidence, row.state = "", ConcessionState.PROMISED
    work.session.add(row)
    work.note(case, "unfulfil_concession", after={"concession": row.id})
    return undone


async def _have_due_again(work: UnitOfWork, case: Case, row: Concession) -> None:
    """The deadline stays that of the promise; what is late is reminded of on the next business day.

    Where its message did not reach the customer meanwhile, nothing was promised.
    """
    message = await work.session.get(SentMessage, row.message) if row.message else None
    if message is not None and message.state in NEVER_READ:
        untell(work, case, row)
        return
    due: datetime = row.fulfil_by or work.now
    before = remind_before(work.policy, row.promised_at or work.now)
    coming = [each for each in (before, due) if each > work.now]
    row.next_at = min(coming, default=business_days_after(work.policy, work.now, 1))
    row.reminded = 0

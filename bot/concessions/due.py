"""What time brings to concessions: reminders, their end, and promises that are not fulfilled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot import effects
from bot.concessions.approval import SeatApproval, standing_without
from bot.concessions.rows import describe_concession, list_seats, void_seats
from bot.core.access import on_case
from bot.core.granted import business_days_after
from bot.core.steps import refresh_card
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.money.matrix import Seat
from bot.rules.states import ApprovalState, ConcessionState
from storage.in_hand import rows_about
from storage.models import Case, Concession

LATE_AGAIN = 5  # business days between reminders of a promise that is late


async def age_concessions(work: UnitOfWork, row: Case, says: Sequence[Reminder]) -> None:
    """Do for each concession of the case what has come due. Whatever the case's status."""
    case = await work.case(row.number)
    for each in await rows_about(work.session, Concession, case.number):
        if each.next_at is not None and each.next_at <= work.now:
            await _age(work, case, each, says)
            work.session.add(each)


async def _age(work: UnitOfWork, case: Case, row: Concession, says: Sequence[Reminder]) -> None:
    """What time does to a concession, by its state; ``next_at`` is when it is looked at again.

    One that is promised is never given up, only reminded of; others end with their time.
    """
    row.next_at = None
    if row.state is ConcessionState.PROMISED:
        await _remind_of_promise(work, case, row, says)
    elif row.state in (ConcessionState.WAITING, ConcessionState.APPROVED):
        if row.expires_at <= work.now:
            await _expire(work, case, row, says)
        elif row.state is ConcessionState.WAITING:
            await _remind_approvers(work, case, row, says)
        else:
            row.next_at = row.expires_at


async def _expire(work: UnitOfWork, case: Case, row: Concession, says: Sequence[Reminder]) -> None:
    """What was not decided, or not promised, in time is over; its author hears of it."""
    row.state, row.ended_at = ConcessionState.EXPIRED, work.now
    await void_seats(work, row)
    work.note(case, "expire_concession", after={"concession": row.id})
    await _say(work, case, row, get_reminder(says, "concession_expired"))
    await refresh_card(work, case)


async def _remind_approvers(
    work: UnitOfWork, case: Case, row: Concession, says: Sequence[Reminder]
) -> None:
    """Ask those again who may decide, on each business day."""
    standing = await standing_without(work, case)
    row.reminded += 1
    row.next_at = min(business_days_after(work.policy, work.now, 1), row.expires_at)
    for seat in await list_seats(work.session, row):
        if seat.state is ApprovalState.WAITING and seat.seat != Seat.SECOND:
            subject = SeatApproval(work, case, row, Seat(seat.seat), standing)
            people = await subject.list_approvers(seat.author)
            await _say(
                work, case, row, get_reminder(says, "concession_waits"),
                {**subject.describe(), "times": row.reminded}, {Audience.ASKED: people},
            )  # fmt: skip


async def _remind_of_promise(
    work: UnitOfWork, case: Case, row: Concession, says: Sequence[Reminder]
) -> None:
    """Remind the author before it is late; once it is, finance and the case's owner hear of it."""
    due: datetime = row.fulfil_by or work.now
    extra = {"due": due.isoformat()}
    if work.now < due:
        row.next_at = due
        await _say(work, case, row, get_reminder(says, "concession_due"), extra)
        return
    row.next_at = business_days_after(work.policy, work.now + timedelta(seconds=1), LATE_AGAIN)
    await _say(work, case, row, get_reminder(says, "concession_overdue"), extra)


async def _say(
    work: UnitOfWork,
    case: Case,
    row: Concession,
    reminder: Reminder,
    extra: dict[str, Any] | None = None,
    known: dict[str, Sequence[str]] | None = None,
) -> None:
    """Queue a reminder about the concession.

    Its author hears it as one of the audiences, of a restricted case only while they are on it.
    """
    people = {Audience.AUTHOR: (row.author,), **(known or {})}
    if case.sensitive and not await on_case(work.session, case, row.author):
        people[Audience.AUTHOR] = ()
    said = {**describe_concession(row), **(extra or {})}
    await effects.queue_reminder(work, case, reminder, said, known=people, priority=effects.NUDGE)

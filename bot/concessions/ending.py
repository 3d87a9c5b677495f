"""A concession that comes to nothing: taken back, or no longer owed."""

from typing import ClassVar

from bot.concessions.rows import (
    describe_concession,
    find_concession,
    list_seats,
    tell_people,
    void_seats,
)
from bot.core.access import roles_of
from bot.core.steps import authorize_case, case_answer, refresh_card
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.permissions import PERMISSIONS
from bot.rules.states import UNSETTLED, ConcessionState
from storage.models import Case, Concession

BEFORE_PROMISE = (ConcessionState.WAITING, ConcessionState.APPROVED)


class WithdrawConcession(OnCase):
    """Take back what was asked for or approved, before the customer was told."""

    verb: ClassVar[str] = "withdraw_concession"
    concession: Hidden[int]
    reason: Text


class VoidConcession(OnCase):
    """What was granted is no longer owed, though it was approved or promised."""

    verb: ClassVar[str] = "void_concession"
    concession: Hidden[int]
    reason: Text


async def withdraw_concession(work: UnitOfWork, intent: WithdrawConcession) -> Answer | None:
    """End it before it is promised; its author may, and those who may void one.

    Raises UserError ``no_such_concession``, ``not_your_role``, ``concession_promised``,
    ``concession_over`` (``concession_state``).
    """
    case = await authorize_case(work, intent.case, "withdraw_concession")
    row = await find_concession(work, case, intent.concession)
    roles = await roles_of(work, case)
    if row.author != work.actor.user_id and not roles & PERMISSIONS["void_concession"]:
        raise UserError("not_your_role", verb="withdraw_concession")
    if row.state is ConcessionState.PROMISED:
        raise UserError("concession_promised")
    _must_be_in(row, BEFORE_PROMISE)
    return await _end(work, case, row, ConcessionState.WITHDRAWN, intent.reason)


async def void_concession(work: UnitOfWork, intent: VoidConcession) -> Answer | None:
    """End it even though the customer was told of it, which the app does not tell them.

    Raises UserError ``no_such_concession``, ``concession_over`` (``concession_state``).
    """
    case = await authorize_case(work, intent.case, "void_concession")
    row = await find_concession(work, case, intent.concession)
    _must_be_in(row, UNSETTLED)
    return await _end(work, case, row, ConcessionState.VOID, intent.reason)


def _must_be_in(row: Concession, states: tuple[ConcessionState, ...]) -> None:
    if row.state not in states:
        raise UserError("concession_over", concession_state=row.state.value)


async def _end(
    work: UnitOfWork, case: Case, row: Concession, state: ConcessionState, why: str
) -> Answer:
    await end_concession(work, case, row, state, why)
    await refresh_card(work, case)
    return case_answer(case, "notice:concession_ended", **describe_end(work, row))


async def end_concession(
    work: UnitOfWork, case: Case, row: Concession, state: ConcessionState, why: str
) -> None:
    """End it in ``state``; its author and those who approved it hear of it.

    Timeline ``withdraw_concession`` or ``void_concession``: ``concession`` alone.
    """
    approvers = [seat.approver for seat in await list_seats(work.session, row) if seat.approver]
    await void_seats(work, row)
    row.state, row.next_at = state, None
    row.ended_by, row.ended_why, row.ended_at = work.actor.user_id, why, work.now
    work.session.add(row)
    verb = "void_concession" if state is ConcessionState.VOID else "withdraw_concession"
    work.note(case, verb, after={"concession": row.id})
    people = [row.author, *approvers]
    await tell_people(work, case, people, "concession_ended", describe_end(work, row))


def describe_end(work: UnitOfWork, row: Concession) -> dict[str, object]:
    """What is told of an end, as JSON: ``state``, ``by`` and ``remark`` beside the concession."""
    said = {"state": row.state.value, "by": row.ended_by or "", "remark": row.ended_why}
    return {**describe_concession(row), **said}

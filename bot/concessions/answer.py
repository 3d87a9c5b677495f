"""An approver's decision on a concession."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from bot.concessions.approval import SeatApproval, standing_without
from bot.concessions.rows import describe_concession, find_concession, list_seats
from bot.core import approvals
from bot.core.steps import authorize_case, case_answer, refresh_card
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase, OptionalText
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.money.matrix import Seat
from bot.rules.states import ApprovalState, ConcessionState
from storage.models import Case, Concession, ConcessionApproval


class AnswerConcession(OnCase):
    """Approve a concession, or refuse it with a remark; ``digest`` is of what was shown."""

    verb: ClassVar[str] = "answer_concession"
    concession: Hidden[int]
    digest: Hidden[Annotated[str, StringConstraints(pattern="^[0-9a-f]{1,64}$")]]
    approve: Hidden[bool]
    remark: OptionalText = ""


async def answer_concession(work: UnitOfWork, intent: AnswerConcession) -> Answer | None:
    """Take a seat with a decision; the last approval that is wanted approves the concession.

    Raises UserError as ``decide_row`` does, ``concession_alone`` for one that nobody decides on,
    ``concession_over`` (``concession_state``) for one that ended otherwise.
    """
    case = await authorize_case(work, intent.case, "answer_concession")
    row = await find_concession(work, case, intent.concession)
    seats = await list_seats(work.session, row)
    if not seats:
        raise UserError("concession_alone")
    gone = (ConcessionState.WITHDRAWN, ConcessionState.EXPIRED)
    if row.state in gone:
        raise UserError("concession_over", concession_state=row.state.value)
    if any(seat.approver == work.actor.user_id for seat in seats):
        raise UserError("concession_answered", by=work.actor.user_id)
    subject, seat = await _choose_seat(work, case, row, seats)
    decided = await approvals.decide_row(
        subject, seat.id, approve=intent.approve, remark=intent.remark, digest=intent.digest
    )
    await refresh_card(work, case)
    said = {**describe_concession(row), "approve": decided.state is ApprovalState.APPROVED}
    said["complete"] = row.state is not ConcessionState.WAITING
    return case_answer(case, "notice:concession_noted", **said)


async def _choose_seat(
    work: UnitOfWork, case: Case, row: Concession, seats: Sequence[ConcessionApproval]
) -> tuple[SeatApproval, ConcessionApproval]:
    """The first seat that is free and that the actor may take; else the first, which refuses."""
    standing = await standing_without(work, case)
    made = [(SeatApproval(work, case, row, Seat(each.seat), standing), each) for each in seats]
    free = [pair for pair in made if pair[1].state is ApprovalState.WAITING]
    for subject, each in free:
        if work.actor.user_id in await subject.list_approvers(each.author):
            return subject, each
    return (free or made)[0]

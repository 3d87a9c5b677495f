"""The customer is told, and gets, what was granted."""

from datetime import datetime
from typing import ClassVar

from bot.concessions.rows import describe_concession, find_concession, tell_people
from bot.core.granted import note_promise
from bot.core.reactions import MessageFailed
from bot.core.steps import authorize_case, case_answer, read_past, refresh_card
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase, Past, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.states import ConcessionState
from storage.in_hand import rows_about
from storage.models import Case, Concession


class PromiseConcession(OnCase):
    """The customer was told, by another way than a message of the case; ``how`` says by which."""

    verb: ClassVar[str] = "promise_concession"
    concession: Hidden[int]
    how: Text
    at: Past[datetime | None] = None


class FulfilConcession(OnCase):
    """The customer has it; ``evidence`` says by what that can be seen, ``at`` since when."""

    verb: ClassVar[str] = "fulfil_concession"
    concession: Hidden[int]
    evidence: Text
    at: Past[datetime | None] = None


async def promise_concession(work: UnitOfWork, intent: PromiseConcession) -> Answer | None:
    """Record that the customer was told; the time for fulfilling it runs from then.

    Raises UserError ``no_such_concession``, ``not_yet_happened``, ``concession_over``
    (``concession_state``) for what was not approved, or was promised before, ``concession_late``,
    ``concession_needs_legal`` where Legal did not agree to it.
    """
    case = await authorize_case(work, intent.case, "promise_concession")
    row = await find_concession(work, case, intent.concession)
    if row.state is not ConcessionState.APPROVED:
        raise UserError("concession_over", concession_state=row.state.value)
    at = read_past(work, intent.at)
    if row.expires_at <= at:
        raise UserError("concession_late")
    if case.legal and not row.legal:
        raise UserError("concession_needs_legal")
    if row.account_key != (case.account_key or ""):
        raise UserError("concession_void")
    row.promised_how = intent.how
    note_promise(work, case, row, at)
    await refresh_card(work, case)
    due = row.fulfil_by.isoformat() if row.fulfil_by else ""
    return case_answer(case, "notice:concession_told", **describe_concession(row), due=due)


async def fulfil_concession(work: UnitOfWork, intent: FulfilConcession) -> Answer | None:
    """Record that the customer has what was promised, in any status of the case.

    Author and owner hear of it. Timeline ``fulfil_concession``: ``concession`` alone. Raises
    UserError ``no_such_concession``, ``not_yet_happened``, ``concession_over`` for what was not
    promised, or was fulfilled before.
    """
    case = await authorize_case(work, intent.case, "fulfil_concession")
    row = await find_concession(work, case, intent.concession)
    if row.state is not ConcessionState.PROMISED:
        raise UserError("concession_over", concession_state=row.state.value)
    row.fulfilled_at, row.recorded_at = read_past(work, intent.at), work.now
    row.state, row.next_at = ConcessionState.FULFILLED, None
    row.fulfilled_by, row.evidence = work.actor.user_id, intent.evidence
    work.session.add(row)
    work.note(case, "fulfil_concession", after={"concession": row.id})
    at: datetime = row.fulfilled_at
    said = {
        **describe_concession(row), "by": row.fulfilled_by, "remark": row.evidence,
        "at": at.isoformat(),
    }  # fmt: skip
    await tell_people(work, case, [row.author, case.owner], "concession_fulfilled", said)
    await refresh_card(work, case)
    return case_answer(case, "notice:concession_fulfilled", **said)


async def take_back_promise(work: UnitOfWork, event: MessageFailed) -> None:
    """A message did not reach the customer: what it promised can be promised again.

    What was fulfilled meanwhile stays so. Its writer hears of the failure by another notice.
    """
    if event.case is None or event.message is None:
        return
    for row in await rows_about(work.session, Concession, event.case.number):
        if row.message == event.message.id and row.state is ConcessionState.PROMISED:
            untell(work, event.case, row)


def untell(work: UnitOfWork, case: Case, row: Concession) -> None:
    """The customer does not know of it after all. Timeline ``untold_concession``."""
    row.state, row.message = ConcessionState.APPROVED, None
    row.promised_at = row.promised_by = row.fulfil_by = None
    row.next_at, row.reminded = row.expires_at, 0
    work.session.add(row)
    work.note(case, "untold_concession", after={"concession": row.id})

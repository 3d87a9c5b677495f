"""What those say who were asked to tell their customers: told, or not needed; and taking it back.

Who was asked answers, and those who may have customers told. Of a case that became restricted only
those on it may.
"""

from typing import ClassVar

from bot.core.access import on_case, require_permission
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.learning.outreach import OutreachState
from storage.models import Account, Case, Outreach, OutreachAccount


class ToldCustomer(OnCase):
    """The customer was told.

    ``outreach`` is the id of the row about them, which the button carries unseen.
    """

    verb: ClassVar[str] = "told_customer"
    outreach: Hidden[int]


class SpareCustomer(OnCase):
    """The customer need not be told, for a reason that those who lead read.

    ``outreach`` is the id of the row about them, which the button carries unseen.
    """

    verb: ClassVar[str] = "spare_customer"
    outreach: Hidden[int]
    reason: Text


class ReopenTelling(OnCase):
    """That a customer was told, or need not be, was said by mistake.

    ``outreach`` is the id of the row about them, which the button carries unseen.
    """

    verb: ClassVar[str] = "reopen_telling"
    outreach: Hidden[int]


async def told_customer(work: UnitOfWork, intent: ToldCustomer) -> Answer | None:
    """Note that the customer was told, from when on it counts whether they come.

    Timeline ``told_customer``: ``customer``. Raises UserError as ``_find_open``.
    """
    case, row = await _find_open(work, intent.case, intent.outreach)
    await _end(work, case, row, intent.verb, OutreachState.TOLD)
    return None


async def spare_customer(work: UnitOfWork, intent: SpareCustomer) -> Answer | None:
    """Note why the customer need not be told. Timeline ``spare_customer``: ``customer``.

    The reason is the why. Raises UserError as ``_find_open``.
    """
    case, row = await _find_open(work, intent.case, intent.outreach)
    await _end(work, case, row, intent.verb, OutreachState.SPARED, intent.reason)
    return None


async def reopen_telling(work: UnitOfWork, intent: ReopenTelling) -> Answer | None:
    """Take back what was said of a customer: it waits again, and counts no more.

    Timeline ``reopen_telling``: ``customer``. Raises UserError ``telling_waits``,
    ``telling_over`` where it was taken back as a whole, and as ``_find``.
    """
    case, row = await _find(work, intent.case, intent.outreach)
    if row.state is OutreachState.WAITING:
        raise UserError("telling_waits")
    head = await work.session.get(Outreach, case.number)
    if row.state is OutreachState.ENDED or head is None or head.ended_at is not None:
        raise UserError("telling_over")
    await _end(work, case, row, intent.verb, OutreachState.WAITING)
    row.answered_by, row.answered_at = "", None
    return None


async def _find_open(work: UnitOfWork, number: int, which: int) -> tuple[Case, OutreachAccount]:
    """A row that waits, with its case locked.

    Raises UserError ``telling_answered`` (``user``), ``telling_over``, and as ``_find``.
    """
    case, row = await _find(work, number, which)
    if row.state is OutreachState.ENDED:
        raise UserError("telling_over")
    if row.state is not OutreachState.WAITING:
        raise UserError("telling_answered", user=row.answered_by)
    return case, row


async def _find(work: UnitOfWork, number: int, which: int) -> tuple[Case, OutreachAccount]:
    """The row, with its case locked.

    Raises UserError ``no_such_case``, ``not_your_role`` for who was not asked, ``no_such_telling``.
    """
    case = await work.case(number)
    user = work.actor.user_id
    if case.sensitive and not await on_case(work.session, case, user):
        raise UserError("no_such_case")
    row = await work.session.get(OutreachAccount, which)
    row = row if row is not None and row.case_number == case.number else None
    if row is None or row.user_id != user:
        await require_permission(work, case, "tell_csms")
    if row is None:
        raise UserError("no_such_telling")
    return case, row


async def _end(
    work: UnitOfWork, case: Case, row: OutreachAccount, verb: str, state: OutreachState,
    why: str = "",
) -> None:  # fmt: skip
    """Keep what was said, by whom and when, and note it with the customer's name.

    The case is locked, so that two answers to one row come one after the other.
    """
    row.state, row.why = state, why
    row.answered_by, row.answered_at = work.actor.user_id, work.now
    work.session.add(row)
    account = await work.session.get(Account, row.account_key)
    work.note(case, verb, after={"customer": account.name if account else ""}, why=why)

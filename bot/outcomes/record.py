"""Recording what became of a customer's business, and correcting it with a reason."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
from sqlmodel import col, select

from bot.core.access import on_case, require_permission
from bot.engine.inbox import Answer
from bot.engine.intent import Clean, Hidden, Intent, OptionalText, Record, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.outcomes.due import describe_outcome
from bot.outcomes.people import may_record
from bot.outcomes.plan import TURN, account_for, plan_renewals
from bot.people.revenue import NotRevenueError, agrees_with, read_revenue
from bot.rules.business.outcomes import (
    OutcomeResult,
    RevenueChange,
    complete_change,
    find_contradiction,
)
from storage.models import Account, Case, Outcome
from storage.upsert import take_turns

AMOUNT_MAX = 40  # characters
EURO = "EUR"


def _amount(typed: str) -> str:
    """The amount as it was typed, once it can be read. Raises the error ``revenue``."""
    try:
        read_revenue(typed)
    except NotRevenueError:
        raise PydanticCustomError("revenue", "revenue") from None
    return typed[:AMOUNT_MAX]


Revenue = Annotated[str, Clean, AfterValidator(_amount)]


class RecordOutcome(Intent):
    """Say what became of the customer's business.

    ``before`` and ``after`` are yearly revenue as people write it: ``410.000,00 €``; empty for what
    is not known.
    """

    verb: ClassVar[str] = "record_outcome"
    record: ClassVar[Record] = Record.CASE
    outcome: Hidden[int]
    result: OutcomeResult
    before: Revenue = ""
    after: Revenue = ""
    note: OptionalText = ""


class CorrectOutcome(RecordOutcome):
    """Say it anew, and why; what was recorded until now is kept."""

    verb: ClassVar[str] = "correct_outcome"
    why: Text


def read_change(before: str, after: str, currency: str) -> RevenueChange:
    """The figures as they were typed, in the currency that they name, else ``currency``.

    Raises UserError ``outcome_currencies`` where they name two.
    """
    first, second = read_revenue(before), read_revenue(after)
    signs = [each.currency for each in (first, second) if each and each.currency]
    code = currency if currency and all(agrees_with(s, currency) for s in signs) else ""
    code = code or (signs[0] if signs else EURO)
    if any(not agrees_with(sign, code) for sign in signs):
        raise UserError("outcome_currencies")
    return RevenueChange(first.units if first else None, second.units if second else None, code)


async def record_outcome(work: UnitOfWork, intent: RecordOutcome) -> Answer | None:
    """Keep the outcome, once; it is not asked for any more.

    Timeline of its case ``record_outcome``: ``result``, never an amount. Raises UserError
    ``no_such_outcome``, ``outcome_recorded`` (``user``), ``outcome_currencies`` and those of
    ``find_contradiction``.
    """
    row, case = await _lock(work, intent)
    if row.recorded_at is not None:
        raise UserError("outcome_recorded", user=row.recorded_by)
    account = await account_for(work.session, row)
    _keep(work, row, intent, account)
    if case is not None:
        work.note(case, "record_outcome", after={"result": row.result}, why=row.note)
    if account is not None:
        await plan_renewals(work.session, work.policy, work.now, [account])
    return _answer("recorded", row, case)


async def correct_outcome(work: UnitOfWork, intent: CorrectOutcome) -> Answer | None:
    """Replace what was recorded, and keep it under ``corrections``.

    Timeline of its case ``correct_outcome``: ``result`` before and after. Raises UserError
    ``no_such_outcome``, ``outcome_unrecorded``, and as ``record_outcome``.
    """
    row, case = await _lock(work, intent)
    if row.recorded_at is None:
        raise UserError("outcome_unrecorded")
    past = {
        "result": row.result, "before": row.before, "after": row.after, "currency": row.currency,
        "note": row.note, "by": row.recorded_by, "at": row.recorded_at.isoformat(),
        "why": intent.why,
    }  # fmt: skip
    row.corrections = {"rows": [*row.corrections.get("rows", ()), past]}
    _keep(work, row, intent, await account_for(work.session, row))
    if case is not None:
        was, now = {"result": past["result"]}, {"result": row.result}
        work.note(case, "correct_outcome", before=was, after=now, why=intent.why)
    return _answer("corrected", row, case)


async def _lock(work: UnitOfWork, intent: RecordOutcome) -> tuple[Outcome, Case | None]:
    """The row, locked after its case. Raises UserError ``no_such_outcome``, ``not_your_outcome``.

    One of a restricted case does not exist for those who are not on it.
    """
    await require_permission(work, None, intent.verb)
    await take_turns(work.session, TURN)
    seen = await work.session.get(Outcome, intent.outcome)
    if seen is None:
        raise UserError("no_such_outcome")
    case = await work.case(seen.case_number) if seen.case_number is not None else None
    user = work.actor.user_id
    if case is not None and case.sensitive and not await on_case(work.session, case, user):
        raise UserError("no_such_outcome")
    query = select(Outcome).where(col(Outcome.id) == seen.id).with_for_update()
    row = (await work.session.exec(query.execution_options(populate_existing=True))).one()
    if not may_record(work.policy, row, await account_for(work.session, row), user):
        raise UserError("not_your_outcome", user=row.asked_of)
    return row, case


def _keep(work: UnitOfWork, row: Outcome, intent: RecordOutcome, account: Account | None) -> None:
    """Write what was said into the row. Raises UserError as ``record_outcome``."""
    currency = row.currency or (account.currency if account else "")
    change = complete_change(intent.result, read_change(intent.before, intent.after, currency))
    if wrong := find_contradiction(intent.result, change):
        raise UserError(wrong)
    row.result, row.note = intent.result.value, intent.note
    row.before, row.after, row.currency = change.before, change.after, change.currency
    row.recorded_by, row.recorded_at, row.next_at = work.actor.user_id, work.now, None
    work.session.add(row)


def _answer(name: str, row: Outcome, case: Case | None) -> Answer:
    """The private answer ``outcome:<name>``: what ``describe_outcome`` tells, and ``result``."""
    extra: dict[str, Any] = {**describe_outcome(row, case), "result": row.result}
    return Answer(text=f"outcome:{name}", extra=extra)


OUTCOME_VERBS = ((RecordOutcome, record_outcome), (CorrectOutcome, correct_outcome))

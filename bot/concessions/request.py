"""Asking for a concession: the one within the author's own limit is approved by the policy.

A change of what was asked for is another concession: the earlier one is void with its approvals.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from bot.concessions.approval import ask_seat
from bot.concessions.ending import end_concession
from bot.concessions.rows import describe_concession, find_concession
from bot.core.access import entrusted_roles
from bot.core.steps import authorize_case, case_answer, refresh_card, require_status
from bot.customers.money import find_standing
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Future, Hidden, LocalDate, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.money import matrix
from bot.rules.money.matrix import EURO
from bot.rules.money.typed import WrongAmountError, read_typed_amount
from bot.rules.names import fold_name
from bot.rules.states import ConcessionState
from bot.rules.words import ConcessionKind, ConcessionReason
from storage.models import Case, Concession

USUAL_DAYS = 30  # in which it may be promised, where no day is chosen


def _amount(typed: str) -> str:
    """The amount with its code: ``1000.50 EUR``. The error is a kind of ``WrongAmountError``."""
    try:
        return str(read_typed_amount(typed))
    except WrongAmountError as wrong:
        raise PydanticCustomError(wrong.kind, wrong.kind) from None


class RequestConcession(OnCase):
    """Ask that the customer is granted something.

    ``amount`` has its currency: ``500 EUR``. ``until`` is the last day on which the customer may be
    told, by the policy's time zone. ``replaces`` is the concession that this one changes.
    """

    verb: ClassVar[str] = "request_concession"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    amount: Annotated[str, AfterValidator(_amount)]
    kind: ConcessionKind = ConcessionKind.GOODWILL
    reason: ConcessionReason
    why: Text
    until: Future[LocalDate | None] = None
    replaces: Hidden[int | None] = None


async def request_concession(work: UnitOfWork, intent: RequestConcession) -> Answer | None:
    """Record what is asked for; beyond the author's own limit it waits for those who may approve.

    Timeline ``request_concession`` or ``give_concession``: ``concession``, ``reason``, never an
    amount. Raises UserError ``wrong_status``, ``no_rate`` (``currency``, ``known``),
    ``expires_in_past``, ``no_such_concession``, ``concession_over``, ``no_concession_approver``,
    ``no_approver_here``, ``no_lawyer``.
    """
    case = await authorize_case(work, intent.case, "request_concession")
    require_status(case, "request_concession")
    await _replace(work, case, intent)
    row = _row(work, case, intent)
    standing = await find_standing(work.session, work.policy, case, work.now)
    roles = await entrusted_roles(work.session, work.policy, row.author, case)
    worth = matrix.convert_to_euro(work.policy.concessions, *_typed(intent))
    assert worth is not None  # _row() has refused it
    seats = matrix.seats_wanted(work.policy.concessions, roles, worth, standing)
    if not seats:
        row.alone, row.state, row.approved_at = True, ConcessionState.APPROVED, work.now
        row.next_at = row.expires_at
    work.session.add(row)
    await work.session.flush()
    verb = "request_concession" if seats else "give_concession"
    work.note(case, verb, after={"concession": row.id, "reason": row.reason})
    people: Sequence[str] = ()
    for seat in seats:
        people = [*people, *await ask_seat(work, case, row, seat, standing)]
    await refresh_card(work, case)
    asked_of = list(dict.fromkeys(people))
    said = {**describe_concession(row), "people": asked_of, "waits": bool(seats)}
    return case_answer(case, "notice:concession_recorded", **said)


async def _replace(work: UnitOfWork, case: Case, intent: RequestConcession) -> None:
    """Void the concession that is changed; those who were asked hear of it."""
    if intent.replaces is None:
        return
    row = await find_concession(work, case, intent.replaces)
    if row.state not in (ConcessionState.WAITING, ConcessionState.APPROVED):
        raise UserError("concession_over", concession_state=row.state.value)
    await end_concession(work, case, row, ConcessionState.VOID, intent.why)


def _typed(intent: RequestConcession) -> tuple[Decimal, str]:
    typed = read_typed_amount(intent.amount)
    return typed.amount, typed.currency


def _row(work: UnitOfWork, case: Case, intent: RequestConcession) -> Concession:
    """The concession as it is asked for, not stored yet; its worth is by today's rates.

    Raises UserError ``no_rate`` (``known``: the currencies that have one).
    """
    amount, currency = _typed(intent)
    worth = matrix.convert_to_euro(work.policy.concessions, amount, currency)
    if worth is None:
        known = ", ".join([EURO, *sorted(work.policy.concessions.rates)])
        raise UserError("no_rate", currency=currency, known=known)
    ends = _end_of(work, intent.until)
    return Concession(
        case_number=case.number,
        account_key=case.account_key or "",
        customer=fold_name(case.customer),
        kind=intent.kind.value,
        amount=f"{amount:f}",
        currency=currency,
        worth=f"{worth:f}",
        reason=intent.reason.value,
        why=intent.why,
        author=work.actor.user_id,
        asked_at=work.now,
        expires_at=ends,
        next_at=min(work.now + timedelta(days=1), ends),
    )


def _end_of(work: UnitOfWork, day: date | None) -> datetime:
    """The end of the chosen day by the policy's zone. Raises UserError ``expires_in_past``."""
    zone = ZoneInfo(work.policy.timezone)
    last = day or work.now.astimezone(zone).date() + timedelta(days=USUAL_DAYS)
    ends = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(work.now.tzinfo)
    if ends <= work.now:
        raise UserError("expires_in_past")
    return ends

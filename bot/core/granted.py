"""What a customer was granted, told to them: bound to the message or conversation that said it.

A concession covers an offer of its own case only. What a writer gives alone is recorded when it is
said, as a concession that nobody had to approve. All of it runs under the case's lock.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import col, func, select

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.calendars.calendar import Calendar
from bot.rules.facts import ConcessionFacts
from bot.rules.money.concessions import Judgement, OwnOffer
from bot.rules.money.matrix import convert_to_euro
from bot.rules.names import fold_name
from bot.rules.policy.load import Policy
from bot.rules.states import ConcessionState
from bot.rules.words import ConcessionKind, ConcessionReason
from storage.columns import OPEN_CONCESSION
from storage.in_hand import rows_about
from storage.models import Case, Concession

DAY = timedelta(days=1)
WARN_DAYS = 2  # business days before it is late, on which the author is reminded


async def promise_offers(
    work: UnitOfWork,
    case: Case,
    judged: Judgement,
    at: datetime,
    *,
    message: int | None = None,
    talk: int | None = None,
) -> list[int]:
    """Record that the customer was told; answers the ids on which the offers rest.

    What was promised before stays as it was. Timeline ``promise_concession``: ``concession``, and
    ``message`` or ``talk``; never an amount.
    """
    rows = {row.id: row for row in await rows_about(work.session, Concession, case.number)}
    found = [rows[number] for number in judged.used]
    found += [await _give_alone(work, case, offer) for offer in judged.own]
    for row in found:
        if row.state is ConcessionState.APPROVED:
            row.message, row.talk = message, talk
            note_promise(work, case, row, at)
    return [row.id for row in found]


async def _give_alone(work: UnitOfWork, case: Case, offer: OwnOffer) -> Concession:
    """Store a concession that its author may grant alone, approved from the first moment.

    It is good for ``DAY``, since it goes out with the letter that is being written. The timeline
    has ``give_concession`` with its id and no amount.
    """
    worth = convert_to_euro(work.policy.concessions, offer.amount, offer.currency)
    row = Concession(
        case_number=case.number,
        account_key=case.account_key or "",
        customer=fold_name(case.customer),
        kind=offer.kind.value,
        amount=f"{offer.amount:f}",
        currency=offer.currency,
        worth=f"{worth or Decimal(0):f}",
        reason=ConcessionReason.OTHER.value,
        author=work.actor.user_id,
        asked_at=work.now,
        alone=True,
        state=ConcessionState.APPROVED,
        expires_at=work.now + DAY,
        approved_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    work.note(case, "give_concession", after={"concession": row.id})
    return row


def note_promise(work: UnitOfWork, case: Case, row: Concession, at: datetime) -> None:
    """Let the time for fulfilling it run; the record says that the customer was told, not what."""
    row.state, row.promised_at, row.promised_by = (
        ConcessionState.PROMISED, at, work.actor.user_id,
    )  # fmt: skip
    row.fulfil_by = fulfil_by(work.policy, at)
    row.next_at, row.reminded = remind_before(work.policy, at), 0
    work.session.add(row)
    where = {"message": row.message} if row.message else {"talk": row.talk} if row.talk else {}
    work.note(case, "promise_concession", after={"concession": row.id, **where})


def fulfil_by(policy: Policy, promised: datetime) -> datetime:
    """When a promise of then is late: the close of the policy's last business day for it."""
    days = policy.concessions.fulfil_within_business_days
    return business_days_after(policy, promised, days)


def remind_before(policy: Policy, promised: datetime) -> datetime:
    """When its author is reminded of a promise that is not fulfilled."""
    days = max(policy.concessions.fulfil_within_business_days - WARN_DAYS, 1)
    return business_days_after(policy, promised, days)


def business_days_after(policy: Policy, instant: datetime, days: int) -> datetime:
    """The close of a business day by the policy's office hours; around the clock without any."""
    office = office_calendar(policy)
    return office.business_day_close(instant, days) if office else instant + days * DAY


def office_calendar(policy: Policy) -> Calendar | None:
    """The first calendar of the policy that closes at all; None where all are around the clock.

    Business days that belong to no clock and no customer are counted by it.
    """
    found = (each for each in policy.calendars.values() if not each.never_closes)
    return next(found, None)


def concession_facts(row: Concession) -> ConcessionFacts:
    """What a customer is granted, in brief."""
    amount = Decimal(row.amount)
    kind = ConcessionKind(row.kind)
    return ConcessionFacts(
        row.id, kind, amount, row.currency, row.state, row.expires_at, row.promised_at
    )


def count_waiting_concessions() -> Any:
    """How many concessions wait for a decision, as a scalar query."""
    waiting = col(Concession.state) == ConcessionState.WAITING
    found = select(func.count()).select_from(Concession).where(OPEN_CONCESSION, waiting)
    return found.scalar_subquery()

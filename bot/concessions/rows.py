"""The rows of concessions, and what those who need to know are told of them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import on_case
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.facts import UndoneFulfilmentFacts
from bot.rules.money.concessions import in_words
from bot.rules.money.matrix import EURO, Standing
from bot.rules.states import TOLD, ApprovalState
from storage.in_hand import rows_about
from storage.models import Case, Concession, ConcessionApproval, UndoneFulfilment

DIGEST = 16  # hexadecimal characters by which a decision is of what was shown


async def find_concession(work: UnitOfWork, case: Case, number: int) -> Concession:
    """The concession of this case. Raises UserError ``no_such_concession``."""
    rows = await rows_about(work.session, Concession, case.number)
    row = next((each for each in rows if each.id == number), None)
    if row is None:
        raise UserError("no_such_concession")
    return row


async def list_seats(session: AsyncSession, row: Concession) -> Sequence[ConcessionApproval]:
    """The approvals that it needs, in the order in which they were asked for."""
    query = select(ConcessionApproval).where(col(ConcessionApproval.concession) == row.id)
    return (await session.exec(query.order_by(col(ConcessionApproval.id)))).all()


async def list_all_seats(
    session: AsyncSession, rows: Sequence[Concession]
) -> dict[int, list[ConcessionApproval]]:
    """The approvals that each of them needs, by its id, in the order in which they were asked."""
    found: dict[int, list[ConcessionApproval]] = {row.id: [] for row in rows}
    query = select(ConcessionApproval).where(col(ConcessionApproval.concession).in_(found))
    for seat in (await session.exec(query.order_by(col(ConcessionApproval.id)))).all():
        found[seat.concession].append(seat)
    return found


async def find_undone(
    session: AsyncSession, rows: Sequence[Concession]
) -> dict[int, UndoneFulfilmentFacts]:
    """The newest fulfilment that was undone, by the concession's id; not asked of what had none."""
    told = [row.id for row in rows if row.state in TOLD]
    if not told:
        return {}
    query = select(UndoneFulfilment).where(col(UndoneFulfilment.concession).in_(told))
    return {
        each.concession: UndoneFulfilmentFacts(
            each.fulfilled_by, each.evidence, each.undone_by, each.why
        )
        for each in (await session.exec(query.order_by(col(UndoneFulfilment.id)))).all()
    }


async def void_seats(work: UnitOfWork, row: Concession) -> None:
    """Nobody is asked any more."""
    for seat in await list_seats(work.session, row):
        if seat.state is ApprovalState.WAITING:
            seat.state = ApprovalState.VOID
            work.session.add(seat)


def digest_concession(row: Concession) -> str:
    """By which a decision is known to be of what was shown."""
    parts = (
        row.id, row.case_number, row.account_key, row.customer, row.kind, row.amount, row.currency,
        row.reason, row.why, row.expires_at.isoformat(),
    )  # fmt: skip
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:DIGEST]


def describe_concession(row: Concession) -> dict[str, Any]:
    """What notices tell those who need to know, as JSON.

    ``concession`` is the id, ``amount`` as ``in_words`` writes it, ``granted`` a
    ``ConcessionKind``, ``motive`` a ``ConcessionReason``, ``until`` until when it may be promised
    (ISO 8601).
    """
    ends: datetime = row.expires_at
    return {
        "concession": row.id,
        "amount": amount_of(row),
        "granted": row.kind,
        "motive": row.reason,
        "words": row.why,
        "author": row.author,
        "until": ends.isoformat(),
    }


def describe_standing(standing: Standing, months: int) -> dict[str, Any]:
    """What the account had in so many months, and its monthly fee; empty where not known."""
    return {
        "had": in_words(standing.had, EURO),
        "fee": in_words(round(standing.fee, 2), EURO) if standing.fee else "",
        "months": months,
    }


def amount_of(row: Concession) -> str:
    """The amount as ``in_words`` writes it."""
    return in_words(Decimal(row.amount), row.currency)


async def tell_people(
    work: UnitOfWork, case: Case, people: Sequence[str], notice: str, extra: dict[str, Any]
) -> None:
    """Tell each once, by DM; never the actor, nor of a restricted case those who are not on it."""
    for user in dict.fromkeys(people):
        may_read = not case.sensitive or await on_case(work.session, case, user)
        if user != work.actor.user_id and may_read:
            await effects.queue_dm(work, user, f"notice:{notice}", case, extra)

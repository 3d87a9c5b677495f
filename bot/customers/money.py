"""What a writer may offer a customer: what was approved for the case, and what is theirs to give.

What was granted is a row of ``Concession``; how it comes to be is in ``bot/concessions``. The
arithmetic, and how an offer is found in a text, is pure (``bot/rules/money``).
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import entrusted_roles
from bot.core.granted import concession_facts
from bot.rules.facts import ConcessionFacts
from bot.rules.local_time import months_before
from bot.rules.money.concessions import Allowance, Gap, offered_in_euro
from bot.rules.money.matrix import NOTHING, Standing, convert_to_euro, left_alone
from bot.rules.names import fold_name
from bot.rules.policy.load import Policy
from bot.rules.states import GRANTED, ConcessionState, MessageState
from bot.rules.words import AskMeaning, ConcessionKind
from storage.in_hand import account_of, rows_about
from storage.models import Ask, BreachTalk, Case, Concession, SentMessage

# States of a message that the customer does not have.
NEVER_READ = (MessageState.REFUSED, MessageState.BOUNCED)
JUDGED = "concessions"  # in the evidence of a message: the concessions on which its offers rest
TOLD = (ConcessionState.PROMISED, ConcessionState.FULFILLED)


async def money_allowance(
    session: AsyncSession, policy: Policy, case: Case, writer: str, now: datetime
) -> Allowance:
    """Return what ``writer`` may offer on the case.

    Their own limit less what the account had; in a legal case no one has any: an offer can be held
    against us. Beside it the concessions of the case, and those that explain why one covers
    nothing: of other cases only where these are not restricted.
    """
    rows = await list_account_concessions(session, case)
    standing = await _standing(session, policy, case, [row for row, _ in rows], now)
    roles = await entrusted_roles(session, policy, writer, case)
    judged = [(_gap(row, case, now), row, secret) for row, secret in rows]
    near = [
        (gap, concession_facts(row))
        for gap, row, secret in judged
        if gap and not (secret and row.case_number != case.number)
    ]
    return Allowance(
        left_alone(policy.concessions, roles, standing),
        policy.concessions.rates,
        tuple(concession_facts(row) for gap, row, _ in judged if gap is None),
        (*near, *[(Gap.DECISION, each) for each in await _agreed_before(session, case)]),
    )


def _gap(row: Concession, case: Case, now: datetime) -> Gap | None:
    """Why a concession of the account covers nothing in this case; None: it does."""
    if row.case_number != case.number or row.account_key != (case.account_key or ""):
        return Gap.ELSEWHERE
    if row.state in TOLD:
        return None
    if row.state is ConcessionState.WAITING:
        return Gap.WAITING
    if row.state is not ConcessionState.APPROVED or row.expires_at <= now:
        return Gap.EXPIRED
    return Gap.LEGAL if case.legal and not row.legal else None


async def _agreed_before(session: AsyncSession, case: Case) -> list[ConcessionFacts]:
    """What executives agreed to offer in an answer, before there were concessions."""
    return [
        ConcessionFacts(
            ask.id,
            ConcessionKind.OTHER,
            Decimal(ask.amount),
            ask.currency,
            ConcessionState.EXPIRED,
            ask.answered_at or ask.asked_at,
        )
        for ask in await rows_about(session, Ask, case.number)
        if ask.meaning == AskMeaning.OFFER and ask.answer == "approve" and ask.amount
    ]


async def find_standing(
    session: AsyncSession, policy: Policy, case: Case, now: datetime
) -> Standing:
    """What the account of the case had in the policy's months, and what it pays a month."""
    rows = await list_account_concessions(session, case)
    return await _standing(session, policy, case, [row for row, _ in rows], now)


async def list_account_concessions(
    session: AsyncSession, case: Case
) -> Sequence[tuple[Concession, bool]]:
    """The concessions of the case and all of its account, oldest first; of a restricted case: True.

    Of a customer without an account those under the same name.
    """
    account, name = case.account_key or "", fold_name(case.customer)
    same = col(Concession.account_key) == account
    if not account:
        same &= col(Concession.customer) == name
    query = (
        select(Concession, Case.sensitive)
        .join(Case, col(Case.number) == col(Concession.case_number))
        .where(or_(same, col(Concession.case_number) == case.number))
        .order_by(col(Concession.id))
    )
    return (await session.exec(query)).all()


async def _standing(
    session: AsyncSession, policy: Policy, case: Case, rows: Sequence[Concession], now: datetime
) -> Standing:
    since = months_before(now, policy.concessions.cumulative_months)
    had = sum((Decimal(row.worth) for row in rows if _counts(row, since, now)), NOTHING)
    said = offered_in_euro(await _said(session, case), policy.concessions.rates)
    return Standing(had + said, await _monthly_fee(session, policy, case), case.legal)


def _counts(row: Concession, since: datetime, now: datetime) -> bool:
    """True for what the account has, or may still be promised."""
    over = row.state is ConcessionState.APPROVED and row.expires_at <= now
    return row.state in GRANTED and not over and (row.approved_at or row.asked_at) > since


async def _monthly_fee(session: AsyncSession, policy: Policy, case: Case) -> Decimal:
    """A twelfth of the yearly revenue, in euro; 0 where it is not known."""
    account = await account_of(session, case)
    if account is None or not account.arr:
        return NOTHING
    yearly = convert_to_euro(policy.concessions, Decimal(account.arr), account.currency)
    return NOTHING if yearly is None else yearly / 12


async def _said(session: AsyncSession, case: Case) -> Sequence[str]:
    """The texts that offered the customer something without a concession.

    They are of before there were any, or went out whatever was wrong in them.
    """
    letters = select(SentMessage.text, SentMessage.evidence).where(
        col(SentMessage.case_number) == case.number, col(SentMessage.state).not_in(NEVER_READ)
    )
    judged = select(Concession.talk).where(
        col(Concession.case_number) == case.number, col(Concession.talk).is_not(None)
    )
    calls = select(BreachTalk.offered).where(
        col(BreachTalk.case_number) == case.number,
        col(BreachTalk.offered) != "",
        col(BreachTalk.id).not_in(judged),
    )
    texts = [text for text, shown in (await session.exec(letters)).all() if JUDGED not in shown]
    return [*texts, *(await session.exec(calls)).all()]

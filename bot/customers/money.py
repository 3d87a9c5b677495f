"""What a writer may offer a customer: what was approved for the case, and what is theirs to give.

What was granted is a row of ``Concession``; how it comes to be is in ``bot/concessions``. The
arithmetic, and how an offer is found in a text, is pure (``bot/rules/money``).
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import entrusted_roles
from bot.core.granted import concession_facts
from bot.rules.facts import ConcessionFacts
from bot.rules.local_time import months_before
from bot.rules.money.concessions import Allowance, Gap, offered_in_euro
from bot.rules.money.matrix import NOTHING, Standing, convert_to_euro, left_alone
from bot.rules.names import fold_name
from bot.rules.policy.load import Policy
from bot.rules.states import GRANTED, TOLD, ConcessionState, MessageState
from bot.rules.words import AskMeaning, ConcessionKind
from storage.in_hand import account_of, rows_about
from storage.models import Account, Ask, BreachTalk, Case, Concession, SentMessage

# States of a message that the customer does not have.
NEVER_READ = (MessageState.REFUSED, MessageState.BOUNCED)
JUDGED = "concessions"  # in the evidence of a message: the concessions on which its offers rest


class _Granted(NamedTuple):
    """Of a concession that counts: whose it is, and what it was worth in euro."""

    case_number: int
    account_key: str
    customer: str
    worth: str


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


async def find_standings(
    session: AsyncSession, policy: Policy, cases: Sequence[Case], now: datetime
) -> dict[int, Standing]:
    """Of each case, by its number, what ``find_standing`` says: four statements for all of them.

    Of the concessions only those are read that count, however many the accounts ever had.
    """
    since = months_before(now, policy.concessions.cumulative_months)
    numbers = [case.number for case in cases]
    keys = {case.account_key for case in cases if case.account_key}
    names = {fold_name(case.customer) for case in cases if not case.account_key}
    same = col(Concession.account_key).in_(keys)
    unknown = (col(Concession.account_key) == "") & col(Concession.customer).in_(names)
    wanted = or_(same, unknown, col(Concession.case_number).in_(numbers))
    state, expires = col(Concession.state), col(Concession.expires_at)
    query = select(
        Concession.case_number, Concession.account_key, Concession.customer, Concession.worth
    ).where(
        wanted,
        state.in_(GRANTED),
        or_(state != ConcessionState.APPROVED, expires > now),
        func.coalesce(col(Concession.approved_at), col(Concession.asked_at)) > since,
    )
    rows = [_Granted(*row) for row in (await session.exec(query)).all()]
    said = await _said(session, numbers)
    known = select(Account).where(col(Account.key).in_(keys))
    accounts = {each.key: each for each in (await session.exec(known)).all()}
    return {
        case.number: _add_up(
            policy,
            case,
            [Decimal(row.worth) for row in rows if _concerns(row, case)],
            said.get(case.number, ()),
            accounts.get(case.account_key or ""),
        )
        for case in cases
    }


def _concerns(row: _Granted, case: Case) -> bool:
    """As ``list_account_concessions`` chooses."""
    if row.case_number == case.number:
        return True
    if row.account_key != (case.account_key or ""):
        return False
    return bool(row.account_key) or row.customer == fold_name(case.customer)


async def _standing(
    session: AsyncSession, policy: Policy, case: Case, rows: Sequence[Concession], now: datetime
) -> Standing:
    since = months_before(now, policy.concessions.cumulative_months)
    had = [Decimal(row.worth) for row in rows if _counts(row, since, now)]
    texts = (await _said(session, [case.number])).get(case.number, ())
    return _add_up(policy, case, had, texts, await account_of(session, case))


def _add_up(
    policy: Policy,
    case: Case,
    had: Sequence[Decimal],
    texts: Sequence[str],
    account: Account | None,
) -> Standing:
    """What the account has had in the policy's months, with what ``texts`` offer now, in euro.

    ``had`` is what each of its concessions that count was worth in euro. The monthly fee is 0
    without an account whose revenue is known.
    """
    said = offered_in_euro(texts, policy.concessions.rates)
    return Standing(sum(had, NOTHING) + said, _monthly_fee(policy, account), case.legal)


def _counts(row: Concession, since: datetime, now: datetime) -> bool:
    """True for what the account has, or may still be promised; ``find_standings`` asks alike."""
    over = row.state is ConcessionState.APPROVED and row.expires_at <= now
    return row.state in GRANTED and not over and (row.approved_at or row.asked_at) > since


def _monthly_fee(policy: Policy, account: Account | None) -> Decimal:
    """A twelfth of the yearly revenue, in euro; 0 where it is not known."""
    if account is None or not account.arr:
        return NOTHING
    yearly = convert_to_euro(policy.concessions, Decimal(account.arr), account.currency)
    return NOTHING if yearly is None else yearly / 12


async def _said(session: AsyncSession, cases: Sequence[int]) -> dict[int, list[str]]:
    """By case, the texts that offered the customer something without a concession.

    They are of before there were any, or went out whatever was wrong in them.
    """
    letters = select(SentMessage.case_number, SentMessage.text, SentMessage.evidence).where(
        col(SentMessage.case_number).in_(cases), col(SentMessage.state).not_in(NEVER_READ)
    )
    judged = select(Concession.talk).where(
        col(Concession.case_number).in_(cases), col(Concession.talk).is_not(None)
    )
    calls = select(BreachTalk.case_number, BreachTalk.offered).where(
        col(BreachTalk.case_number).in_(cases),
        col(BreachTalk.offered) != "",
        col(BreachTalk.id).not_in(judged),
    )
    found: dict[int, list[str]] = {}
    for number, text, shown in (await session.exec(letters)).all():
        if JUDGED not in shown:
            found.setdefault(number, []).append(text)
    for number, text in (await session.exec(calls)).all():
        found.setdefault(number, []).append(text)
    return found

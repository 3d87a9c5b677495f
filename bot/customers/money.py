"""Who may offer a customer how much, who may be asked for more, and what was offered already.

Limits and deciders are the policy's; approvals are answered questions (``Ask``) on the case. The
arithmetic, and how an offer is found in a text, is pure (``bot/rules/money``). Currencies are never
converted.
"""

from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import entrusted_roles, named_for
from bot.core.snapshot import ask_facts
from bot.errors import UserError
from bot.rules.money import concessions
from bot.rules.money.concessions import DECIDERS, EURO, Allowance
from bot.rules.policy.load import Policy
from bot.rules.states import MessageState
from storage.models import Ask, BreachTalk, Case, SentMessage

# States of a message that the customer does not have.
NEVER_READ = (MessageState.REFUSED, MessageState.BOUNCED)


async def money_allowance(
    session: AsyncSession, policy: Policy, case: Case, writer: str
) -> Allowance:
    """Return what ``writer`` may offer on the case: their own limit, or what was approved on it.

    In a legal case no one has a limit of their own: any offer can be held against us. What was
    offered before counts, in messages that wait, too, but not in those that were refused or
    bounced.
    """
    roles = await entrusted_roles(session, policy, writer, case)
    query = select(Ask).where(col(Ask.case_number) == case.number)
    asks = [ask_facts(row) for row in (await session.exec(query)).all()]
    limits = concessions.approved_amounts(policy.concessions, asks)
    own = concessions.NOTHING if case.legal else concessions.own_limit(policy.concessions, roles)
    limits[EURO] = max(own, limits.get(EURO, concessions.NOTHING))
    return Allowance(limits, concessions.offered_before(await _said(session, case)))


async def _said(session: AsyncSession, case: Case) -> Sequence[str]:
    """Every text in which the customer was offered something, by letter or in a conversation."""
    letters = select(SentMessage.text).where(
        col(SentMessage.case_number) == case.number, col(SentMessage.state).not_in(NEVER_READ)
    )
    calls = select(BreachTalk.offered).where(
        col(BreachTalk.case_number) == case.number, col(BreachTalk.offered) != ""
    )
    return [*(await session.exec(letters)).all(), *(await session.exec(calls)).all()]


def money_deciders(policy: Policy) -> Sequence[str]:
    """Return everyone who may be asked for money: those whom the policy names, once each."""
    return tuple(dict.fromkeys(user for role in DECIDERS for user in named_for(policy, role)))


def must_decide(policy: Policy, user: str, amount: Decimal, unit: str) -> None:
    """Refuse a person who may not approve so much.

    ``unit`` is a currency's code or ``%``. Raises UserError ``no_deciders``, ``not_a_decider``
    (``user``, ``people``) or ``beyond_their_limit`` (``user``, ``limit`` in words).
    """
    people = money_deciders(policy)
    if not people:
        raise UserError("no_deciders")
    if user not in people:
        raise UserError("not_a_decider", user=user, people=list(people))
    roles = [role for role in DECIDERS if user in named_for(policy, role)]
    limit = concessions.deciding_limit(policy.concessions, roles, unit)
    if amount > limit:
        raise UserError("beyond_their_limit", user=user, limit=concessions.in_words(limit, unit))

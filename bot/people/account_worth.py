"""Which accounts are worth so much that the priority of their cases rises: ``Account.valued``.

It follows from the accounts file and the policy, and is computed anew when either changes. The
next sweep ranks the cases of those that have changed.
"""

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.money.matrix import EURO
from bot.rules.money.worth import is_valued
from bot.rules.policy.load import Policy
from storage.models import Account, Case
from storage.ranks import due_again

LONG = 500  # keys at once, below the databases' limit of parameters


async def revalue_accounts(session: AsyncSession, policy: Policy) -> Sequence[str]:
    """Judge every account by the policy; answers the currencies that have no rate in it."""
    query = select(Account.key, Account.arr, Account.currency, Account.valued)
    rows = (await session.exec(query)).all()
    judged = {key: is_valued(policy, arr, currency) for key, arr, currency, _ in rows}
    for valued in (True, False):
        keys = [key for key, _, _, was in rows if judged[key] is valued and was is not valued]
        for at in range(0, len(keys), LONG):
            which = col(Account.key).in_(keys[at : at + LONG])
            await session.exec(update(Account).where(which).values(valued=valued))
            await session.exec(due_again(col(Case.account_key).in_(keys[at : at + LONG])))
    known = {EURO, *policy.concessions.rates}
    return sorted({currency for _, arr, currency, _ in rows if arr and currency not in known})

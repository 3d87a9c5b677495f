"""A first proposal for the entry score; people change it, and what they decide is stored."""

from datetime import datetime, timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.local_time import months_before
from bot.rules.sponsorship.entry import score_entry
from storage.models import Account, Case

YEAR = 12  # months


async def suggest_score(session: AsyncSession, account: Account, now: datetime) -> int:
    """What the entry criteria suggest for an account; its revenue is no part of it.

    Counted are its executive cases of the last ``YEAR`` months, open or closed. A renewal counts
    from today until 180 days ahead, by the day in the zone of ``now``.
    """
    query = select(func.count()).where(
        col(Case.account_key) == account.key,
        col(Case.executive).is_(True),
        col(Case.received_at) >= months_before(now, YEAR),
    )
    grave = int((await session.exec(query)).one())
    renewal = account.renewal
    near = renewal is not None and now.date() <= renewal <= (now + timedelta(days=180)).date()
    return score_entry(grave, renewal_near=near, has_tier=bool(account.tier))

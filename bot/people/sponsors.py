"""Who stands behind a customer: one place to ask, whatever names a sponsor."""

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Account


def find_sponsor(account: Account | None) -> str | None:
    """Return the user id of the account's executive sponsor; None where there is none.

    The one of its membership in the programme, else whom the accounts file names: a full member or
    not, which the caller checks before the sponsor is brought in.
    """
    return (account.programme_sponsor or account.sponsor) if account else None


async def list_sponsors(session: AsyncSession) -> set[str]:
    """The user ids of all who stand behind a customer."""
    named = func.coalesce(col(Account.programme_sponsor), col(Account.sponsor))
    query = select(named).where(named.is_not(None)).distinct()
    return {user for user in (await session.exec(query)).all() if user}

"""Customers' accounts, as cases refer to them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Account, Case


async def account_of(session: AsyncSession, case: Case) -> Account | None:
    """The account of the case's customer; None where no account is known, or it is gone."""
    return await session.get(Account, case.account_key) if case.account_key else None

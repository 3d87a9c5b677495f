"""Of which customer a mail address is, as the accounts file says."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, literal
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.intake.customer_domains import covering_domains, domain_of
from bot.rules.mail.public_domains import is_public
from storage.models import Account

FOUND_MAX = 5  # accounts of one domain that are looked at


async def find_accounts_of(session: AsyncSession, address: str) -> Sequence[Account]:
    """Return the accounts with the address's domain, at most ``FOUND_MAX``, by name.

    Of several the one whose contact has this very address is meant alone. None where the domain is
    a public provider's: a mailbox there tells nothing of its owner.
    """
    domain = domain_of(address)
    if not domain or is_public(domain):
        return ()
    query = select(Account).where(_has_domain(address, domain)).order_by(col(Account.name))
    found = (await session.exec(query.limit(FOUND_MAX))).all()
    own = [each for each in found if each.contact_email.lower() == address.lower()]
    return own if len(own) == 1 else found


async def find_by_contact(session: AsyncSession, address: str) -> Sequence[Account]:
    """Return the accounts whose contact has this very address, at a public provider too."""
    query = select(Account).where(func.lower(col(Account.contact_email)) == address.lower())
    return (await session.exec(query.order_by(col(Account.name)).limit(FOUND_MAX))).all()


def _has_domain(address: str, domain: str) -> ColumnElement[bool]:
    """The contact's own domain, or one of the column ``domains`` with all below it."""
    contact = func.lower(col(Account.contact_email))
    written = {domain, address.rpartition("@")[2].lower()}
    listed = literal(" ") + col(Account.domains) + literal(" ")
    return or_(
        *(contact.endswith(f"@{each}", autoescape=True) for each in sorted(written)),
        *(listed.contains(f" {each} ", autoescape=True) for each in covering_domains(domain)),
    )

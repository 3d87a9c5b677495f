"""The link by which the people of one account reach the form: made, shown again, revoked.

All who have the address may use it: what is sent by it counts as the account's own. The token in it
is signed and says the row's id and end; that it was revoked, only the row says.
"""

from datetime import timedelta
from typing import ClassVar

from sqlmodel import col, select

from bot.core.access import require_permission
from bot.customers.channels import Customers, customer_channels
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Hidden, Intent, OptionalLine
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.names import fold_name
from bot.rules.tokens import LinkKind
from storage.models import Account, FormLink

GOOD_FOR = timedelta(days=365)
RENEWED_WITHIN = timedelta(days=30)  # of its end a link is not shown again: a new one is made


class ShareForm(Intent):
    """The link to the form of a customer; ``account`` is its key, else ``customer`` its name."""

    verb: ClassVar[str] = "share_form"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    account: OptionalLine = ""
    customer: OptionalLine = ""


class RevokeForm(Intent):
    """The links to the form of an account stop working."""

    verb: ClassVar[str] = "revoke_form"
    account: Hidden[str]


async def share_form(work: UnitOfWork, intent: ShareForm) -> Answer | None:
    """Answer with the account's link, made when there is none that is good for long enough.

    A link is good for ``GOOD_FOR`` from when it is made. An older one that is replaced near its end
    works on until then. Nothing is locked: two people at once may make two links, and both work.
    The answer ``request:form_link`` carries ``account`` (its key), ``customer`` (its name), ``url``
    and ``until`` (ISO 8601, UTC).

    Raises UserError ``no_pages``, ``account_needed`` where neither field is filled, and
    ``no_such_account``, also for a name that several accounts have.
    """
    await require_permission(work, None, "share_form")
    channels = require_pages(work)
    account = await _find_account(work, intent)
    link = await _living_link(work, account.key)
    if link is None or link.expires_at < work.now + RENEWED_WITHIN:
        link = FormLink(
            account_key=account.key,
            made_by=work.actor.user_id,
            made_at=work.now,
            expires_at=work.now + GOOD_FOR,
        )
        work.session.add(link)
        await work.session.flush()
    url = channels.form_url(LinkKind.FORM, link.id, link.expires_at)
    said = {"account": account.key, "customer": account.name, "url": url}
    until = link.expires_at.isoformat()
    return Answer(text="request:form_link", extra=said | {"until": until})


def require_pages(work: UnitOfWork) -> Customers:
    """Return the channels to customers. Raises UserError ``no_pages`` without public pages."""
    channels = customer_channels(work)
    if channels is None or not channels.pages:
        raise UserError("no_pages")
    return channels


async def _find_account(work: UnitOfWork, intent: ShareForm) -> Account:
    """The account by its key, else the only one of that name.

    A typed name is tried as a key first. Names are compared by ``fold_name``.
    """
    wanted = intent.account or intent.customer
    if not wanted:
        raise UserError("account_needed")
    known = await work.session.get(Account, wanted)
    if known is not None:
        return known
    query = select(Account).where(col(Account.folded) == fold_name(wanted)).limit(2)
    found = (await work.session.exec(query)).all()
    if len(found) != 1:
        raise UserError("no_such_account", account=wanted)
    return found[0]


async def _living_link(work: UnitOfWork, account: str) -> FormLink | None:
    """The account's newest link that is neither revoked nor at its end; None for none."""
    query = select(FormLink).where(
        col(FormLink.account_key) == account,
        col(FormLink.revoked_at).is_(None),
        col(FormLink.expires_at) > work.now,
    )
    return (await work.session.exec(query.order_by(col(FormLink.id).desc()))).first()


async def revoke_form(work: UnitOfWork, intent: RevokeForm) -> Answer | None:
    """End every link of the account; what was sent by them stays, and can be followed.

    Locks the links. The answer ``request:form_revoked`` carries ``customer``, the account's name.
    Raises UserError ``no_form_link`` where none works, or the account is not in the store any more.
    """
    await require_permission(work, None, "revoke_form")
    query = select(FormLink).where(
        col(FormLink.account_key) == intent.account,
        col(FormLink.revoked_at).is_(None),
        col(FormLink.expires_at) > work.now,
    )
    links = (await work.session.exec(query.with_for_update())).all()
    account = await work.session.get(Account, intent.account)
    if not links or account is None:
        raise UserError("no_form_link")
    for link in links:
        link.revoked_at, link.revoked_by = work.now, work.actor.user_id
        work.session.add(link)
    return Answer(text="request:form_revoked", extra={"customer": account.name})

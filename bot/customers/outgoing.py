"""A message to a customer with everything that an approval is bound to, as it will go out.

``Draft.bound`` stores these fields, and its digest is compared with that of the message that is
sent: after a change of a field's name, or of what the app adds below the words, a message that was
approved before is asked about again.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.customers.channels import BY_MAIL, Customers
from bot.customers.shared_place import BY_CHANNEL, SharedPlace, shared_place_of
from bot.rules.customer_addresses import known_address
from bot.rules.words import HelpDesk, Language, MessageKind
from messages.customers import mail_body
from messages.customers.mail_body import address_in
from messages.kit.texts import t
from storage.in_hand import account_of
from storage.models import Case, CustomerLink

# Routes by which the app sends.
BY_US = frozenset({BY_MAIL, BY_CHANNEL, *(desk.value for desk in HelpDesk)})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """``words`` are the writer's, ``text`` is what the customer gets; ``place`` is the thread.

    ``address`` is where the app writes to, ``promised`` when the customer hears next (ISO 8601).
    ``place`` is ``ESC-<number>`` for mail, ``<help desk>:<ticket>`` for a ticket, that of
    ``SharedPlace`` for the customer's channel, else empty.
    """

    kind: str
    language: str
    route: str
    place: str
    recipient: str
    address: str
    promised: str
    words: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, as hexadecimal."""
        return digest_of(asdict(self))


def digest_of(bound: dict[str, Any]) -> str:
    """Return what an approval is bound to: SHA-256 of everything in it, as 64 hexadecimal digits.

    Of the JSON with sorted keys, so the order of the fields does not matter.
    """
    said = json.dumps(bound, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def outgoing_message(
    customers: Customers | None,
    case: Case,
    *,
    kind: MessageKind,
    words: str,
    recipient: str,
    route: str,
    promised: datetime | None = None,
    shared: SharedPlace | None = None,
) -> Outgoing:
    """Return the message as the case, its ticket and its contact are now.

    ``shared`` is the place in the customer's channel, for that route. By mail ``address`` is the
    one in ``recipient``, else the contact's; by other routes it is empty.
    """
    return Outgoing(
        kind=kind.value,
        language=case.language,
        route=route,
        place=_place(case, route, shared),
        recipient=recipient,
        address=(address_in(recipient) or case.contact_email) if route == BY_MAIL else "",
        promised=promised.isoformat() if promised else "",
        words=words,
        text=_as_received(customers, case, route, words),
    )


def _place(case: Case, route: str, shared: SharedPlace | None) -> str:
    if route == BY_CHANNEL:
        return str(shared) if shared is not None else ""
    if route == BY_MAIL:
        return f"ESC-{case.number}"  # the subject by which mail programs keep the thread
    return f"{case.helpdesk}:{case.ticket}" if route in BY_US else ""


def _as_received(customers: Customers | None, case: Case, route: str, words: str) -> str:
    """Return the words with what the app puts below them."""
    if route not in BY_US or route == BY_CHANNEL or customers is None:
        return words
    paged = customers.pages and not case.sensitive
    reference = f"ESC-{case.number}" if route == BY_MAIL else ""
    return mail_body.mail_text(words, Language(case.language), paged=paged, reference=reference)


async def stranger_reason(session: AsyncSession, case: Case, going: Outgoing, author: str) -> str:
    """Return why the receiver may not be the customer: ``recipient``, ``requester``, ``channel``.

    Empty where nothing speaks against it; ``channel`` where the writer alone linked theirs.
    What the accounts say is believed; so is a contact whom another than the writer named, where no
    account says anything. Only what the app itself sends is looked at.
    """
    if going.route not in BY_US:
        return ""
    if going.route == BY_MAIL:
        return (
            "" if await is_customers_address(session, case, going.address, author) else "recipient"
        )
    if going.route == BY_CHANNEL:
        place = await shared_place_of(session, case, going.route)
        return "channel" if place is None or place.by == author else ""
    asked, known = case.ticket_requester, await _known(session, case)
    return "" if asked and any(known_address(asked, each) for each in known) else "requester"


async def is_customers_address(
    session: AsyncSession, case: Case, address: str, author: str
) -> bool:
    """Whether mail that ``author`` sends there reaches the customer, as far as is known."""
    known = await _known(session, case)
    if not known:
        named = {
            case.contact_email: case.contact_by or case.reporter,
            case.second_email: case.second_by or case.reporter,
        }
        return bool(address) and named.get(address, author) != author
    return bool(address) and any(known_address(address, each) for each in known)


async def _known(session: AsyncSession, case: Case) -> Sequence[str]:
    account = await account_of(session, case)
    return [account.contact_email] if account is not None and account.contact_email else []


async def load_status_links(
    session: AsyncSession, case: Case, customers: Customers
) -> list[tuple[str, str]]:
    """Return label and address of the case's status page, which stand below a person's words.

    Empty without public pages, for a restricted case, and where the page was revoked or never made.
    """
    if not customers.pages or case.sensitive:
        return []
    query = select(CustomerLink).where(
        col(CustomerLink.case_number) == case.number,
        col(CustomerLink.kind) == "status",
        col(CustomerLink.revoked_at).is_(None),
    )
    page = (await session.exec(query.order_by(col(CustomerLink.id).desc()))).first()
    if page is None:
        return []
    url = customers.url("status", page.id, page.expires_at)
    return [(t(Language(case.language), "mail.status_link"), url)]

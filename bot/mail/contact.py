"""Another person of the customer writes: from now on they are the one we keep informed."""

from typing import ClassVar

from bot import effects
from bot.core import edited_posts
from bot.core.facts.mails import describe_mail
from bot.core.reactions import CaseCorrected, react
from bot.core.steps import authorize_case, refresh_card
from bot.customers.incoming import take_customer_message
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.customer_addresses import known_address
from bot.rules.states import MessageState
from storage.in_hand import account_of
from storage.models import Case, Mail

WRITTEN = (MessageState.QUARANTINED, MessageState.RECEIVED, MessageState.RELEASED)
UNSURE = frozenset({"failed", "unread"})  # doubts with which no sender becomes the contact


class MakeContact(OnCase):
    """Who wrote a mail to the case is its contact now; a mail that was held is then theirs too."""

    verb: ClassVar[str] = "make_contact"
    recorded_as: ClassVar[str] = "contact_changed"
    mail: Hidden[int]


async def make_contact(work: UnitOfWork, intent: MakeContact) -> Answer | None:
    """Write to the sender of a mail of the case from now on, and tell the team.

    Only for a sender of the customer's own domain, of whom no check says that they are forged:
    known are the contact's address of the case and that of the account. A mail that was kept back
    is taken in at once. Timeline ``contact_changed``: before ``contact`` (a name, empty where the
    mail gave none) and ``recipient`` (the address), after these and ``mail``. The channel's notice
    carries ``by``, ``sender`` and ``contact``. CaseCorrected follows in the same transaction.

    Raises UserError ``no_such_mail``, ``not_their_domain``.
    """
    case = await authorize_case(work, intent.case, "make_contact")
    row = await _mail_of(work, case, intent.mail)
    account = await account_of(work.session, case)
    known = [case.contact_email, account.contact_email if account else ""]
    if not any(known_address(row.sender, each) for each in known if each):
        raise UserError("not_their_domain")
    was = (case.contact_name, case.contact_email)
    before = {"contact": was[0], "recipient": was[1]}
    case.contact_email, case.contact_name = row.sender, str(row.reading.get("name", ""))
    case.contact_by = work.actor.user_id
    after = {"contact": case.contact_name, "recipient": row.sender, "mail": row.id}
    work.note(case, "contact_changed", before=before, after=after)
    said = {"by": work.actor.user_id, "sender": row.sender, "contact": case.contact_name}
    await effects.queue_post(work, case, "notice:contact_changed", said)
    await react(work, CaseCorrected(case, {"contact": was}))
    await _take_held(work, case, row)
    await refresh_card(work, case)
    return None


async def _mail_of(work: UnitOfWork, case: Case, number: int) -> Mail:
    """Return a mail of the case that a person outside wrote, kept back or taken in.

    Raises UserError ``no_such_mail``, also for one that was kept back for a doubt in ``UNSURE``,
    for one that was dropped, and for machines' mail.
    """
    row = await work.session.get(Mail, number)
    if row is None or row.case_number != case.number or row.state not in WRITTEN:
        raise UserError("no_such_mail")
    held = row.state is MessageState.QUARANTINED
    if row.direction != "in" or (held and row.reason in UNSURE):
        raise UserError("no_such_mail")
    return row


async def _take_held(work: UnitOfWork, case: Case, row: Mail) -> None:
    """Take a mail that was held as the customer's; any other has been taken in already."""
    if row.state is not MessageState.QUARANTINED:
        return
    row.state = MessageState.RELEASED
    work.session.add(row)
    work.note(case, "mail_released", after={"mail": row.id, "sender": row.sender})
    await edited_posts.sender_decided(work, case, row)
    await work.session.flush()
    at = max(row.at, case.received_at)
    await take_customer_message(work, case, at, row.text, describe_mail(row))

"""Mail to the intake address, where customers ask for an escalation: is it a person's, and whose.

What machines send never asks for anything: automatic answers, mass mail that answers nothing of
ours, and our own mail that comes round. What becomes of a person's mail is decided above
(``bot/intake/mail``).
"""

from sqlmodel import col, select

from bot.core.reactions import IntakeMailCame, react
from bot.customers.channels import Customers, customer_channels
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.mail.authentication import sender_doubt
from bot.rules.mail.parsing import InboundMail
from bot.rules.states import MessageState
from storage.models import Mail

REQUEST = "request"  # the kind of a mail to the intake address
# Kinds of what its writers, and those of the form, are sent. A case may take such mails over.
RECEIVED, TOLD, CONFIRM = "request_received", "request_told", "request_confirm"
ANSWERS = (RECEIVED, TOLD, CONFIRM)
NO_SENDER = "failed"  # the doubt about a mail that names no address to answer to


def is_for_intake(work: UnitOfWork, mail: InboundMail) -> bool:
    """True for a mail that went to the intake address, in any case and with any plus."""
    channels = customer_channels(work)
    wanted = plain_mailbox(channels.intake_address) if channels else ""
    return bool(wanted) and any(plain_mailbox(each) == wanted for each in mail.recipients)


def plain_mailbox(address: str) -> str:
    """The address in lower case, without what stands after a plus."""
    name, _, domain = address.strip().lower().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}" if domain else ""


async def take_in_request(work: UnitOfWork, mail: InboundMail, row: Mail) -> str:
    """Take in a mail to the intake address, already stored as ``row``; answers what became of it.

    One of ``automatic``, ``quarantined``, ``received``. Automatic are machines' mails, mail from
    our own addresses, and mail to many that answers nothing of ours: no one is told. For all others
    ``IntakeMailCame`` sets the state, with the doubt about the sender; a sender without an address
    is ``failed``.
    """
    channels = customer_channels(work)
    assert channels is not None  # is_for_intake() says so
    row.kind = REQUEST
    if mail.automatic or _is_ours(channels, mail) or await _is_mass_mail(work, mail):
        row.state = MessageState.AUTOMATIC
        return row.state.value
    doubt = sender_doubt(mail, channels.authserv_id) or ("unread" if mail.unread else "")
    doubt = doubt if "@" in mail.sender else NO_SENDER
    await react(work, IntakeMailCame(row, mail, doubt))
    return row.state.value


def _is_ours(channels: Customers, mail: InboundMail) -> bool:
    """True for a mail that names an address of ours as its sender: it would go round for ever."""
    ours = {plain_mailbox(channels.intake_address)}
    if channels.mailer is not None:
        ours |= {plain_mailbox(channels.mailer.address), plain_mailbox(channels.mailer.replies)}
    return plain_mailbox(mail.sender) in ours


async def _is_mass_mail(work: UnitOfWork, mail: InboundMail) -> bool:
    """True for what goes to many, unless it answers a mail of ours, as people do through lists."""
    if not mail.many:
        return False
    ours = (col(Mail.message_id).in_(mail.parents), col(Mail.direction) == "out")
    return (await work.session.exec(select(Mail.id).where(*ours).limit(1))).first() is None

"""Queueing a mail: its recipient, its Message-ID, its thread.

The row of the outbox and the ``Mail`` are stored in one transaction. The Message-ID is made from
the row's id and signed, so it cannot be guessed, and every try sends the same.
"""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.customers.channels import BY_MAIL, Customers, customer_channels
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.states import MessageState
from messages.customers.mail_body import address_in
from storage.models import Case, Mail, SentMessage

# States of mails that the customer may have, to which a new one is an answer.
IN_THREAD = (
    MessageState.HANDED,
    MessageState.SENT,
    MessageState.BOUNCED,
    MessageState.RECEIVED,
    MessageState.RELEASED,
)


def require_mail(work: UnitOfWork) -> Customers:
    """Return how mail is sent. Raises UserError ``no_mail`` when no mail server is set up.

    Asked before anything is stored, so that a person learns it while they act.
    """
    channels = customer_channels(work)
    if channels is None or not channels.mails:
        raise UserError("no_mail")
    return channels


def recipient_of(case: Case, typed: str) -> str:
    """Return the address to write to: the one typed, else the contact's.

    ``typed`` may have words around it: ``Ada, ada@example.com``. Raises UserError ``no_address``.
    """
    address = address_in(typed) or case.contact_email
    if not address:
        raise UserError("no_address")
    return address


class MailCourier:
    """Sends the messages of cases by mail, each case's in one lane."""

    medium = BY_MAIL

    async def queue_message(
        self, work: UnitOfWork, case: Case, message: SentMessage, receipt: int | None
    ) -> None:
        """Queue a mail to the typed address, else to the case's contact.

        Raises UserError ``no_mail``, ``no_address``.
        """
        await queue_mail(
            work,
            case,
            kind=message.kind,
            text=message.text,
            recipient=recipient_of(case, message.recipient),
            message=message.id,
            receipt=receipt,
        )


async def queue_mail(
    work: UnitOfWork,
    case: Case,
    *,
    kind: str,
    text: str,
    recipient: str,
    message: int | None = None,
    receipt: int | None = None,
) -> Mail:
    """Queue a mail in the case's own lane, so that its mails are sent in order.

    The lane is ``mailbox:<case>``; the row's payload is empty, and the ``Mail`` is found by its
    ``outbox_id``. Both are flushed, and stored with the caller's transaction. The thread and the
    status links are read when the mail is sent, not here.

    ``message`` is the id of the ``SentMessage`` that it carries, None for one that no person wrote,
    which is less urgent; ``receipt`` is the id of the broadcast's recipient. Raises UserError
    ``no_mail``.
    """
    customers = require_mail(work)
    assert customers.mailer is not None  # require_mail() says so
    priority = effects.INTERACTIVE if message else effects.NUDGE
    row = await work.queue("mail", f"mailbox:{case.number}", case=case, priority=priority)
    mail = Mail(
        case_number=case.number,
        direction="out",
        kind=kind,
        message_id=customers.signer.message_id(row, customers.mailer.domain),
        recipient=recipient,
        text=text,
        sent_message=message,
        receipt=receipt,
        outbox_id=row,
        state=MessageState.QUEUED,
        at=work.now,
    )
    work.session.add(mail)
    await work.session.flush()
    return mail


async def mail_thread(session: AsyncSession, case: int, before: int) -> list[str]:
    """Return the Message-IDs of the case's mails before the row ``before``, oldest first.

    ``before`` is the id of a ``Mail``. Both directions count; what was refused or kept back does
    not.
    """
    query = select(Mail.message_id).where(
        col(Mail.case_number) == case, col(Mail.id) < before, col(Mail.state).in_(IN_THREAD)
    )
    return list((await session.exec(query.order_by(col(Mail.id)))).all())

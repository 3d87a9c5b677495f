"""Leaving a mail for delivery: to whom, under which Message-ID, in which thread."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.customers.channels import Customers, customer_channels
from bot.customers.delivery import IN_THREAD, QUEUED
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from messages.customers.mail_body import address_in
from storage.models import Case, Mail, SentMessage


def mailing(work: UnitOfWork) -> Customers:
    """How mail goes out. Raises UserError ``no_mail`` where it does not."""
    channels = customer_channels(work)
    if channels is None or not channels.mails:
        raise UserError("no_mail")
    return channels


def recipient_of(case: Case, typed: str) -> str:
    """The address to write to: the one typed, else the contact's.

    Raises UserError ``no_address``.
    """
    address = address_in(typed) or case.contact_email
    if not address:
        raise UserError("no_address")
    return address


async def send(work: UnitOfWork, case: Case, message: SentMessage) -> Mail:
    """Leave a human's message for delivery by mail."""
    return await leave(
        work,
        case,
        kind=message.kind,
        text=message.text,
        recipient=recipient_of(case, message.recipient),
        message=message.id,
    )


async def leave(
    work: UnitOfWork,
    case: Case,
    *,
    kind: str,
    text: str,
    recipient: str,
    message: int | None = None,
) -> Mail:
    """Leave a mail in the case's own lane, so that its mails go out in order."""
    customers = mailing(work)
    assert customers.mailer is not None  # mailing() says so
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
        outbox_id=row,
        state=QUEUED,
        at=work.now,
    )
    work.session.add(mail)
    await work.session.flush()
    return mail


async def thread(session: AsyncSession, case: int, before: int) -> list[str]:
    """The Message-IDs of the case's mails before the row ``before``, oldest first."""
    query = select(Mail.message_id).where(
        col(Mail.case_number) == case, col(Mail.id) < before, col(Mail.state).in_(IN_THREAD)
    )
    return list((await session.exec(query.order_by(col(Mail.id)))).all())

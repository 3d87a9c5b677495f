"""What becomes of our mails: taken, refused, or come back. Only a mail that was taken counts.

``sent`` means that the mail server took it, at the instant at which it said so. A bounce later
withdraws the clock events that rested on it, by a correcting entry: the clocks run on from their
original start, as if it had never been counted.
"""

from bot.core.reactions import AnswerFailed, MessageDelivered, MessageFailed, react
from bot.core.steps import refresh_card
from bot.customers.channels import BY_MAIL
from bot.customers.delivery import Shipment, record_delivery, record_failure
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import MessageState
from bot.sla import clocks
from storage.models import Case, Mail


def shipment_of(mail: Mail) -> Shipment:
    """Return the mail as a message on its way, for ``bot/customers/delivery.py``."""
    return Shipment(
        mail,
        BY_MAIL,
        mail.kind,
        mail.text,
        about={"recipient": mail.recipient},
        reference={"mail": mail.id},
        receipt=mail.receipt,
    )


async def record_taken(work: UnitOfWork, case: Case, mail: Mail, *, doubtful: bool) -> None:
    """Record that the server took the mail: the customer counts as answered from now.

    ``doubtful``: an earlier try may have been taken as well. The timeline then has
    ``mail_doubtful`` with ``mail``, the row's id. The case must be locked.
    """
    if doubtful:
        work.note(case, "mail_doubtful", after={"mail": mail.id})
    await record_delivery(work, case, shipment_of(mail))


async def record_bounce(work: UnitOfWork, case: Case, mail: Mail, reason: str) -> None:
    """Record that the mail came back, and withdraw the clock events that rested on it.

    The case must be locked. A second report about the same mail changes nothing.
    """
    if mail.state is MessageState.BOUNCED:
        return
    message = await record_failure(work, case, shipment_of(mail), MessageState.BOUNCED, reason)
    if message is not None:
        await clocks.withdraw_events(work, case, message.evidence.get("events", ()))
    await refresh_card(work, case)


async def record_without_case(
    work: UnitOfWork, mail: Mail, state: MessageState, reason: str = "", *, doubtful: bool = False
) -> None:
    """Record what became of a mail that is about no case: a broadcast's, an answer to a writer.

    ``state`` is SENT, REFUSED or BOUNCED; ``doubtful`` as in ``record_taken``, here kept as the
    mail's ``reason``. A mail that has bounced stays so, even if a late answer says that it was
    taken. Of a broadcast's mail, by its ``receipt``, MessageDelivered or MessageFailed tells
    without a case; of an answer to a writer only AnswerFailed, where it did not arrive.
    """
    if mail.state is MessageState.BOUNCED:
        return
    delivered = state is MessageState.SENT
    mail.state, mail.reason = state, "doubtful" if doubtful and not reason else reason
    mail.at = work.now if delivered else mail.at
    work.session.add(mail)
    if mail.receipt is None:
        if not delivered:
            await react(work, AnswerFailed(mail, reason))
    elif delivered:
        await react(work, MessageDelivered(None, None, mail.receipt))
    else:
        await react(work, MessageFailed(None, None, mail.receipt, reason))

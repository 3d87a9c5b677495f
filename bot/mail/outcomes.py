"""What becomes of our mails: taken, refused, or come back. Only a mail that was taken counts.

``sent`` means that the mail server took it, at the instant at which it said so. A bounce later
withdraws the clock events that rested on it, by a correcting entry: the clocks run on from their
original start, as if it had never been counted.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot import effects
from bot.core.reactions import MessageDelivered, MessageFailed, ResolutionDelivered, react
from bot.core.steps import finish
from bot.customers import updates
from bot.customers.delivery import BOUNCED, REFUSED, SENT
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import MessageKind
from bot.sla import clocks
from storage.models import Case, Mail, SentMessage


async def taken(work: UnitOfWork, case: Case, mail: Mail, *, doubtful: bool) -> None:
    """The server took the mail: the customer counts as answered from now.

    ``doubtful``: an earlier try may have been taken as well.
    """
    mail.state, mail.at = SENT, work.now
    work.session.add(mail)
    if doubtful:
        work.note(case, "mail_doubtful", after={"mail": mail.id})
    message = await _message(work, mail)
    await react(work, MessageDelivered(case, message, mail.receipt))
    if message is not None:
        await arrived(work, case, message, "mail_delivered", {"recipient": mail.recipient})


async def arrived(
    work: UnitOfWork, case: Case, message: SentMessage, verb: str, said: Mapping[str, Any]
) -> None:
    """The customer has a message that the desk sent: they count as answered from now.

    ``verb`` and ``said`` are for the record, where it is not an update.
    """
    message.state, message.sent_at = SENT, work.now
    work.session.add(message)
    source = work.actor.source
    work = replace(work, actor=Actor(message.sent_by, source))
    await updates.answered(work, case, message)
    if message.kind == MessageKind.RESOLUTION:
        after = {**said, "kind": message.kind, "message": message.id}
        work.note(case, verb, after=after, actor=Actor(SYSTEM, source))
        await effects.post(work, case, "notice:update_sent", {"message": message.id})
        await react(work, ResolutionDelivered(case))
        await finish(work, case)
    else:
        await updates.counted(work, case, message)


async def refused(work: UnitOfWork, case: Case, mail: Mail, reason: str) -> None:
    """The mail never left: whoever wrote it hears why, and the clocks never stopped."""
    await _failed(work, case, mail, REFUSED, reason)
    await finish(work, case)


async def bounced(work: UnitOfWork, case: Case, mail: Mail, reason: str) -> None:
    """The mail came back: what rested on it is withdrawn."""
    if mail.state == BOUNCED:
        return
    message = await _failed(work, case, mail, BOUNCED, reason)
    if message is not None:
        await clocks.withdraw(work, case, message.evidence.get("events", ()))
    await finish(work, case)


async def _failed(
    work: UnitOfWork, case: Case, mail: Mail, state: str, reason: str
) -> SentMessage | None:
    mail.state, mail.reason = state, reason
    work.session.add(mail)
    said = {"recipient": mail.recipient, "kind": mail.kind, "mail": mail.id}
    work.note(case, f"mail_{state}", after=said, why=reason)
    message = await _message(work, mail)
    if message is not None:
        message.state, message.reason = state, reason
        work.session.add(message)
    await react(work, MessageFailed(case, message, mail.receipt, reason))
    extra = {
        "topic": mail.kind, "recipient": mail.recipient, "reason": reason, "text": mail.text,
        "came_back": state == BOUNCED, "human": message is not None,
    }  # fmt: skip
    for user in {case.owner, message.sent_by if message else case.owner}:
        await effects.dm(work, user, "notice:mail_failed", case, extra, priority=effects.BREACH)
    return message


async def without_case(
    work: UnitOfWork, mail: Mail, state: str, reason: str = "", *, doubtful: bool = False
) -> None:
    """What became of a broadcast's mail to a customer who has no case."""
    if mail.state == BOUNCED:
        return
    mail.state, mail.reason = state, "doubtful" if doubtful and not reason else reason
    mail.at = work.now if state == SENT else mail.at
    work.session.add(mail)
    if state == SENT:
        await react(work, MessageDelivered(None, None, mail.receipt))
    else:
        await react(work, MessageFailed(None, None, mail.receipt, reason))


async def waits(work: UnitOfWork, case: Case, mail: Mail, reason: str) -> None:
    """The server does not answer: whoever wrote the mail should know that it waits."""
    message = await _message(work, mail)
    if message is not None:
        extra = {"recipient": mail.recipient, "reason": reason}
        await effects.dm(work, message.sent_by, "notice:mail_waits", case, extra)


async def _message(work: UnitOfWork, mail: Mail) -> SentMessage | None:
    if mail.sent_message is None:
        return None
    return await work.session.get(SentMessage, mail.sent_message)

"""What becomes of our replies in tickets, and what others write there.

A reply counts from the moment at which the help desk has taken it. The customer's own words are
heard as a mail's are. What a colleague answers there by hand is shown, and counts for nothing until
a person records it: a macro or a trigger may have written it in their name.

Everything here runs in the transaction that ends the outbox's row, with the case locked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, or_, select

from bot import effects
from bot.core.steps import follow_merged, refresh_card
from bot.customers.delivery import Shipment
from bot.customers.incoming import take_customer_message
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import MessageState
from bot.tickets.link import TicketCourier
from messages.clients.helpdesks import Entry
from storage.models import Case, SentMessage, TicketReply

WITHIN = timedelta(milliseconds=999)  # how much later than a whole second something may have been


def shipment_of(reply: TicketReply, message: SentMessage) -> Shipment:
    """The reply as a message on its way; notices and timeline name its ``desk``."""
    return Shipment(
        reply,
        TicketCourier.medium,
        message.kind,
        message.text,
        about={"desk": reply.helpdesk},
        reference={"message": message.id},
    )


async def ticket_unreadable(work: UnitOfWork, case: Case, reason: str) -> None:
    """Tell the owner that the ticket cannot be read, so that what is written there is not heard.

    Timeline: ``desk``, ``ticket``, the reason as why. The notice's ``extra``: ``desk``, ``reason``.
    """
    said = {"desk": case.helpdesk, "ticket": case.ticket}
    work.note(case, "ticket_unreadable", after=said, why=reason)
    extra = {"desk": case.helpdesk, "reason": reason}
    await effects.queue_dm(work, case.owner, "notice:ticket_unreadable", case, extra)
    await refresh_card(work, case)


async def take_in_ticket(work: UnitOfWork, case: Case, entries: Sequence[Entry]) -> list[Entry]:
    """Take in what was written in the case's ticket; what is known already changes nothing.

    Answers what the customer wrote of it.

    An entry is known by its id, one of ours by its mark too. It counts from when it was written,
    but never from before the case was received or after now. A merged case's ticket is heard in the
    case in which it goes on. The customer's words are kept in the
    case's record alone, a colleague's also in the row, from which the composer can be filled.
    """
    known, goes_on = await _known(work, case, entries), await follow_merged(work.session, case)
    home = await work.case(goes_on.number)
    heard = []
    for entry in entries:
        if entry.id in known or (entry.mark and entry.mark in known):
            continue
        known.add(entry.id)
        at = min(max(_instant(entry.at), home.received_at), work.now)
        row = TicketReply(
            case_number=home.number,
            helpdesk=case.helpdesk,
            ticket=case.ticket,
            direction="in",
            entry=entry.id,
            state=MessageState.RECEIVED if entry.customer else MessageState.COLLEAGUE,
            text="" if entry.customer else entry.text,  # the record has the customer's words
            at=at,
        )
        work.session.add(row)
        if entry.customer:
            await take_customer_message(work, home, at, entry.text)
            heard.append(entry)
        else:
            await _answered_there(work, home, row)
    return heard


def _instant(said: datetime) -> datetime:
    """When something was written; a time told to the second means the end of that second.

    So what is written in the second in which a wait for it begins counts as written after that.
    """
    return said if said.microsecond else said + WITHIN


async def _known(work: UnitOfWork, case: Case, entries: Sequence[Entry]) -> set[str]:
    """Which of these ids we have, and which of their marks are of replies of ours."""
    ids, marks = [each.id for each in entries], [each.mark for each in entries if each.mark]
    query = select(TicketReply.entry, TicketReply.mark).where(
        col(TicketReply.helpdesk) == case.helpdesk,
        or_(col(TicketReply.entry).in_(ids), col(TicketReply.mark).in_(marks)),
    )
    found = (await work.session.exec(query)).all()
    return {word for row in found for word in row if word}


async def _answered_there(work: UnitOfWork, case: Case, row: TicketReply) -> None:
    """Show in the channel what a colleague answered in the ticket.

    Timeline: ``desk``, ``at`` (ISO 8601). The notice's ``extra`` adds ``summary`` (all that they
    wrote), ``url``, and ``reply``, the id from which "record it" fills the composer.
    """
    await work.session.flush()
    said = {"desk": row.helpdesk, "at": row.at.isoformat()}
    actor = Actor(SYSTEM, row.helpdesk)
    work.note(case, "colleague_replied", after=said, why=row.text, actor=actor)
    extra = {**said, "summary": row.text, "url": case.ticket_url, "reply": row.id}
    await effects.queue_post(work, case, "notice:colleague_replied", extra, part=effects.HEARD)
    await refresh_card(work, case)

"""Replies that wait for a help desk, and are for another ticket or customer than was corrected."""

from sqlmodel import col, select

from bot.cases.correction.withheld import lock_unclaimed, withhold_message
from bot.core.reactions import CaseCorrected
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import HelpDesk
from bot.tickets.outcomes import shipment_of
from storage.models import SentMessage, TicketReply


async def withhold_replies(work: UnitOfWork, event: CaseCorrected) -> None:
    """Hold back replies that were never tried, after another ticket or customer was given.

    What was tried may be in the ticket already, and is left. The ids of the replies are added to
    ``event.withheld``. Reacts to CaseCorrected, in its transaction.
    """
    if not {"ticket", "customer"} & event.was.keys():
        return
    for desk in HelpDesk:
        rows = {row.id: row for row in await lock_unclaimed(work, event.case, desk)}
        untried = [number for number, row in rows.items() if row.attempted_at is None]
        query = select(TicketReply).where(col(TicketReply.outbox_id).in_(untried))
        for reply in (await work.session.exec(query)).all() if untried else ():
            row = rows[reply.outbox_id or 0]
            message = await work.session.get_one(SentMessage, reply.sent_message)
            await withhold_message(work, event.case, row, shipment_of(reply, message))
            event.withheld.append(reply.id)

"""The outbox's rows of help desks: replies into tickets, looks at what is new, what is set there.

A row of a help desk's kind does one thing in its ticket's lane, by ``do`` of its payload: ``reply``
(the ``TicketReply`` with this ``outbox_id`` says what), ``look`` (``looking``), or one of ``note``,
``tag``, ``status`` (``writing``); all but the first name the ``ticket``. When the help desk limits
the app, every row of that kind waits as long as it says; a ticket that cannot be reached holds up
only itself.

No transaction is open while the help desk is called. What was learned is stored in the transaction
that ends the row, with the case locked.
"""

import asyncio

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.customers.channels import Customers, require_channels
from bot.customers.delivery import (
    conclude,
    may_try_again,
    record_delivery,
    record_refusal,
)
from bot.customers.outgoing import load_status_links
from bot.engine.delivery import Delivery, EffectResult, Later
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import Language
from bot.tickets import outcomes as ticket_outcomes
from bot.tickets.connectors import TOTAL_TIMEOUT, require_connector
from bot.tickets.link import LOOK
from bot.tickets.looking import look_at_ticket
from bot.tickets.writing import WRITES, write_there
from messages.clients.helpdesks import Away, Limited, Refused, Reply
from messages.kit.texts import t
from storage.models import Case, SentMessage, TicketReply


async def deliver_ticket(delivery: Delivery, job: Job) -> EffectResult:
    """Reply in a ticket, look what is new in it, or leave a note, a tag, a status there.

    Raises Later (for every row of the kind) when the help desk limits the app, and Away when no
    usable answer came: delivery tries the row again.
    """
    try:
        do = job.row.payload.get("do")
        if do == LOOK:
            return await look_at_ticket(delivery, job)
        return await (write_there(delivery, job) if do in WRITES else _reply(delivery, job))
    except Limited as limited:
        raise Later(limited.seconds, everywhere=True) from limited


# -- replying


async def _reply(delivery: Delivery, job: Job) -> EffectResult:
    """Send the reply that the row carries, within ``TOTAL_TIMEOUT`` and what is left of the lease.

    A retry (``again``) has the help desk searched for the reply's mark first. Refused ends the row
    at once; no answer ends it as refused after ``GIVE_UP`` (``bot/customers/delivery.py``), until
    then Away is raised.
    """
    async with delivery.services.database.read() as session:
        query = select(TicketReply).where(col(TicketReply.outbox_id) == job.row.id)
        row = (await session.exec(query)).one()
        message = await session.get(SentMessage, row.sent_message)
        assert message is not None  # both are kept
        reply = await _written(session, row, message, require_channels(delivery.services))
    if not job.left:
        raise Away("the lease is running out")
    try:
        async with asyncio.timeout(min(TOTAL_TIMEOUT, job.left)):
            entry = await require_connector(delivery, row.helpdesk).reply(
                reply, again=job.tried_before
            )
    except Refused as refused:
        return _outcome(delivery, job, row, refusal=refused.reason)
    except (Away, TimeoutError) as away:
        why = away.reason if isinstance(away, Away) else "no answer in time"
        shipment = ticket_outcomes.shipment_of(row, message)
        if await may_try_again(delivery, job, row.case_number, shipment, why):
            raise Away(str(away) or why) from away
        return _outcome(delivery, job, row, refusal=why)
    return _outcome(delivery, job, row, entry=entry)


async def _written(
    session: AsyncSession, row: TicketReply, message: SentMessage, customers: Customers
) -> Reply:
    """The reply as the customer gets it: the words, then each status link below its label.

    The mark goes along twice: as such, and in the sentence of the case's language that says it.
    """
    case = await session.get(Case, row.case_number)
    assert case is not None  # cases are kept
    links = await load_status_links(session, case, customers)
    text = "\n\n".join([message.text.strip(), *(f"{label}:\n{url}" for label, url in links)])
    reference = t(Language(case.language), "helpdesk.reference", reference=row.mark)
    return Reply(row.ticket, text, row.mark, reference)


def _outcome(
    delivery: Delivery, job: Job, row: TicketReply, *, entry: str = "", refusal: str = ""
) -> EffectResult:
    """The end of the row: in one transaction with what it means for the case.

    Exactly one of ``entry`` (the id of the reply in the help desk) and ``refusal`` (the reason) is
    filled. The row's result has both, as ``entry`` and ``refused``.
    """

    async def record(work: UnitOfWork) -> None:
        case = await work.case(row.case_number)
        reply = await work.session.get(TicketReply, row.id)
        message = await work.session.get(SentMessage, row.sent_message)
        assert reply is not None  # rows of replies are kept
        assert message is not None  # and so are those of messages
        shipment = ticket_outcomes.shipment_of(reply, message)
        if entry:
            reply.entry = entry
            await record_delivery(work, case, shipment)
        else:
            await record_refusal(work, case, shipment, refusal)

    return conclude(delivery, job, {"entry": entry, "refused": refusal}, record)

"""The outbox's replies into tickets, and its looks at what is new there.

A row of a help desk's kind does one of two things in its ticket's lane, by ``do`` of its payload:
``reply`` (the ``TicketReply`` with this ``outbox_id`` says what) or ``look`` (with ``ticket``, the
id that was linked when the row was queued). When the help desk limits the app, every row of that
kind waits as long as it says; a ticket that cannot be reached holds up only itself.

No transaction is open while the help desk is called. What was learned is stored in the transaction
that ends the row, with the case locked.
"""

import asyncio
from datetime import timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.customers.channels import Customers, require_channels
from bot.customers.delivery import (
    begin_work,
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
from bot.tickets.link import LOOK
from messages.clients.helpdesks import Away, Connector, Limited, Refused, Reply
from messages.kit.texts import t
from storage.models import Case, SentMessage, TicketReply

TOTAL_TIMEOUT = 30.0  # seconds for all requests of one row; less than delivery's lease
SAME_SECOND = timedelta(seconds=1)  # help desks tell times to the second


async def deliver_ticket(delivery: Delivery, job: Job) -> EffectResult:
    """Reply in a ticket, or look what is new in it.

    Raises Later (for every row of the kind) when the help desk limits the app, and Away when no
    usable answer came: delivery tries the row again.
    """
    try:
        if job.row.payload.get("do") == LOOK:
            return await _look(delivery, job)
        return await _reply(delivery, job)
    except Limited as limited:
        raise Later(limited.seconds, everywhere=True) from limited


def _connector(delivery: Delivery, name: str) -> Connector:
    """The help desk of that name. Raises Away when it is no longer set up: it may come back."""
    found = require_channels(delivery.services).helpdesks.get(name)
    if found is None:
        raise Away(f"{name} is not set up any more")
    return found


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
            entry = await _connector(delivery, row.helpdesk).reply(reply, again=job.tried_before)
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


# -- looking


async def _look(delivery: Delivery, job: Job) -> EffectResult:
    """Take in what was written in the ticket since it was linked and is not known yet.

    Nothing is read when the case was unlinked, or linked to another ticket, since the row was
    queued. The requester is asked for until one is known, and kept on the case. A ticket that may
    not be read is told to the owner and ends the row. The row's result has ``read`` (the number of
    entries) and ``refused`` (the reason, else empty).
    """
    async with delivery.services.database.read() as session:
        case = await session.get(Case, job.row.case_number)
    ticket = str(job.row.payload.get("ticket") or "")
    if case is None or case.ticket_since is None or case.ticket != ticket:
        return EffectResult()  # it was unlinked meanwhile
    connector = require_channels(delivery.services).helpdesks.get(case.helpdesk)
    if connector is None:  # nobody can look there; when it is set up again, its webhook says so
        return EffectResult({"read": 0, "refused": f"{case.helpdesk} is not set up any more"})
    number, refusal = case.number, ""
    # The case was linked by our clock, the ticket is written by theirs, which is right as Slack's.
    slack = delivery.services.slack.time
    ahead = slack.ahead if slack.ahead and slack.apart else timedelta(0)
    try:
        async with asyncio.timeout(TOTAL_TIMEOUT):
            requester = case.ticket_requester or await connector.requester(ticket)
            entries = await connector.entries(ticket, case.ticket_since - ahead - SAME_SECOND)
    except TimeoutError as slow:
        raise Away("no answer in time") from slow
    except Refused as refused:
        entries, requester, refusal = (), "", refused.reason

    async def save(session: AsyncSession) -> None:
        work = begin_work(delivery, session, job)
        case = await work.case(number)
        if refusal:
            await ticket_outcomes.ticket_unreadable(work, case, refusal)
        else:
            await ticket_outcomes.take_in_ticket(work, case, entries)
            if case.ticket == ticket:  # else it was linked to another one meanwhile
                case.ticket_requester = requester
                session.add(case)

    return EffectResult({"read": len(entries), "refused": refusal}, save)

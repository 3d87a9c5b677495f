"""The outbox's replies into tickets, and its looks at what is new there.

A row of a help desk's kind does one of two things in its ticket's lane. When the help desk limits
us, every row of that kind waits as long as it says; a ticket that cannot be reached holds up only
itself.
"""

import asyncio
from datetime import timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.customers.channels import Customers, require_channels
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, EffectResult, Later
from bot.engine.leases import holding
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.mail.deliver import GIVE_UP, TELL_AFTER, status_page
from bot.rules.words import Language
from bot.tickets import outcomes as ticket_outcomes
from bot.tickets.link import LOOK
from messages.clients.helpdesks import Away, Connector, Limited, Refused, Reply
from messages.kit.texts import t
from storage.models import Case, SentMessage, TicketReply

TOTAL_TIMEOUT = 30.0  # seconds for all requests of one row; less than delivery's lease
SAME_SECOND = timedelta(seconds=1)  # help desks tell times to the second


async def ticket(delivery: Delivery, job: Job) -> EffectResult:
    """Reply in a ticket, or look what is new in it."""
    try:
        if job.row.payload.get("do") == LOOK:
            return await _look(delivery, job)
        return await _reply(delivery, job)
    except Limited as limited:
        raise Later(limited.seconds, everywhere=True) from limited


def _connector(delivery: Delivery, name: str) -> Connector:
    found = require_channels(delivery.services).helpdesks.get(name)
    if found is None:
        raise Away(f"{name} is not set up any more")
    return found


# -- replying


async def _reply(delivery: Delivery, job: Job) -> EffectResult:
    async with delivery.services.database.read() as session:
        query = select(TicketReply).where(col(TicketReply.outbox_id) == job.row.id)
        row = (await session.exec(query)).one()
        reply = await _written(session, row, require_channels(delivery.services))
    if not job.left:
        raise Away("the lease is running out")
    try:
        async with asyncio.timeout(min(TOTAL_TIMEOUT, job.left)):
            entry = await _connector(delivery, row.helpdesk).reply(reply, again=job.tried_before)
    except Refused as refused:
        return _outcome(delivery, job, row, refusal=refused.reason)
    except (Away, TimeoutError) as away:
        return await _again(delivery, job, row, str(away) or "no answer in time")
    return _outcome(delivery, job, row, entry=entry)


async def _written(session: AsyncSession, row: TicketReply, customers: Customers) -> Reply:
    message = await session.get(SentMessage, row.sent_message)
    case = await session.get(Case, row.case_number)
    assert message is not None  # both are kept
    assert case is not None
    links = await status_page(session, case, customers)
    text = "\n\n".join([message.text.strip(), *(f"{label}:\n{url}" for label, url in links)])
    reference = t(Language(case.language), "helpdesk.reference", reference=row.mark)
    return Reply(row.ticket, text, row.mark, reference)


def _outcome(
    delivery: Delivery, job: Job, row: TicketReply, *, entry: str = "", refusal: str = ""
) -> EffectResult:
    """The end of the row: in one transaction with what it means for the case."""

    async def save(session: AsyncSession) -> None:
        work = _work(delivery, session, job)
        case = await work.case(row.case_number)
        reply = await session.get(TicketReply, row.id)
        assert reply is not None  # rows of replies are kept
        if entry:
            await ticket_outcomes.taken(work, case, reply, entry)
        else:
            await ticket_outcomes.refused(work, case, reply, refusal)

    return EffectResult({"entry": entry, "refused": refusal}, save)


async def _again(delivery: Delivery, job: Job, row: TicketReply, why: str) -> EffectResult:
    """Raise Away, so that the row is tried again; at last it counts as refused."""
    if delivery.services.clock.now() - job.row.queued_at > GIVE_UP:
        return _outcome(delivery, job, row, refusal=why)
    if job.row.attempts + 1 == TELL_AFTER:
        async with holding(delivery.services.database, job.row) as session:
            work = _work(delivery, session, job)
            await ticket_outcomes.waits(work, await work.case(row.case_number), row, why)
    raise Away(why)


def _work(delivery: Delivery, session: AsyncSession, job: Job) -> UnitOfWork:
    actor = Actor(SYSTEM, job.row.kind)
    return UnitOfWork.join(session, delivery.services, actor, job.row.correlation)


# -- looking


async def _look(delivery: Delivery, job: Job) -> EffectResult:
    """Take in what was written in the ticket since it was linked and is not known yet."""
    async with delivery.services.database.read() as session:
        case = await session.get(Case, job.row.case_number)
    ticket = str(job.row.payload.get("ticket") or "")
    if case is None or case.ticket_since is None or case.ticket != ticket:
        return EffectResult()  # it was unlinked meanwhile
    connector = _connector(delivery, case.helpdesk)
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
        work = _work(delivery, session, job)
        case = await work.case(number)
        if refusal:
            await ticket_outcomes.unreadable(work, case, refusal)
        else:
            await ticket_outcomes.read(work, case, entries)
            if case.ticket == ticket:  # else it was linked to another one meanwhile
                case.ticket_requester = requester
                session.add(case)

    return EffectResult({"read": len(entries), "refused": refusal}, save)

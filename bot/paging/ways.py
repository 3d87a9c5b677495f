"""The outbox's rows of pages that go by a way outside Slack: an SMS, a call, a chat, a mail.

A row has ``way``, ``key`` (case, clock, cycle, which page) and ``user``; its lane is the page's by
that way, so one page is one message there, as long as the service's answer arrives. What leaves the
house is what a pager gets: the case's number, its severity, its customer's name and a link; of a
restricted case no name.
"""

import asyncio

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import administrators
from bot.customers.channels import require_channels
from bot.engine.delivery import Delivery, EffectResult, Later
from bot.engine.outbox_claims import Job
from bot.paging.deliver import CHANNEL_LINK, FOR_CHANNEL, TOTAL_TIMEOUT
from bot.rules.duty.ways import TITLE_MAX, cut_name
from bot.rules.facts import CaseFacts
from bot.rules.words import Language, Status
from bot.slack.case_presenter import case_facts
from bot.slack.presenter import begin_work
from messages.clients.helpdesks import Away, Limited, Refused
from messages.clients.page_ways import PageWays
from messages.kit.texts import label, t

log = structlog.get_logger()


async def deliver_by_way(delivery: Delivery, job: Job) -> EffectResult:
    """Page by the row's way, unless a person has the case by now.

    Raises Later where the service limits the app, and Away where no usable answer came: then it is
    tried again, and may arrive twice. What it refuses ends the row, and the administrators hear it.
    """
    case = await case_facts(delivery, job)
    if case.status is not Status.NEW:
        return EffectResult({"done": "not needed"})
    if case.channel_id is None and delivery.services.clock.now() - job.row.queued_at < FOR_CHANNEL:
        raise Later(1.0)
    way, ways = job.row.payload["way"], require_ways(delivery)
    title, body = describe_for_way(case, await _language_of(delivery, job.row.payload["user"]))
    try:
        async with asyncio.timeout(min(TOTAL_TIMEOUT, job.left)):
            await ways.send(way, title, body)
    except Limited as limited:
        raise Later(limited.seconds) from limited
    except TimeoutError as late:
        raise Away(f"{way}: no answer in time") from late
    except Refused as refused:
        return _refused(delivery, job, refused.reason)
    return EffectResult({"done": "sent"})


def require_ways(delivery: Delivery) -> PageWays:
    """What sends by ways. Raises Away in a process without it."""
    found = require_channels(delivery.services).ways
    if found is None:
        raise Away("no way is set up here")
    return found


async def _language_of(delivery: Delivery, user: str) -> Language:
    """The person's language, as far as it is known: a page does not wait for Slack to tell it."""
    return (await delivery.services.people.people([user]))[user].language


def describe_for_way(case: CaseFacts, language: Language) -> tuple[str, str]:
    """Title and text of a page, together short enough for an SMS.

    Never what the customer wrote, and of a restricted case no name.
    """
    known = {"reference": case.reference, "severity": label(language, case.severity)}
    if case.sensitive:
        title = t(language, "pager.restricted", **known)
    else:
        room = TITLE_MAX - len(t(language, "pager.title", **known, customer=""))
        customer = cut_name(case.customer, room)
        title = t(language, "pager.title", **known, customer=customer)
    if not case.channel_id:
        return title, t(language, "pager.open_slack")
    return title, t(language, "pager.take_it", link=CHANNEL_LINK + case.channel_id)


def _refused(delivery: Delivery, job: Job, fault: str) -> EffectResult:
    """The end of a row that cannot be sent: the administrators are told, each in a DM."""
    way, user = job.row.payload["way"], job.row.payload["user"]
    log.warning("way_refused", way=way, outbox=job.row.id, fault=fault)

    async def save(session: AsyncSession) -> None:
        """Queue ``notice:way_refused``: ``by_way``, ``way_fault``, and ``user``, who was paged."""
        work = begin_work(delivery, session, job)
        case = await work.case(job.row.case_number or 0)
        said = {"by_way": way, "way_fault": fault, "user": user}
        for each in administrators(work.policy):
            await effects.queue_dm(work, each, "notice:way_refused", case, said)

    return EffectResult({"refused": fault}, save)

"""The outbox's rows of pagers: a page that goes out, is acknowledged, is over; or was answered.

A row's kind is the pager, its lane the page's key, so what is said of one page stays in order.
``do`` of its payload is ``trigger``, ``acknowledge``, ``resolve`` or ``answered``
(``bot/paging/answers.py``); all have ``key``. Every call may be repeated, since the pager knows a
page by its key. What leaves the house is the case's number, its severity, its customer's name and
a link; of a restricted case no name.
"""

import asyncio
from datetime import timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import administrators
from bot.customers.channels import require_channels
from bot.engine.delivery import Delivery, EffectResult, Later
from bot.engine.outbox_claims import Job
from bot.paging.answers import count_answer
from bot.rules.facts import CaseFacts
from bot.rules.words import Language, Status
from bot.slack.case_presenter import case_facts
from bot.slack.presenter import begin_work, team_language
from messages.clients.helpdesks import Away, Limited, Refused
from messages.clients.pagers import Page, Pager
from messages.kit.texts import label, t

TOTAL_TIMEOUT = 25.0  # seconds for all requests of one row; less than delivery's lease
FOR_CHANNEL = timedelta(seconds=10)  # that a page waits for a channel that it could link to
CHANNEL_LINK = "https://slack.com/app_redirect?channel="

log = structlog.get_logger()


async def deliver_page(delivery: Delivery, job: Job) -> EffectResult:
    """Do what the row says at its pager.

    Raises Later (for every row of the kind) when the pager limits the app, and Away when no usable
    answer came. What it refuses ends the row, and the administrators hear of it.
    """
    do, key = job.row.payload["do"], job.row.payload["key"]
    pager = require_pager(delivery, job.row.kind)
    try:
        async with asyncio.timeout(min(TOTAL_TIMEOUT, job.left)):
            if do == "answered":
                return await count_answer(delivery, job, pager)
            if do == "trigger":
                return await _trigger(delivery, job, pager)
            await (pager.acknowledge(key) if do == "acknowledge" else pager.resolve(key))
    except Limited as limited:
        raise Later(limited.seconds, everywhere=True) from limited
    except TimeoutError as late:
        raise Away("no answer in time") from late
    except Refused as refused:
        return _refused(delivery, job, refused.reason)
    return EffectResult({"done": do})


def require_pager(delivery: Delivery, name: str) -> Pager:
    """The pager of that name. Raises Away when it is no longer set up: it may come back."""
    found = require_channels(delivery.services).pagers.get(name)
    if found is None:
        raise Away(f"{name} is not set up any more")
    return found


async def _trigger(delivery: Delivery, job: Job, pager: Pager) -> EffectResult:
    """Page, unless a person has the case by now: no one is woken in vain."""
    case = await case_facts(delivery, job)
    if case.status is not Status.NEW:
        return EffectResult({"done": "not needed"})
    fresh = delivery.services.clock.now() - job.row.queued_at < FOR_CHANNEL
    if case.channel_id is None and fresh:
        raise Later(1.0)
    await pager.trigger(describe_page(case, job.row.payload["key"], team_language(delivery)))
    return EffectResult({"done": "trigger"})


def describe_page(case: CaseFacts, key: str, language: Language) -> Page:
    """What a page says; never what the customer wrote, and of a restricted case no name."""
    known = {"reference": case.reference, "severity": label(language, case.severity)}
    name = "pager.restricted" if case.sensitive else "pager.title"
    customer = {} if case.sensitive else {"customer": " ".join(case.customer.split())}
    title = t(language, name, **known, **customer)
    link = CHANNEL_LINK + case.channel_id if case.channel_id else ""
    return Page(key, title, case.severity.value, link)


def _refused(delivery: Delivery, job: Job, reason: str) -> EffectResult:
    """The end of a row that the pager refuses: the administrators are told, each in a DM."""
    name = job.row.kind
    log.warning("pager_refused", pager=name, outbox=job.row.id, reason=reason)

    async def save(session: AsyncSession) -> None:
        """Queue ``notice:pager_refused`` (``pager``, ``reason``); not of a trial."""
        if job.row.case_number is None:  # the end of a trial: who asked for it was told
            return
        work = begin_work(delivery, session, job)
        case = await work.case(job.row.case_number)
        said = {"pager": name, "reason": reason}
        for user in administrators(work.policy):
            await effects.queue_dm(work, user, "notice:pager_refused", case, said)

    return EffectResult({"refused": reason}, save)

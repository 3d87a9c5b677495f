"""A page for a trial: marked as one, by every way that a page would go, with what became of each.

It is of no case, so no clock, figure or record of a case knows it. A person tries the ways that are
their own. What also wakes others, the pagers and the ways of the policy's steps, an administrator
tries. What was opened at a pager is resolved there ``OPEN_FOR`` later, so that it had time to ring.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Any, ClassVar, Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import administrators, require_permission
from bot.customers.channels import customer_channels, require_channels
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Intent, SlackUser
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.states import OutboxState
from bot.slack.presenter import begin_work
from messages.clients.helpdesks import Away, Limited, Refused
from messages.clients.page_ways import WayFault
from messages.clients.pagers import Page
from messages.kit.texts import t
from storage.models import Outbox

KIND = "page_trial"  # of the outbox's row
OPEN_FOR = timedelta(minutes=2)  # that a trial stays open at a pager
EACH_TIMEOUT = 20.0  # seconds for one way; all go at once, within delivery's lease
GRADE = 1  # of a trial at a pager: it has to ring as a real one does


class TryPaging(Intent):
    """Send a page for a trial, to oneself or, as an administrator, to ``colleague``."""

    verb: ClassVar[str] = "test_page"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    what: Literal["test"] = "test"
    colleague: SlackUser | None = None


async def try_paging(work: UnitOfWork, intent: TryPaging) -> Answer | None:
    """Queue the direct message and, behind it, all other ways; what became of them is told later.

    Raises UserError ``test_page_of_another`` for a colleague, where the actor is no administrator.
    """
    await require_permission(work, None, "test_page")
    me = work.actor.user_id
    user, whole = intent.colleague or me, me in administrators(work.policy)
    if user != me and not whole:
        raise UserError("test_page_of_another")
    paging = work.policy.paging
    ways = paging.ways_of(user, "")
    if whole:
        ways = tuple(dict.fromkeys((*ways, *(w for each in paging.steps.values() for w in each))))
    channels = customer_channels(work)
    pagers = tuple(channels.pagers) if channels and whole else ()
    said = {"user": user, "text": "duty:page_trial", "extra": {"by": me}}
    message = await work.queue("dm", f"dm:{user}", said, priority=effects.INTERACTIVE)
    told = {"user": user, "by": me, "ways": ways, "pagers": pagers, "message": message}
    work.leave(KIND, f"trial:{message}", told, priority=effects.INTERACTIVE).after = message
    return Answer(text="duty:page_trying", extra={"user": user, "yours": user == me})


async def perform_trial(delivery: Delivery, job: Job) -> EffectResult:
    """Send by all ways at once and tell who asked for it which arrived, and why one did not.

    After a lost lease all are sent again: a trial that comes twice does no harm.
    """
    told = job.row.payload
    channels = require_channels(delivery.services)
    known = await delivery.services.people.people([told["user"]])
    language = known[told["user"]].language
    title, body = t(language, "pager.trial"), t(language, "pager.trial_body")
    page = Page(f"TEST.{job.row.id}", title, GRADE)
    sends: dict[str, Awaitable[None]] = {}
    if channels.ways is not None:
        sends |= {way: channels.ways.send(way, title, body) for way in told["ways"]}
    for name in told["pagers"]:
        if name in channels.pagers:
            sends[name] = channels.pagers[name].trigger(page)
    faults = await asyncio.gather(*(find_fault(send) for send in sends.values()))
    outcomes = dict(zip(sends, faults, strict=True))

    async def save(session: AsyncSession) -> None:
        """Queue ``duty:page_tried``, and for each pager that the trial is resolved later.

        Its ``ways`` are pairs of a way's name and its fault, "" where it arrived; Slack is first.
        """
        work = begin_work(delivery, session, job)
        slack = await _fault_of_message(session, int(told["message"]))
        rows = {"slack": slack} | outcomes
        for name in told["pagers"]:
            await _resolve_later(delivery, work, name, page.key)
        said = {"user": told["user"], "ways": [*rows.items()], "yours": told["user"] == told["by"]}
        await effects.queue_dm(work, told["by"], "duty:page_tried", None, said)

    return EffectResult({"faults": outcomes}, save)


async def find_fault(send: Awaitable[None]) -> str:
    """Why a send did not arrive: "" where it did, else a ``WayFault``, or what a pager said."""
    try:
        async with asyncio.timeout(EACH_TIMEOUT):
            await send
    except Refused as refused:
        return refused.reason or WayFault.SILENT.value
    except Limited:
        return "limited"
    except (Away, TimeoutError):
        return WayFault.SILENT.value
    return ""


async def _fault_of_message(session: AsyncSession, row: int) -> str:
    """Why the direct message did not arrive; the row before this one, so its end is known."""
    message = await session.get(Outbox, row)
    if message is not None and message.state == OutboxState.DONE and "ts" in message.result:
        return ""
    return (message.error if message else "") or WayFault.SILENT.value


async def _resolve_later(delivery: Delivery, work: UnitOfWork, name: str, key: str) -> None:
    """End the trial at the pager, once it had time to ring."""
    said: Mapping[str, Any] = {"do": "resolve", "key": key}
    row = work.leave(name, f"{name}:{key}", said, priority=effects.NUDGE)
    real = await delivery.services.database.time(work.session, delivery.services.clock.real())
    row.not_before = real + OPEN_FOR

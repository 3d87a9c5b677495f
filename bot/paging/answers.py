"""An acknowledgement at a pager counts here: the person has the case, where we know who it was."""

from dataclasses import replace
from typing import cast

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.cases.claim import claim_as_paged
from bot.core.access import all_roles, read_pages
from bot.core.steps import keep_pages, refresh_card
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.people.directory import People
from bot.rules.permissions import PERMISSIONS
from bot.rules.words import Status
from messages.clients.pagers import Pager
from messages.clients.slack import SlackRefused
from storage.models import Case


async def count_answer(delivery: Delivery, job: Job, pager: Pager) -> EffectResult:
    """Let the person who acknowledged have the case; else page no one further, and say so.

    ``agent``, ``email`` and ``name`` of the payload are what the pager told of them. A case that
    somebody has by now, or that is over, stays as it is.
    """
    told = job.row.payload
    email = told["email"] or (await pager.email_of(told["agent"]) if told["agent"] else "")
    user = await _find_user(delivery, email) if email else None

    async def save(session: AsyncSession) -> None:
        """Give a case that is new to the person, where they may claim it; else stop its pages.

        The actor is the person, or the app where Slack does not know them.
        """
        actor = Actor(user or SYSTEM, "pager")
        work = UnitOfWork.join(session, delivery.services, actor, job.row.correlation)
        case = await work.case(job.row.case_number or 0)
        if case.status != Status.NEW:
            return
        if user and await _may_claim(work, case, user):
            await claim_as_paged(work, case)
        else:
            await _stop_silence(work, case, job.row.kind, told["name"] or email)

    return EffectResult({"user": user or ""}, save)


async def _find_user(delivery: Delivery, email: str) -> str | None:
    """The person in Slack with that address; None where Slack knows none, or may not say."""
    people = cast(People, delivery.services.people)
    try:
        user = await people.by_email(email)
    except SlackRefused:
        return None
    known = user is not None and people.left(user) is None
    return user if known else None


async def _may_claim(work: UnitOfWork, case: Case, user: str) -> bool:
    """Whether the person could press “I have it”."""
    roles = await all_roles(work.session, work.policy, user, case)
    return bool(roles & PERMISSIONS["claim"])


async def _stop_silence(work: UnitOfWork, case: Case, pager: str, name: str) -> None:
    """Somebody is awake whom we do not know: silence moves on no more, the channel asks who it is.

    Timeline ``paged_elsewhere``: ``pager``, ``name``. The post's extra: ``pager``, ``agent``.
    """
    keep_pages(case, [replace(page, again_at=None) for page in read_pages(case.paged)])
    work.note(case, "paged_elsewhere", after={"pager": pager, "name": name})
    said = {"pager": pager, "agent": name}
    await effects.queue_post(work, case, "notice:paged_elsewhere", said, priority=effects.BREACH)
    await refresh_card(work, case)

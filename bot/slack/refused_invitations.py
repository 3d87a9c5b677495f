"""People whom Slack did not let us bring into a channel, or write to: their colleagues hear of it.

Who could not be invited the case's owner reads; who could not be told something is said in the
channel, since whatever waits for them waits in vain.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core import unreachable
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.facts import CaseFacts, UnreachedFacts
from bot.rules.membership import Unfilled
from bot.rules.words import Role
from bot.slack.presenter import begin_work
from bot.subjects import Subject, build_lane, describe_type
from storage.models import Outbox, Problem

QUIET = timedelta(hours=4)  # in which it is not said again of a person that they were not told

# What Slack's refusals of an invitation say of a person; others are about the channel or about us.
WHY: Mapping[str, Unfilled] = {
    "user_is_restricted": Unfilled.GUEST,
    "ura_max_channels": Unfilled.GUEST,
    "user_not_found": Unfilled.UNKNOWN,
    "no_user": Unfilled.UNKNOWN,
    "user_disabled": Unfilled.DEACTIVATED,
    "org_user_not_in_team": Unfilled.OUTSIDER,
    "user_team_not_in_channel": Unfilled.OUTSIDER,
}


async def not_brought_in(
    delivery: Delivery, job: Job, case: CaseFacts, learned: EffectResult
) -> EffectResult:
    """Return what was learned, with the message to the one who must know who is missing.

    That is the owner, or the reporter where the owner is missing. Only refusals about the person
    count (``WHY``); their status is asked for anew. The DM is queued by ``save``, with the case
    locked.
    """
    missed = [
        UnreachedFacts(_role(case, user), user, WHY[code])
        for user, code in learned.result.items()
        if code in WHY
    ]
    if not missed:
        return learned
    for each in missed:
        delivery.services.people.ask_again(each.who)
    names = {each.who for each in missed}
    to = case.owner if case.owner not in names else case.reporter

    async def save(session: AsyncSession) -> None:
        work = begin_work(delivery, session, job)
        row = await work.case(case.number)
        extra = {"unreached": await unreachable.rows_of(work, row, missed)}
        await effects.queue_dm(work, to, "notice:unreached", row, extra)

    return replace(learned, save=save)


def _role(case: CaseFacts, user: str) -> Role:
    if user == case.owner:
        return Role.ESCALATION_MANAGER
    return next((role for role, holder in case.roles.items() if holder == user), Role.AGENT)


async def direct_message_refused(work: UnitOfWork, row: Outbox, code: str) -> None:
    """Say in the channel whom Slack did not let us tell something, once in ``QUIET``.

    ``row`` is the direct message that Slack refused for good with ``code``; of one about no case
    and no problem nothing is said. The post's extra: ``user``, ``code``.
    """
    subject = await _subject_of(work, row)
    user = row.payload["user"]
    if subject is None or await _said_lately(work, subject, user):
        return
    text = f"{describe_type(subject).text_family}:untold"
    await effects.queue_post(work, subject, text, {"user": user, "code": code})


async def _subject_of(work: UnitOfWork, row: Outbox) -> Subject | None:
    if row.case_number is not None:
        return await work.case(row.case_number)
    number = row.payload["extra"].get("problem")
    return await work.session.get(Problem, number) if number is not None else None


async def _said_lately(work: UnitOfWork, subject: Subject, user: str) -> bool:
    """True when the channel was told of this person within ``QUIET``."""
    recent = select(Outbox.payload).where(
        col(Outbox.lane) == build_lane(subject), col(Outbox.queued_at) > work.now - QUIET
    )
    said = (await work.session.exec(recent)).all()
    ours = [each for each in said if str(each.get("text", "")).endswith(":untold")]
    return any(each["extra"]["user"] == user for each in ours)

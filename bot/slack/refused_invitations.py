"""People whom Slack did not let us bring into a channel: their case's owner hears of it."""

from collections.abc import Mapping
from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core import unreachable
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.rules.facts import CaseFacts, UnreachedFacts
from bot.rules.words import Role, Unfilled
from bot.slack.presenter import begin_work

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

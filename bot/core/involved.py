"""Who had a part in a case: they are invited to its postmortem, and the agenda names them.

Who had none leads it. Who was not asked, offered or given something is refused.
"""

from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import exists_for, named_for, plays, role_holders
from bot.core.unreachable import list_unfit
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.membership import USER_ID
from bot.rules.policy.load import Policy
from bot.rules.states import HandoverState
from bot.rules.words import Role
from storage.in_hand import rows_about
from storage.models import ActionItem, Case, Handover, TimelineEvent

ONLY_REPORTED = "add_report"
# The verbs of those who lead it, which are no part in the case itself: the meeting, and what is
# agreed there and looked after later.
MEETING = "%postmortem%"
ACTIONS = "%action%"
# Whom one looks among for a person to lead it, the likeliest first.
MAY_LEAD = (
    Role.FACILITATOR, Role.SUPPORT_LEAD, Role.ESCALATION_MANAGER, Role.TECHNICAL_LEAD, Role.AGENT,
)  # fmt: skip
SUGGESTED = 3


async def list_involved(session: AsyncSession, case: Case) -> list[str]:
    """The user ids of reporter, owner, those with a role on the case or an entry in its timeline.

    Sorted. Who only added a report has no part in it; people who are known to have left the
    workspace, or to be no full members, are not among them. Entries of the app itself and of
    customers count for no one: only what has the shape of a user id does.
    """
    acted = await _list_acted(session, case)
    found = {case.reporter, case.owner, *(await role_holders(session, case)).values(), *acted}
    return sorted(found - (await list_unfit(session, found)).keys())


async def _list_acted(session: AsyncSession, case: Case, *, apart: bool = False) -> set[str]:
    """Who did anything on the case, by the verbs of its timeline.

    ``apart`` from leading its postmortem, and from action items. User ids alone: what the app
    itself did, and customers, is left out, and so is an added report.
    """
    of_case, did = col(TimelineEvent.case_number) == case.number, col(TimelineEvent.verb)
    query = select(TimelineEvent.actor).where(of_case, did != ONLY_REPORTED)
    if apart:
        query = query.where(did.not_like(MEETING), did.not_like(ACTIONS))
    found = (await session.exec(query.distinct())).all()
    return {who for who in found if USER_ID.fullmatch(who)}


async def require_uninvolved(work: UnitOfWork, case: Case, user: str) -> None:
    """Refuse a person to lead the postmortem as ``check_uninvolved`` does."""
    await check_uninvolved(work.session, work.policy, case, user)


async def check_uninvolved(session: AsyncSession, policy: Policy, case: Case, user: str) -> None:
    """Whether a person may lead the postmortem: nobody who had a part in the case.

    Having led the meeting so far is none, nor is what was done about action items, which come of
    it. Raises UserError ``facilitator_on_case`` for a role, ``facilitator_acted`` for an entry of
    the timeline, both with ``user`` and up to ``SUGGESTED`` ``people`` who could instead;
    ``facilitator_nobody`` where the policy names none who could.
    """
    held = (await role_holders(session, case)).items()
    holders = {case.reporter, case.owner, *(who for role, who in held if role != Role.FACILITATOR)}
    acted = await _list_acted(session, case, apart=True)
    if user not in holders | acted:
        return
    wanted = [each for role in MAY_LEAD for each in named_for(policy, role)]
    gone = await list_unfit(session, wanted)
    free = [u for u in dict.fromkeys(wanted) if u not in holders | acted and u not in gone]
    if not free:
        raise UserError("facilitator_nobody", user=user)
    key = "facilitator_on_case" if user in holders else "facilitator_acted"
    raise UserError(key, user=user, people=free[:SUGGESTED])


async def is_offered(session: AsyncSession, case: Case, role: Role) -> bool:
    """True while an offer of the role waits for its answer."""
    offers = await rows_about(session, Handover, case.number)
    return any(row.role == role and row.state == HandoverState.OFFERED for row in offers)


async def owns_action(session: AsyncSession, case: Case, user_id: str) -> bool:
    """True for a person who was given an action item of the case, done or not."""
    items = await rows_about(session, ActionItem, case.number)
    return any(row.owner == user_id for row in items)


def require_player(case: Case, user_id: str) -> None:
    """Refuse a person who does not play the drill; of any other case nothing is asked.

    Raises UserError ``not_in_this_drill`` (``user``).
    """
    if case.drill and not plays(case, user_id):
        raise UserError("not_in_this_drill", user=user_id)


async def refuse_unasked(work: UnitOfWork, case: Case, key: str, **facts: Any) -> UserError:
    """The refusal ``key`` for an actor who was not asked; ``no_such_case`` where there is none."""
    there = await exists_for(work.session, work.policy, case, work.actor.user_id)
    return UserError(key, **facts) if there else UserError("no_such_case")

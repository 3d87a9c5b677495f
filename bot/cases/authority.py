"""Powers that nobody can give themselves: one rule for all who approve words, and who holds what.

A role counts when the policy gives it, or when somebody else gave it on the case. What people
give themselves, or have from the very person whose words they judge, counts for nothing.
"""

from collections.abc import Mapping, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.actors import SYSTEM
from bot.cases import legal
from bot.cases.access import held, named, on_case, roles
from bot.rules.policy import Policy
from bot.rules.words import Role
from storage.models import Case, Handover, TimelineEvent


async def approvers(
    session: AsyncSession, policy: Policy, author: str, case: Case | None = None
) -> Sequence[str]:
    """Who may approve what ``author`` wrote, and is asked to; never the author.

    Only the comms approvers where the policy names any. Else the escalation managers, and on a
    case first its owner, unless the author made them the owner. On a restricted case only those
    who are on it; on a legal one only Legal.
    """
    if case is not None and legal.must_agree(policy, case, author):
        return await legal.approvers(session, policy, case)
    people = list(named(policy, Role.COMMS_APPROVER))
    if not people:
        people = list(named(policy, Role.ESCALATION_MANAGER))
        if case is not None and await _owns_by_right(session, policy, case, author):
            people.insert(0, case.owner)
    found = [user for user in dict.fromkeys(people) if user != author]
    if case is not None and case.sensitive:
        found = [user for user in found if await on_case(session, case, user)]
    return found


async def _owns_by_right(session: AsyncSession, policy: Policy, case: Case, author: str) -> bool:
    """True when the owner did not become so by their own doing, nor by the author's gift."""
    if case.owner in named(policy, Role.ESCALATION_MANAGER):
        return True
    return await giver(session, case, Role.ESCALATION_MANAGER, case.owner) not in {
        case.owner, author,
    }  # fmt: skip


async def entitled(session: AsyncSession, policy: Policy, case: Case, user: str) -> set[Role]:
    """The person's roles in the organisation, and those that others gave them on the case."""
    found = await roles(session, policy, user)
    for role, holder in (await _holders(session, case)).items():
        if holder == user and await giver(session, case, role, user) != user:
            found.add(role)
    return found


async def _holders(session: AsyncSession, case: Case) -> Mapping[Role, str]:
    return {**await held(session, case), Role.ESCALATION_MANAGER: case.owner}


async def giver(session: AsyncSession, case: Case, role: Role, user: str) -> str:
    """Who gave the person this role on the case; the desk's own name where the policy did."""
    accepted = select(Handover).where(
        col(Handover.case_number) == case.number,
        col(Handover.role) == role.value,
        col(Handover.offered_to) == user,
        col(Handover.state) == "accepted",
    )
    offer = (await session.exec(accepted.order_by(col(Handover.id).desc()))).first()
    query = select(TimelineEvent).where(
        col(TimelineEvent.case_number) == case.number,
        col(TimelineEvent.verb).in_(("assign", "claim")),
    )
    for event in (await session.exec(query.order_by(col(TimelineEvent.id).desc()))).all():
        if offer is not None and offer.answered_at is not None and offer.answered_at >= event.at:
            return offer.offered_by
        claimed = role is Role.ESCALATION_MANAGER and event.verb == "claim"
        if claimed and event.actor == user:
            return user
        given = event.after
        if event.verb == "assign" and (given.get("role"), given.get("user")) == (role.value, user):
            return event.actor
    return offer.offered_by if offer is not None else _at_opening(case, user)


def _at_opening(case: Case, user: str) -> str:
    """At the opening the policy and the accounts give the roles, but the reporter's own."""
    return user if user == case.reporter else SYSTEM

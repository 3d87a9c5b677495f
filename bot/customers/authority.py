"""One rule of who approves words of others, on a case and off it.

A role counts when the policy gives it, or when another person gave it on the case. What people give
themselves, or have from the very person who wrote the words they judge, counts for nothing.
"""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import named_for, on_case
from bot.customers import legal
from bot.rules.policy.load import Policy
from bot.rules.words import Role
from storage.models import Case, CaseRole


async def message_approvers(
    session: AsyncSession, policy: Policy, author: str, case: Case | None = None
) -> Sequence[str]:
    """Return who may approve what ``author`` wrote, and is asked to; never the author.

    Only the comms approvers where the policy names any, even when none of them is left. Else the
    escalation managers, and on a case first its owner, unless the author made them the owner. On a
    restricted case only those who are on it; on a legal one only Legal. User ids, each once, in the
    order in which they are named; empty where no one can be asked, which the caller refuses.
    """
    if case is not None and legal.must_agree(policy, case, author):
        return await legal.legal_approvers(session, policy, case)
    people = list(named_for(policy, Role.COMMS_APPROVER))
    if not policy.names(Role.COMMS_APPROVER):
        people = list(named_for(policy, Role.ESCALATION_MANAGER))
        if case is not None and await _owns_by_right(session, policy, case, author):
            people.insert(0, case.owner)
    found = [user for user in dict.fromkeys(people) if user != author]
    if case is not None and case.sensitive:
        found = [user for user in found if await on_case(session, case, user)]
    return found


async def _owns_by_right(session: AsyncSession, policy: Policy, case: Case, author: str) -> bool:
    """True when the owner did not become so by their own doing, nor by the author's gift."""
    if case.owner in named_for(policy, Role.ESCALATION_MANAGER):
        return True
    row = await session.get(CaseRole, (case.number, Role.ESCALATION_MANAGER.value))
    return row is not None and row.given_by not in {None, case.owner, author}

"""Whom an outcome is asked of, and who may record it."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import named_for, on_case, organisational_roles
from bot.rules.permissions import MANAGERS
from bot.rules.policy.load import Policy
from bot.rules.words import Role
from bot.rules.words import Standing as Membership
from storage.models import Account, Case, Outcome, Person

ANSWERABLE = (Role.ESCALATION_MANAGER, Role.SUPPORT_LEAD, Role.DIRECTOR)  # in this order


async def choose_asked(
    session: AsyncSession, policy: Policy, case: Case | None, account: Account | None
) -> str:
    """Who is asked: account executive, else CSM, else the case's owner, else a manager.

    People who have left are passed over, and of a restricted case all who are not on it. Empty
    where no one is left.
    """
    known = _account_people(account) + ([case.owner] if case else [])
    return next(iter(await _reachable(session, case, [*known, *list_managers(policy)])), "")


async def choose_manager(
    session: AsyncSession, policy: Policy, case: Case | None, asked_of: str
) -> str:
    """The manager who is asked in place of a person who did not answer; empty for no one."""
    others = [user for user in list_managers(policy) if user != asked_of]
    owner = [case.owner] if case and case.owner != asked_of else []
    return next(iter(await _reachable(session, case, [*others, *owner])), "")


def list_managers(policy: Policy) -> list[str]:
    """The managers whom the policy names, those nearest to the work first."""
    return [user for role in ANSWERABLE for user in named_for(policy, role)]


def _account_people(account: Account | None) -> list[str]:
    """The account executive, then the CSM, those of them that the account names; none for None."""
    named = (account.account_executive, account.csm) if account else ()
    return [user for user in named if user]


async def _reachable(session: AsyncSession, case: Case | None, people: Sequence[str]) -> list[str]:
    """Those who are members as far as is known, and may know of the case."""
    found = []
    for user in dict.fromkeys(people):
        person = await session.get(Person, user)
        gone = person is not None and person.standing not in (None, Membership.MEMBER)
        if not gone and (case is None or not case.sensitive or await on_case(session, case, user)):
            found.append(user)
    return found


def may_record(policy: Policy, row: Outcome, account: Account | None, user: str) -> bool:
    """Whether a person who may know of the case may say what became of the customer.

    They read its revenue too.
    """
    asked = user in (row.asked_of, *_account_people(account))
    return asked or bool(organisational_roles(policy, user) & MANAGERS)

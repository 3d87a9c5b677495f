"""Yearly revenue of a case's customer: who may read it, and facts without it for all others.

It is on record either way, and the texts say so. What stands in a channel has no amount, whoever
reads there; concessions have rules of their own (``bot/concessions``).
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.access import reads_row
from bot.rules.facts import AccountFacts, CaseFacts
from bot.rules.permissions import PERMISSIONS
from bot.rules.policy.model import Policy
from bot.rules.words import Role

REVENUE = "read_revenue"  # the row of the permission table


def withhold(account: AccountFacts | None) -> AccountFacts | None:
    """The account without its revenue; ``withheld`` is True where there is any."""
    if account is None or account.arr is None:
        return account
    return replace(account, arr=None, withheld=True)


def without_amounts(case: CaseFacts) -> CaseFacts:
    """The case as a channel may show it."""
    return replace(case, account=withhold(case.account))


def may_read_revenue(policy: Policy, user: str, account: AccountFacts | None) -> bool:
    """Whether a person may read it by their roles in the organisation, or as the account's own.

    Its own are its CSM, account executive and sponsor.
    """
    if account is not None and user in (account.csm, account.account_executive, account.sponsor):
        return True
    return reads_row(policy, user, REVENUE)


def account_for(policy: Policy, user: str, account: AccountFacts | None) -> AccountFacts | None:
    """The account as this person may read it where there is no case."""
    return account if may_read_revenue(policy, user, account) else withhold(account)


def amounts_for(policy: Policy, user: str, case: CaseFacts) -> CaseFacts:
    """The case as this person may read it: roles that they have on it count too.

    Its owner leads it, but not where they only reported it and no manager could be reached.
    """
    mine = {role for role, holder in case.roles.items() if holder == user}
    if user == case.owner and not (user == case.reporter and policy.names(Role.ESCALATION_MANAGER)):
        mine.add(Role.ESCALATION_MANAGER)
    elif user == case.owner:
        mine.discard(Role.ESCALATION_MANAGER)
    if mine & PERMISSIONS[REVENUE] or may_read_revenue(policy, user, case.account):
        return case
    return without_amounts(case)


def lists_for(
    policy: Policy, user: str, lists: Sequence[Sequence[CaseFacts]]
) -> list[tuple[CaseFacts, ...]]:
    """The same of each case of several lists."""
    return [tuple(amounts_for(policy, user, case) for case in cases) for cases in lists]

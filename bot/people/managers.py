"""Who the people of the policy's ``[managers]`` are, as Slack knows them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from bot.rules.membership import Unfilled
from bot.rules.policy.managers import Managers

Named = Callable[[str], Awaitable[tuple[str, ...] | Unfilled]]  # as ``RoleHolders`` looks names up
Unfit = Callable[[str], Awaitable[Unfilled | None]]

log = structlog.get_logger()


async def resolve_managers(managers: Managers, named: Named, unfit: Unfit) -> Managers:
    """The managers by user id. A person's own line goes before that of their user group.

    Members of a group are those that it has now; the policy is resolved anew as groups change.

    A line is lost, and logged, where Slack knows no one behind it, or its manager is no active full
    member. Raises what ``named`` and ``unfit`` raise.
    """
    found: dict[str, str] = {}
    lost: dict[str, str] = {}
    for reference, manager in managers.named.items():
        people, leads = await named(reference), await named(manager)
        lead = "" if isinstance(leads, Unfilled) else next(iter(leads), "")
        if isinstance(people, Unfilled) or not people or not lead or await unfit(lead):
            log.warning("manager_unknown", of=reference, manager=manager)
            lost[reference] = manager
            continue
        found |= dict.fromkeys(people, lead)  # groups come first, so that a person's own line wins
    return replace(managers, named=found, lost=lost)

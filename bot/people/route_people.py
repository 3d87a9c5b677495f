"""The teams of components that the policy names by user groups: whoever is in them now."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog

from bot.rules.duty.sources import is_group
from bot.rules.membership import Unfilled
from bot.rules.policy.model import Policy
from bot.rules.policy.routing import Route

Named = Callable[[str], Awaitable[tuple[str, ...] | Unfilled]]  # as ``RoleHolders`` looks names up

log = structlog.get_logger()


async def resolve_teams(routing: Mapping[str, Route], named: Named) -> Mapping[str, Route]:
    """The routes with the members of user groups in the place of the groups, each person once.

    A group that Slack does not know, or that is empty, gives no one, which is logged. Each is asked
    for once. Raises what ``named`` raises.
    """
    found: dict[str, Route] = {}
    members: dict[str, tuple[str, ...]] = {}
    for name, route in routing.items():
        for reference in filter(is_group, route.people):
            if reference not in members:
                answer = await named(reference)
                if isinstance(answer, Unfilled):
                    log.warning("team_is_nobody", group=reference, reason=answer.value)
                members[reference] = () if isinstance(answer, Unfilled) else answer
        users = (user for each in route.people for user in members.get(each, (each,)))
        found[name] = replace(route, people=tuple(dict.fromkeys(users)))
    return found


def list_lost_teams(written: Policy, found: Policy) -> Mapping[str, tuple[str, ...]]:
    """The components and skills whose groups gave no person at all, with what the policy says."""
    now = {**found.skills, **found.routing}
    return {
        name: route.people
        for name, route in {**written.skills, **written.routing}.items()
        if not now[name].people
    }


def team_references(policy: Policy) -> set[str]:
    """What the policy names as people of a component, of a skill or of a manager."""
    routes = (*policy.routing.values(), *policy.skills.values())
    teams = {each for route in routes for each in route.people}
    return teams | set(policy.managers.named)

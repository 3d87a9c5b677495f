"""The organisation's decisions in these tests: the defaults, with people in them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from bot.rules.policy.load import Policy, load_policy
from bot.rules.words import Role
from tests.bot.stage import ROLES


@cache
def defaults() -> Policy:
    """The policy that ships."""
    return load_policy(None)


def policy(roles: Mapping[Role, tuple[str, ...]] = ROLES) -> Policy:
    """The default policy with these people in its roles."""
    return replace(defaults(), roles=roles)

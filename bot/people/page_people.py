"""People whom the policy gives ways to be paged, found in Slack by their addresses."""

from dataclasses import replace
from typing import Protocol

import structlog

from bot.rules.policy.model import Policy
from messages.clients.slack import SlackError

log = structlog.get_logger()


class Addresses(Protocol):
    """What finding people needs of the directory."""

    async def by_email(self, address: str) -> str | None:
        """The user id behind an address; None for none. Raises SlackError."""


async def resolve_page_people(people: Addresses, policy: Policy) -> Policy:
    """The policy with user ids in place of addresses in ``paging.people``.

    An address that Slack does not know, or cannot be asked about now, stays as it is and reaches
    no person; it is logged, without the address. ``list_unknown`` names those that are left.
    """
    found: dict[str, tuple[str, ...]] = {}
    for reference, ways in policy.paging.people.items():
        user = reference
        if "@" in reference:
            try:
                user = await people.by_email(reference) or reference
            except SlackError as error:
                log.warning("page_person_not_asked", ways=ways, error=str(error))
        if "@" in user:
            log.warning("page_person_unknown", ways=ways)
        found[user] = tuple(dict.fromkeys((*found.get(user, ()), *ways)))
    return replace(policy, paging=replace(policy.paging, people=found))


def list_unknown(policy: Policy) -> list[str]:
    """The addresses in ``paging.people`` that gave no person, once they were looked up."""
    return [reference for reference in policy.paging.people if "@" in reference]

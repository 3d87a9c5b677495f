"""Who acts for the company as an executive, in the order in which they are asked."""

from collections.abc import Iterable

from bot.core.access import entrusted_roles, named_for, role_holders
from bot.core.notify import EXECUTIVES
from bot.duty.on_duty import load_rota
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import Role
from storage.models import Case

ASKED_IN_TURN = (Role.EXECUTIVE_OWNER, Role.SPONSOR, Role.DIRECTOR)
TAKES_FLAG = (Role.DIRECTOR, Role.EXECUTIVE_OWNER)  # a director first; above them the executives


async def list_executives(work: UnitOfWork, case: Case, roles: Iterable[Role]) -> list[str]:
    """Those who have these roles on the case or in the organisation, in order, each once.

    Of a restricted case only those on it.
    """
    held = await role_holders(work.session, case)
    found: dict[str, None] = {}
    for role in roles:
        if role in held:
            found[held[role]] = None
        if not case.sensitive:
            found |= dict.fromkeys(named_for(work.policy, role))
    return list(found)


async def list_present(work: UnitOfWork, case: Case, roles: Iterable[Role]) -> list[str]:
    """The same, without those who are away; a deputy stands in, but not for a restricted case."""
    people = await list_executives(work, case, roles)
    there = (await load_rota(work)).stand_in(people, work.now)
    return [user for user in there if user in people or not case.sensitive]


async def is_executive(work: UnitOfWork, case: Case, user: str) -> bool:
    """Whether a person has the role of an executive that they did not give to themselves."""
    return bool(await entrusted_roles(work.session, work.policy, user, case) & EXECUTIVES)

"""The team of a component is offered the case: its technical lead, by the usual handover."""

from bot import effects
from bot.cases.handover import make_offer, offer_facts
from bot.core.access import role_holders
from bot.core.involved import is_offered
from bot.core.unreachable import list_partless
from bot.duty.on_duty import load_rota
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.policy.routing import find_route
from bot.rules.words import Role
from storage.models import Case

LEAD = Role.TECHNICAL_LEAD


async def find_team_lead(work: UnitOfWork, component: str) -> str:
    """Who of the component's team is asked: the first who is there, or stands in; else empty."""
    route = find_route(work.policy.routing, component) if component else None
    if route is None:
        return ""
    there = (await load_rota(work)).stand_in(route.people, work.now)
    unfit = await list_partless(work, there)
    return next((user for user in there if user not in unfit), "")


async def offer_to_team(work: UnitOfWork, case: Case) -> str:
    """Offer the technical lead to the team of the case's component; answers to whom.

    The stake is what they need to know. Empty, and nothing is offered, where no one of the team is
    there, who would be asked has the role, or an offer of it waits. The owner offers it.
    """
    user = await find_team_lead(work, case.component)
    holds = (await role_holders(work.session, case)).get(LEAD) == user
    if not user or holds or await is_offered(work.session, case, LEAD):
        return ""
    offer = await make_offer(work, case, LEAD, user, case.stake, by=case.owner)
    await effects.queue_dm(
        work, user, "notice:handover_offered", case, offer_facts(offer),
        priority=effects.OPENING + case.severity, with_channel=True,
    )  # fmt: skip
    return user

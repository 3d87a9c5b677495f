"""Saying which component of the product a case is about."""

from typing import ClassVar

from bot import effects
from bot.cases.routing.offer import offer_to_team
from bot.core.steps import authorize_case, plan_outreach, refresh_card, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Line, OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.policy.routing import Route, find_route


class SetComponent(OnCase):
    """Say the component, by its name in the policy."""

    verb: ClassVar[str] = "set_component"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    component: Line


def require_component(work: UnitOfWork, name: str) -> Route:
    """The component's route.

    Raises UserError ``no_components`` where the policy has none, ``unknown_component`` (``known``:
    those that there are).
    """
    if not work.policy.routing:
        raise UserError("no_components")
    route = find_route(work.policy.routing, name)
    if route is None:
        raise UserError("unknown_component", component=name, known=", ".join(work.policy.routing))
    return route


async def set_component(work: UnitOfWork, intent: SetComponent) -> Answer | None:
    """Set the component, and offer the case to its team.

    The channel reads ``notice:component_set``: ``by``, ``component``, ``team``, and ``user``, who
    is offered it, empty for no one. Timeline ``set_component``: ``component`` before and after.
    Raises UserError ``wrong_status``, ``component_same``, and as ``require_component`` does.
    """
    case = await authorize_case(work, intent.case, "set_component")
    require_status(case, "set_component")
    route = require_component(work, intent.component)
    if route.component == case.component:
        raise UserError("component_same", component=route.component)
    before, case.component = case.component, route.component
    work.note(
        case, "set_component", before={"component": before}, after={"component": case.component}
    )
    user = await offer_to_team(work, case)
    await plan_outreach(work, case)
    said = {
        "by": work.actor.user_id, "component": route.component, "team": route.team, "user": user,
    }  # fmt: skip
    await effects.queue_post(work, case, "notice:component_set", said)
    await refresh_card(work, case)
    return None

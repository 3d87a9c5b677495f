"""What the forms of the decision log and of action items open with."""

from typing import Any

from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts
from handlers.forms.drawing import Fields
from handlers.forms.prefill import must_have_case, whole_number
from handlers.ports import Services


async def fill_decision(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The decision that is judged, as ``shown``.

    Raises UserError ``stale``, ``no_such_case``, ``no_such_decision``.
    """
    number = whole_number(prefill, "decision")
    shown = await services.learning.one(must_have_case(case).number, viewer.user_id, number)
    return {**prefill, "shown": shown}


async def fill_looked_at(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The answer is not yet: that it is done needs no form."""
    return {**prefill, "accept": prefill.get("accept") or False}


async def fill_action_now(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """What the item says now: ``title``, ``type``, ``due``.

    Raises UserError ``stale``, ``no_such_case``, ``no_such_action``.
    """
    number = whole_number(prefill, "action")
    items = must_have_case(case).actions
    item = next((each for each in items if each.id == number), None)
    if item is None:
        raise UserError("no_such_action")
    now = {"title": item.title, "type": item.type.value, "due": item.due}
    return {**now, **prefill}

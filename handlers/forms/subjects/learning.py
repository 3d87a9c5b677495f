"""What the forms of the decision log open with."""

from typing import Any

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

"""What the forms open with that ask for help, and that answer a question to the lead."""

from typing import Any

from bot.focus.swarm import USUAL
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.policy.routing import find_route
from handlers.forms.drawing import Fields
from handlers.forms.prefill import must_have_case, whole_number
from handlers.ports import Services


async def fill_skills(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """``skills``, the names of the policy, and the one that was typed; three people unless said.

    A skill that the policy does not name is dropped, so that one of the list is chosen. The list is
    that of the policy in force, in its order.
    """
    skills = services.policy.skills
    typed = find_route(skills, str(prefill.get("skill") or ""))
    known = {"skill": typed.component if typed else "", "skills": list(skills)}
    return {"count": USUAL, **prefill, **known}


async def fill_question(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The question that is answered, as ``shown``. Raises UserError ``stale``, ``no_such_case``."""
    query = whole_number(prefill, "query")
    shown = await services.learning.question(must_have_case(case).number, viewer.user_id, query)
    return {**prefill, "shown": shown}

"""What the forms open with by which customers are told who may meet the same, and are held to."""

from typing import Any

from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import Language
from handlers.forms.broadcast_composer import judge_text
from handlers.forms.drawing import Fields
from handlers.forms.prefill import must_have_case, whole_number
from handlers.ports import Services
from handlers.slack.requests import Asked, Body


async def fill_words(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The approved words in each language that the customers read, and what helped in the case.

    Raises UserError ``no_such_case``, and ``nobody_at_risk`` where all were told or spared.
    """
    known = await services.learning.outreach.composing(must_have_case(case).number, viewer)
    if not known["count"]:
        raise UserError("nobody_at_risk")
    return {**known, **prefill}


async def fill_customer(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The customer who need not be told, as ``shown``.

    Raises UserError ``stale``, ``no_such_case``, ``no_such_telling``.
    """
    which, number = whole_number(prefill, "outreach"), whole_number(prefill, "case")
    shown = await services.learning.outreach.one(number, viewer.user_id, which)
    return {**prefill, "shown": shown}


async def check_words(services: Services, asked: Asked, _view: Body, given: dict[str, Any]) -> None:
    """Each text that was shown is held to what may be told to many, at its field.

    Raises BadFields for brackets that are left, an empty text, and what must not be sent; advice
    on style is not given, as these words were approved.
    """
    for language in Language:
        name = f"text_{language.value}"
        if name in given:
            text = str(given[name] or "")
            await judge_text(services, asked, name, text, language, promises=False)

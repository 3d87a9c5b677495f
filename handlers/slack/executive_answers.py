"""What is shown privately of executives: their talks with the customer of a case."""

from collections.abc import Mapping
from typing import Any

from bot.errors import UserError
from bot.rules.facts import PersonFacts
from handlers.ports import Services
from messages.executives.lines import contacts_answer
from messages.kit.blocks import Message


async def show_contacts(
    services: Services, viewer: PersonFacts, given: Mapping[str, Any]
) -> Message:
    """The talks of a case that the viewer may read. Raises UserError ``no_such_case``."""
    number = given.get("case")
    if number is None:
        raise UserError("no_such_case")
    case = await services.reading.case(int(number), viewer.user_id)
    return contacts_answer(case, viewer.language)

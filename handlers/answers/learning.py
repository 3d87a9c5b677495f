"""What people are shown of what cases teach."""

from bot.errors import UserError
from bot.rules.facts import PersonFacts
from handlers.answers.given import Given
from handlers.ports import Services
from messages.kit.blocks import Message
from messages.learning.decisions import decisions_answer


async def show_decisions(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The decisions of a case. Raises UserError ``no_such_case``, also where none is named."""
    number = given.get("case")
    if number is None:
        raise UserError("no_such_case")
    case, found = await services.decisions.listed(int(number), viewer.user_id)
    return decisions_answer(case, found, viewer.language)

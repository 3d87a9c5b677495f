"""What is shown privately of executives: their talks with the customer of a case."""

from bot.rules.facts import PersonFacts
from handlers.answers.given import Given, require_case
from handlers.ports import Services
from messages.executives.lines import contacts_answer
from messages.kit.blocks import Message


async def show_contacts(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The talks of a case that the viewer may read. Raises UserError ``no_such_case``."""
    case = await require_case(services, viewer, given)
    return contacts_answer(case, viewer.language)

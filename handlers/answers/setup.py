"""The steps of the installation, for its administrators."""

from bot.rules.facts import PersonFacts
from handlers.answers.given import Given
from handlers.ports import Services
from messages.kit.blocks import Message
from messages.setup.listing import setup_answer


async def show_setup(services: Services, viewer: PersonFacts, _given: Given) -> Message:
    """All steps as they stand now, done or not, with Slack asked anew about the channels.

    Raises UserError ``not_your_role``, or ``no_administrator`` while the policy names none.
    """
    found = await services.setup.page(viewer.user_id)
    return setup_answer(found, viewer.user_id, viewer.timezone, viewer.language)

"""Who knows what their role asks, and the cards of the roles.

Everybody may read every card; how others stand is for those who lead.
"""

from bot.errors import UserError
from bot.rules.facts import PersonFacts
from bot.rules.words import Role
from handlers.answers.given import Given
from handlers.ports import Services
from messages.kit.blocks import Message
from messages.readiness.listing import card_answer, readiness_answer


async def show_readiness(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """How people stand in their roles: of ``colleague``, in ``role``, else of all or one's own.

    ``role`` is a ``Role``, as the grammar of the command reads it. Raises UserError
    ``not_your_role`` where another's is asked for by who does not lead.
    """
    role = Role(str(given["role"])) if given.get("role") else None
    user = str(given.get("colleague") or "")
    found = await services.learning.readiness(viewer.user_id, user, role)
    return readiness_answer(found, viewer.language)


async def show_role_card(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The card of a role. Raises UserError ``stale`` for a role that there is not."""
    try:
        return card_answer(Role(str(given.get("role"))), viewer.language)
    except ValueError:
        raise UserError("stale") from None

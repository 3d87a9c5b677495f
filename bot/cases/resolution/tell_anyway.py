"""Telling the customer of a resolution before the technical lead has confirmed it."""

from typing import ClassVar

from bot.cases.resolution.letter import free_letter, send_letter
from bot.core.steps import authorize_case, refresh_card, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError


class TellAnyway(OnCase):
    """Let the customer's letter go out, although the technical lead has not confirmed."""

    verb: ClassVar[str] = "tell_anyway"


async def tell_customer_anyway(work: UnitOfWork, intent: TellAnyway) -> Answer | None:
    """Send the letter that waits. The case is resolved only with the lead's yes all the same.

    Raises UserError ``wrong_status``, ``no_letter_waits``.
    """
    case = await authorize_case(work, intent.case, "tell_anyway")
    require_status(case, "tell_anyway")
    if not case.letter:
        raise UserError("no_letter_waits")
    free_letter(case)
    work.note(case, "tell_anyway")
    reply = await send_letter(work, case)
    await refresh_card(work, case)
    return reply

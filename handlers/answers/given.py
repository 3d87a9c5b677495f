"""What was named where a private answer is asked for: fields of a command or of a button."""

from collections.abc import Mapping
from typing import Any

from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts
from handlers.ports import Services

Given = Mapping[str, Any]
HERE = "here"  # the channel in which the person asked


def read_number(given: Given, name: str) -> int | None:
    """A number that a button carries under a name.

    None where there is none, as for a command; what else stands there, in a button that was
    altered, is none either.
    """
    named = given.get(name)
    return named if isinstance(named, int) else None


async def require_case(services: Services, viewer: PersonFacts, given: Given) -> CaseFacts:
    """The case; raises UserError ``no_such_case`` where none is named, or for a hidden one."""
    number = given.get("case")
    if number is None:
        raise UserError("no_such_case")
    return await services.reading.case(int(number), viewer.user_id)

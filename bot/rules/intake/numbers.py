"""How people write which candidate they mean: ``CAN-7``, ``can 7``, ``7``."""

import re

from pydantic_core import PydanticCustomError

WRITTEN = re.compile(r"(?:CAN-?|#)?\s*([1-9]\d{0,8})", re.IGNORECASE)


def read_candidate(typed: object) -> object:
    """The candidate's id as a whole number; text that names none raises ``candidate_number``."""
    if not isinstance(typed, str):
        return typed
    found = WRITTEN.fullmatch(typed.strip())
    if found is None:
        raise PydanticCustomError("candidate_number", "candidate_number")
    return int(found[1])

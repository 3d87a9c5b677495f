"""Which stakeholders were told of a case, and whether they have seen it."""

from dataclasses import dataclass
from datetime import datetime

from bot.rules.facts.people import UnreachedFacts
from bot.rules.words import Role


@dataclass(frozen=True, slots=True)
class ToldFacts:
    """A stakeholder who was told of the case, by the role in which they were told.

    ``seen_at`` is when they said that they have seen it. ``again_at`` is when another is told
    because they have not; None for never, or no more. ``then`` is who was told in their place,
    empty for no one; ``passed`` are those who would have been, and why they were not.
    """

    user: str
    role: Role
    at: datetime
    seen_at: datetime | None = None
    again_at: datetime | None = None
    then: str = ""
    passed: tuple[UnreachedFacts, ...] = ()

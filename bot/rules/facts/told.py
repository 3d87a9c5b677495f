"""Which stakeholders were told of a case, and whether they have seen it."""

from dataclasses import dataclass
from datetime import datetime

from bot.rules.facts.people import UnreachedFacts
from bot.rules.words import Role


@dataclass(frozen=True, slots=True)
class ToldFacts:
    """A stakeholder who was told of the case, by the role in which they were told.

    ``seen_at`` is when they said that they have seen it. ``then`` is who was told in their place,
    empty while that is not due, ``none`` where there was no one; ``stands_in``: they were told in
    the place of another, and are not waited for; ``passed`` are those who would have been told, and
    why they were not.
    """

    user: str
    role: Role
    at: datetime
    seen_at: datetime | None = None
    then: str = ""
    stands_in: bool = False
    passed: tuple[UnreachedFacts, ...] = ()

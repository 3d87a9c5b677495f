"""A ticket as its help desk has it, in one shape for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.rules.helpdesks.terms import Score


@dataclass(frozen=True, slots=True)
class Rating:
    """What a customer said of an answer: ``said`` in the help desk's own word.

    ``key`` is its id, ``at`` when it was first given: a change of it leaves both. ``comment`` may
    be empty.
    """

    key: str
    score: Score
    said: str
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketState:
    """A ticket as it is now. ``ticket`` differs from the one asked for where that was merged.

    ``status``, ``priority`` and ``tags`` are in the help desk's words, ``mailbox`` is an id.
    ``customer`` is the organisation, else the person; ``breach_at`` is when the next target ends
    that the help desk itself keeps, None where it tells none. ``properties`` are all that it knows
    of the customer, by name.
    """

    ticket: str
    link: str
    status: str
    subject: str = ""
    tags: frozenset[str] = frozenset()
    mailbox: str = ""
    priority: str = ""
    customer: str = ""
    name: str = ""
    email: str = ""
    rating: Rating | None = None
    breach_at: datetime | None = None
    properties: Mapping[str, str] = field(default_factory=dict)

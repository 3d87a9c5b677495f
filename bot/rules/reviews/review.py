"""A public review, as a source gives it and as it is shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.rules.words import Language


class ReviewSource(StrEnum):
    """Where a review came from; the values are stored."""

    PODIUM = "podium"
    G2 = "g2"
    TRUSTRADIUS = "trustradius"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class GivenReview:
    """A review as its source gives it now.

    ``key`` is the review's own id there, the same for a later edit of it. ``site`` is where it
    stands, where the source gathers reviews of several sites. ``replied_at`` is when the source
    says that it was answered.
    """

    source: ReviewSource
    key: str
    rating: str
    text: str
    author: str = ""
    customer: str = ""
    link: str = ""
    site: str = ""
    location: str = ""
    language: Language | None = None
    written_at: datetime | None = None
    edited_at: datetime | None = None
    replied_at: datetime | None = None
    reply: str = ""


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """A review as a list shows it; ``edits`` counts later changes, the newest is ``before``."""

    id: int
    source: ReviewSource
    rating: str
    text: str
    author: str
    customer: str
    link: str
    site: str
    location: str
    bad: bool
    written_at: datetime
    received_at: datetime
    due_at: datetime
    owner: str
    edits: int = 0
    rating_before: str = ""
    text_before: str = ""
    edited_at: datetime | None = None
    replied_at: datetime | None = None

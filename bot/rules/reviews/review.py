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

    ``rating`` is as the source writes it, "" for a review without one. ``customer`` is the author's
    company, where it is known; ``location`` the branch that the review is about, by the source's
    id. ``written_at`` is None where the source gives no date, ``edited_at`` where it does not say
    when it was changed last. Instants are aware.
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
    """A review as a list shows it; ``edits`` counts later changes, the newest is ``before``.

    ``owner`` is the user id of who replies, "" while no one has taken it. ``due_at`` is when a
    reply is due, ``bad`` what ``is_bad_rating`` says of the present rating. ``edited_at`` is None
    without an edit, ``replied_at`` while no reply is known; ``replied_by`` is "" where the source
    told of the reply, else who recorded it.
    """

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
    replied_by: str = ""

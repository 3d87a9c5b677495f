"""Public reviews: who owes the reply, when it was given, and how a review was changed later."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import instant_column, long_text


class Review(SQLModel, table=True):
    """A review as it stands now; ``key`` is its own id at ``source``, kept over its edits.

    ``address`` is its link without what tracks visitors, by which it is known where a person
    pastes it; empty where the link is of the site and not of the review.

    A reply is owed until ``replied_at``, where ``owed`` says so: old reviews are kept for
    comparison only. ``owner`` is who replies, empty while no one has taken it. ``due_at`` is when
    it should be answered. ``as_of`` is when the source says that it was changed last, so that an
    older state that arrives late changes nothing.
    """

    __table_args__ = (UniqueConstraint("source", "key", name="uq_review_key"),)

    id: int = Field(default=None, primary_key=True)
    source: str
    key: str
    site: str = ""
    location: str = ""
    author: str = ""
    customer: str = ""
    rating: str = ""
    text: str = long_text()
    link: str = long_text()
    address: str = Field(default="", index=True)
    bad: bool = False
    owed: bool = Field(default=True, index=True)
    written_at: datetime = instant_column()
    received_at: datetime = instant_column()
    due_at: datetime = instant_column()
    as_of: datetime | None = instant_column(nullable=True)
    owner: str = ""
    taken_at: datetime | None = instant_column(nullable=True)
    replied_at: datetime | None = instant_column(nullable=True)
    replied_by: str = ""
    reply: str = long_text()


class ReviewEdit(SQLModel, table=True):
    """A change of a review by its author: what it said before and after. Append-only."""

    __tablename__ = "review_edit"

    id: int = Field(default=None, primary_key=True)
    review: int = Field(foreign_key="review.id", index=True)
    at: datetime = instant_column()
    rating_before: str = ""
    rating_after: str = ""
    text_before: str = long_text()
    text_after: str = long_text()

"""The access reviews: each quarter an administrator signs who could read what."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import instant_column


class AccessReview(SQLModel, table=True):
    """The review of a quarter; ``quarter`` is its period's key, ``2026-Q3``.

    A row stands from before the quarter ends, so that it comes due once. ``next_at`` is when
    administrators are asked, and once more; None afterwards. ``digest`` is that of the list which
    ``signed_by`` read.
    """

    __tablename__ = "access_review"

    id: int = Field(default=None, primary_key=True)
    quarter: str = Field(unique=True)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    asked_at: datetime | None = instant_column(nullable=True)
    signed_by: str = ""
    signed_at: datetime | None = instant_column(nullable=True)
    digest: str = ""

"""The access reviews: each quarter an administrator signs who could read what."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import instant_column


class AccessReview(SQLModel, table=True):
    """The review of a quarter; ``quarter`` is its period's key, ``2026-Q3``.

    A row stands from before the quarter ends, so that it comes due once.

    Attributes:
        next_at: When those who may sign are asked, and once more; None afterwards. In UTC.
        asked_at: When they were asked first; None before the quarter's end.
        signed_by: A Slack user id; empty until it is signed.
        signed_at: When; a signature is not taken back.
        digest: Of the list that was signed (``bot.rules.compliance.access.digest_list``).

    """

    __tablename__ = "access_review"

    id: int = Field(default=None, primary_key=True)
    quarter: str = Field(unique=True)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    asked_at: datetime | None = instant_column(nullable=True)
    signed_by: str = ""
    signed_at: datetime | None = instant_column(nullable=True)
    digest: str = ""

"""Quarterly reviews, and what was decided in them: of no single case."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import instant_column, json_column, long_text


class QuarterlyReview(SQLModel, table=True):
    """The meeting that looks back on a quarter; ``quarter`` is its period's key, ``2026-Q3``.

    A row stands from before the quarter ends, so that it comes due once. ``next_at`` is when it is
    prepared, then when it is reminded of; None once it is held. ``invited`` has the user ids under
    ``users``, and of these who comes under ``yes`` and who does not under ``no``. ``findings`` has
    a text for each of the four parts.
    """

    __tablename__ = "quarterly_review"

    id: int = Field(default=None, primary_key=True)
    quarter: str = Field(unique=True)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    made_at: datetime | None = instant_column(nullable=True)
    meets_at: datetime | None = instant_column(nullable=True)
    minutes: int = 60
    invited: dict[str, Any] = json_column()
    findings: dict[str, Any] = json_column()
    saved_by: str = ""
    saved_at: datetime | None = instant_column(nullable=True)
    held_by: str = ""
    held_at: datetime | None = instant_column(nullable=True)


class QuarterDecision(SQLModel, table=True):
    """What was decided in a review of a quarter: one owner, one due day, evidence when done.

    ``due`` is a calendar day without a zone. ``next_at`` is when its owner is reminded, or who is
    asked to look; None once it is done. ``reported_at`` is when ``done_by`` said that it is done,
    with ``evidence``; ``done_at`` when another has seen that. ``verifier`` is who is asked to look,
    "" where there is none, and once it is done who has looked; what was done before that was asked
    has none. ``remark`` is what is missing, where it was given back.
    """

    __tablename__ = "quarter_decision"

    id: int = Field(default=None, primary_key=True)
    review: int = Field(foreign_key="quarterly_review.id", index=True)
    decision: str = long_text()
    owner: str = Field(index=True)
    due: date
    created_by: str
    created_at: datetime = instant_column()
    next_at: datetime | None = instant_column(nullable=True, index=True)
    done_at: datetime | None = instant_column(nullable=True)
    done_by: str = ""
    evidence: str = long_text()
    reported_at: datetime | None = instant_column(nullable=True)
    verifier: str = ""
    remark: str = long_text()

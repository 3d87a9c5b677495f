"""What became of customers' business: after a case, and at a renewal."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.columns import instant_column, json_column, long_text
from storage.models.people import WIDE


class Outcome(SQLModel, table=True):
    """The outcome of a case, or of a renewal; one row for each.

    Attributes:
        case_number: The case; None for a renewal.
        account_key: The account, empty for a customer without one; ``customer`` is its name.
        renewal: The day of the renewal; None for a case.
        due_at: When it is asked for.
        next_at: When the next question or reminder is due; None: none is.
        asked_of: Who was asked, empty until then.
        asked: How often it was asked for: 1 a question, 2 a reminder, 3 a manager.
        result: An ``OutcomeResult``, empty until it is recorded.
        before: Yearly revenue before it in whole units of ``currency``, None for not known;
            ``after`` afterwards.
        corrections: Under ``rows`` what was recorded before, the oldest first: ``result``,
            ``before``, ``after``, ``currency``, ``note``, ``by``, ``at`` (ISO 8601), and ``why`` it
            was corrected.

    """

    __table_args__ = (UniqueConstraint("account_key", "renewal", name="uq_outcome_renewal"),)

    id: int = Field(default=None, primary_key=True)
    case_number: int | None = Field(default=None, foreign_key="escalation.number", unique=True)
    account_key: str = Field(default="", index=True)
    customer: str
    renewal: date | None = None
    due_at: datetime = instant_column()
    next_at: datetime | None = instant_column(nullable=True, index=True)
    asked_of: str = ""
    asked: int = 0
    result: str = ""
    before: int | None = Field(default=None, sa_type=WIDE)
    after: int | None = Field(default=None, sa_type=WIDE)
    currency: str = ""
    note: str = long_text()
    recorded_by: str = ""
    recorded_at: datetime | None = instant_column(nullable=True)
    corrections: dict[str, Any] = json_column()

"""What cases teach."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import instant_column, long_text


class CaseDecision(SQLModel, table=True):
    """A decision on a case, and how it came out.

    Attributes:
        options: What else there was to choose.
        decider: Who decided; ``author`` recorded it.
        next_at: When it is asked next how it came out; ``asked`` counts the questions.
        outcome: A ``DecisionOutcome``; empty until it is said. ``lesson`` is what we know now.
    """

    __tablename__ = "case_decision"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    decision: str = long_text()
    options: str = long_text()
    why: str = long_text()
    decider: str
    author: str
    at: datetime = instant_column()
    next_at: datetime | None = instant_column(nullable=True, index=True)
    asked: int = 0
    outcome: str = ""
    lesson: str = long_text()
    judged_by: str = ""
    judged_at: datetime | None = instant_column(nullable=True)

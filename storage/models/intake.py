"""What was reported more than once: further reports of a case, and cases merged into another."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import instant_column, json_column, long_text


class CaseReport(SQLModel, table=True):
    """A further report of a case that was there: who added it, when, and what the customer said.

    The first report is the case itself. ``source_link`` is the Slack message that it came from,
    ``ticket_url`` the ticket that was named; both may be empty.
    """

    __tablename__ = "case_report"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    reporter: str
    stake: str = long_text()
    source_link: str = long_text()
    ticket_url: str = long_text()
    at: datetime = instant_column()


class CaseMerge(SQLModel, table=True):
    """That ``child`` goes on in ``parent``; ``undone_at`` is when that was taken back.

    ``kept`` is what the child was, for taking it back: ``status``; ``hold``, its columns of that
    name; ``events`` and ``parent_events``, the ids of the clock events that rest on the merge;
    ``received`` and ``reported``, the parent's instants before (ISO 8601, or None); ``reports``,
    how many the child brought along; ``actions``, ids of action items, the child's to the parent's.
    """

    __tablename__ = "case_merge"

    id: int = Field(default=None, primary_key=True)
    child: int = Field(foreign_key="escalation.number", index=True)
    parent: int = Field(foreign_key="escalation.number", index=True)
    by: str
    at: datetime = instant_column()
    kept: dict[str, Any] = json_column()
    undone_at: datetime | None = instant_column(nullable=True)

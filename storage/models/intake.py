"""What was reported more than once: further reports of a case."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import instant_column, long_text


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

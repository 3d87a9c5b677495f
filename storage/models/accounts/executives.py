"""What executives owe a customer: the flag that one of them takes, and their talks."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import instant_column, json_column, long_text


class Flagging(SQLModel, table=True):
    """An executive flag from when it was raised until it is over; at most one of a case is open.

    ``asked`` has who was asked to take it, by user id in their order, and when (ISO 8601).
    ``next_at`` is when the next is asked, or the one who has it is reminded of the call.
    ``ended_at`` is when nothing of it is owed any more: called, withdrawn, or the case is over.
    """

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    trigger: str
    flagged_at: datetime = instant_column()
    flagged_by: str
    asked: dict[str, Any] = json_column()
    had_by: str | None = Field(default=None, index=True)
    had_at: datetime | None = instant_column(nullable=True)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    reminded: int = 0
    ended_at: datetime | None = instant_column(nullable=True)


class ExecutiveContact(SQLModel, table=True):
    """A talk of an executive with the customer, as it was logged.

    ``contact`` is with whom, ``owed`` what we owe after it, which is the action item ``action``.
    ``next_on`` is a calendar day without a zone; ``remind_at`` is None once it was said.
    """

    __tablename__ = "executive_contact"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    executive: str = Field(index=True)
    way: str
    contact: str
    at: datetime = instant_column()
    said: str = long_text()
    owed: str = ""
    action: int | None = Field(default=None, foreign_key="action_item.id")
    next_on: date | None = None
    remind_at: datetime | None = instant_column(nullable=True, index=True)
    logged_by: str
    logged_at: datetime = instant_column()

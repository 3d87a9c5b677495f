"""The technical lead's focus: its time, what was kept back meanwhile, questions to the lead."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import instant_column, json_column, long_text


class FocusPeriod(SQLModel, table=True):
    """A time in which the technical lead of a case is left alone; a case has one open at most.

    ``next_at`` is when it is looked at again: for a check-in, or since it is over; None once that
    was done. ``asked_at`` is the newest check-in that was asked for, ``missed`` how many stayed
    without an answer one after another. ``ended`` is a ``FocusEnd``, empty while it runs.
    """

    __tablename__ = "focus_period"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    lead: str
    set_by: str
    since: datetime = instant_column()
    until: datetime = instant_column()
    asked_at: datetime | None = instant_column(nullable=True)
    missed: int = 0
    next_at: datetime | None = instant_column(nullable=True, index=True)
    ended: str = ""
    ended_at: datetime | None = instant_column(nullable=True)


class FocusNotice(SQLModel, table=True):
    """A direct message to a lead in focus: kept back, or let ``through`` and so an interruption.

    ``payload`` is what a row of the outbox carries for it. ``told_at`` is when it was said; None
    while it is kept.
    """

    __tablename__ = "focus_notice"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    user_id: str
    payload: dict[str, Any] = json_column()
    at: datetime = instant_column()
    through: bool = False
    told_at: datetime | None = instant_column(nullable=True)


class LeadQuestion(SQLModel, table=True):
    """A question to the technical lead of a case.

    ``told_at`` is when the lead was asked; None while it is kept until the end of a focus.
    ``answered_by`` is empty until it is answered, once.
    """

    __tablename__ = "lead_question"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    asked_of: str
    asked_by: str
    question: str = long_text()
    asked_at: datetime = instant_column()
    told_at: datetime | None = instant_column(nullable=True)
    answer: str = long_text()
    answered_by: str = ""
    answered_at: datetime | None = instant_column(nullable=True)

"""Helpers by skill: who was asked to help with a case, and what became of it."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.rules.focus.facts import HelpState
from storage.columns import enum_text, instant_column, long_text


class Helper(SQLModel, table=True):
    """A person who was asked to help, for one skill; asked of them once a case and skill.

    ``wanted`` is how many the asker wanted at once. ``next_at`` is when another is asked if they
    have not answered; None once that was done, or nothing is waited for. ``ended_at`` is when they
    were thanked, or their question was over; None while it is open or they help.
    """

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    skill: str
    question: str = long_text()
    wanted: int
    user_id: str
    asked_by: str
    asked_at: datetime = instant_column()
    state: HelpState = enum_text(HelpState.ASKED)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    answered_at: datetime | None = instant_column(nullable=True)
    ended_at: datetime | None = instant_column(nullable=True)

"""Meetings that stand in people's calendars."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.columns import instant_column, json_column, long_text


class Meeting(SQLModel, table=True):
    """A meeting of a case; a change of it keeps ``uid`` and counts ``sequence`` up.

    Attributes:
        kind: What it is for: ``postmortem``.
        minutes: How long it is.
        place: Where, or by which link; "" where it is not said.
        planned_by: Who planned it, or changed it last.
        invited: Under ``users`` the user ids of those who have the entry, or had it.

    """

    __table_args__ = (UniqueConstraint("case_number", "kind", name="uq_meeting_kind"),)

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number")
    kind: str
    uid: str = Field(unique=True)
    sequence: int = 0
    begins: datetime = instant_column()
    minutes: int
    place: str = long_text()
    planned_by: str
    invited: dict[str, Any] = json_column()
    cancelled: bool = False
    changed_at: datetime = instant_column()

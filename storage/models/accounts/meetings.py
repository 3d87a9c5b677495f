"""Meetings, calls and contacts that stand in people's calendars."""

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
        invited: Under ``users`` the user ids of those who have the entry, or had it; of them
            under ``yes`` and ``no`` those who have answered whether they will be there.

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


class CalendarEntry(SQLModel, table=True):
    """What one person owes a customer by a time, as it stands in their calendar.

    A change keeps ``uid`` and counts ``sequence`` up, also where the entry passes to another
    person, whose calendar then has it and no other.

    Attributes:
        kind: What is owed: an ``EntryKind``.
        subject: Id of the row by which it is owed: a ``BreachTalk``, a ``Flagging``, a
            ``SponsorTouch``, which may be gone by now; negative once another has its id.
        case_number: Of a call; None for a contact, which has ``membership`` in its place.
        person: Whose calendar has it.
        owed_by: Who owed it then; another than ``person`` where they stood in.
        due: By when it is owed; the entry itself begins at ``begins``.
        named: Whether the entry names the customer.
        look_at: When it is compared again with what is owed; None while nothing is to be expected.

    """

    __tablename__ = "calendar_entry"
    __table_args__ = (UniqueConstraint("kind", "subject", name="uq_calendar_entry_subject"),)

    id: int = Field(default=None, primary_key=True)
    kind: str
    subject: int
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    membership: int | None = Field(default=None, foreign_key="sponsorship.id", index=True)
    person: str
    owed_by: str
    uid: str = Field(unique=True)
    sequence: int = 0
    due: datetime = instant_column()
    begins: datetime = instant_column()
    named: bool
    cancelled: bool = False
    changed_at: datetime = instant_column()
    look_at: datetime | None = instant_column(nullable=True, index=True)


class Postmortem(SQLModel, table=True):
    """What a case's postmortem found, as it was saved last; ``Case.postmortem_at`` ends that.

    Attributes:
        prevention: A ``Prevention``; "" until it is chosen.
        no_action: Why no action item came of it; "" where one did.
        facilitator: Who led it; "" where that is not said.
        came: Under ``users`` the user ids of those who were there.
        saved_by: Who saved it last, at ``saved_at``.

    """

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    root_cause: str = long_text()
    better: str = long_text()
    prevention: str = ""
    no_action: str = long_text()
    facilitator: str = ""
    came: dict[str, Any] = json_column()
    saved_by: str
    saved_at: datetime = instant_column()

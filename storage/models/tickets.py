"""What is written in tickets of a help desk, by us and by others."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.rules.states import MessageState
from storage.columns import enum_text, instant_column, long_text


class TicketReply(SQLModel, table=True):
    """What was written in a case's ticket, ``direction`` out (ours) or in; ``entry``: its id there.

    ``state`` of ours: queued, sent, refused with the ``reason``. Of others: received (from the
    customer), colleague (one of ours answered there; ``text`` is what they wrote). ``mark`` is by
    what ours is known again when no answer came. ``entry`` is None until it is there.
    """

    __tablename__ = "ticket_reply"
    __table_args__ = (UniqueConstraint("helpdesk", "entry"),)

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    helpdesk: str
    ticket: str
    direction: str
    entry: str | None = None
    mark: str = ""
    sent_message: int | None = Field(default=None, foreign_key="sent_message.id")
    outbox_id: int | None = Field(default=None, index=True)
    state: MessageState = enum_text(MessageState.QUEUED)
    reason: str = long_text()
    text: str = long_text()
    at: datetime = instant_column()

"""Tickets of help desks: what is written in them, by us and by others, and how we last saw them."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.rules.states import MessageState
from storage.columns import enum_text, instant_column, json_column, long_text


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


class KnownTicket(SQLModel, table=True):
    """A ticket as a look or a write of ours last found it; changed only in the ticket's lane.

    ``found`` has ``tags`` (all of them) and ``grounds`` (each for which it became a candidate, so
    that none is a reason twice). ``heard`` is the id of the newest words of the customer that were
    taken in, ``heard_at`` when they were written. ``rating`` is the last one that was taken in.
    ``merged_into`` is the ticket in which it went up. ``look_at`` is when to look again by
    ourselves.
    """

    __tablename__ = "known_ticket"
    __table_args__ = (UniqueConstraint("helpdesk", "ticket"),)

    id: int = Field(default=None, primary_key=True)
    helpdesk: str
    ticket: str
    status: str = ""
    found: dict[str, Any] = json_column()
    heard: str = ""
    heard_at: datetime | None = instant_column(nullable=True)
    rating: str = ""
    merged_into: str = ""
    look_at: datetime | None = instant_column(nullable=True, index=True)
    seen_at: datetime = instant_column()

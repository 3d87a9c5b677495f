"""Messages to the customer as they were sent, and posts that are edited instead of followed.

A message is stored when a person sends it, and counts for the clocks only when it has gone out: at
once where its author sent it, when its courier reports it where the app sends it (``Mail``,
``TicketReply``).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.rules.states import MessageState
from storage.columns import enum_text, instant_column, json_column, long_text


class SentMessage(SQLModel, table=True):
    """A customer message word for word, as a person sent it.

    ``state``: sent; queued while our mail is on its way; refused or bounced, with the ``reason``.
    Only sent ones count. ``link`` is where it can be read, when a person sent it themselves.
    ``next_update_at`` is what it promises. ``evidence`` has

    - ``override``: a manager let the promise be later than the policy asks.
    - ``mitigates``: it tells the customer of a workaround.
    - ``approved_by``: the second person, or None.
    - ``events``: the ids of the clock events that rest on it, which a bounce withdraws; missing
      until it counts.
    """

    __tablename__ = "sent_message"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    kind: str
    language: str
    text: str = long_text()
    sent_by: str
    sent_at: datetime = instant_column()
    recipient: str
    route: str
    next_update_at: datetime | None = instant_column(nullable=True)
    link: str = long_text()
    state: MessageState = enum_text(MessageState.SENT)
    reason: str = long_text()
    evidence: dict[str, Any] = json_column()


class EditedPost(SQLModel, table=True):
    """A post in a case's channel that is edited instead of followed by another.

    ``topic``: strangers (mails that were kept back, from the mail ``first`` on), answer (to the
    question ``first``) or checklist (of the applied playbook ``first``). ``ts`` is the post, once
    it is there; None before. What it shows is read from the store when it is drawn.
    """

    __tablename__ = "edited_post"
    __table_args__ = (UniqueConstraint("case_number", "topic", "first"),)

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    topic: str
    first: int
    ts: str | None = None
    begun_at: datetime = instant_column()

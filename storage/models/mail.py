"""Mails out and in."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from bot.rules.states import MessageState
from storage.columns import enum_text, instant_column, json_column, long_text


class Mail(SQLModel, table=True):
    """A mail, ``direction`` out or in, known by its Message-ID; ``parents`` are its References.

    ``receipt`` is the recipient of a broadcast (``BroadcastRecipient.id``) that it is for.
    ``state`` of ours: queued, handed (given to the server, which has not answered yet), sent,
    refused, bounced. Of theirs: received, quarantined, released, dropped, automatic, unmatched.
    ``handed_claim`` is the claim of the outbox's row under which it was handed, 0 once that try is
    known to be over. ``answer`` is that of a server which took the mail from a process that did not
    hold the row any more: it tells the next holder not to send it again.

    Of theirs ``text`` is what is new, ``whole`` all that it says (empty where that is the same).
    ``reading`` has ``digest`` (of what it says), ``note``, ``files``, ``folded``, as
    ``bot.core.facts.mails`` describes them; mails of earlier versions have none of it.
    """

    id: int = Field(default=None, primary_key=True)
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    direction: str
    kind: str
    message_id: str = Field(unique=True)
    parents: str = long_text()
    subject: str = ""
    sender: str = ""
    recipient: str = ""
    text: str = long_text()
    sent_message: int | None = Field(default=None, foreign_key="sent_message.id")
    receipt: int | None = None
    outbox_id: int | None = Field(default=None, index=True)
    state: MessageState = enum_text(MessageState.QUEUED)
    reason: str = long_text()
    handed_at: datetime | None = instant_column(nullable=True)
    handed_claim: int = 0
    answer: str = long_text()
    whole: str = long_text()
    reading: dict[str, Any] = json_column()
    at: datetime = instant_column()

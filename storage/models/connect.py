"""Customers' channels in Slack (Slack Connect): which belongs to whom, and what was written there.

What a thread says is read from Slack (``bot.intake.connect``); kept is what belongs to a candidate
or a case.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.rules.states import MessageState
from bot.rules.words import ConnectState
from storage.columns import enum_text, instant_column, json_column, long_text


class ConnectLink(SQLModel, table=True):
    """That a channel is a customer's; one link a channel, and one an account.

    ``teams`` has under ``ids`` the organisations that share it, as a person of ours linked them.
    ``fault`` is a ``ConnectFault`` while nothing goes through, else empty. ``by`` is the Slack user
    who linked it, empty where the accounts file did. ``check_at`` is when Slack is asked next.
    """

    __tablename__ = "connect_link"

    channel_id: str = Field(primary_key=True)
    account_key: str = Field(index=True)
    name: str = ""
    teams: dict[str, Any] = json_column()
    state: ConnectState = enum_text(ConnectState.CHECKING)
    fault: str = ""
    by: str = ""
    at: datetime = instant_column()
    check_at: datetime | None = instant_column(nullable=True, index=True)


class ConnectThread(SQLModel, table=True):
    """A thread that is read, from the message ``since`` on; ``ts`` is that of its first message.

    ``case_number`` is set once it belongs to a case; until then what is written there goes to the
    candidate. ``answered``: the customer was told that it was taken in.
    """

    __tablename__ = "connect_thread"
    __table_args__ = (UniqueConstraint("channel_id", "ts"),)

    id: int = Field(default=None, primary_key=True)
    channel_id: str
    ts: str
    since: str
    account_key: str
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    answered: bool = False


class ConnectMessage(SQLModel, table=True):
    """A message of a thread, ``direction`` out (ours) or in; ``ts`` is its id in the channel.

    ``state`` of ours: queued, sent, refused with the ``reason``. Of others: received (from the
    customer), colleague, deleted (its words are forgotten). ``edited`` is the ts of the last change
    that was seen. ``ts`` and ``thread_ts`` of ours are empty until it is there.
    """

    __tablename__ = "connect_message"
    __table_args__ = (UniqueConstraint("channel_id", "ts"),)

    id: int = Field(default=None, primary_key=True)
    channel_id: str
    thread_ts: str = ""
    ts: str | None = None
    direction: str
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    user: str = ""
    edited: str = ""
    sent_message: int | None = Field(default=None, foreign_key="sent_message.id")
    outbox_id: int | None = Field(default=None, index=True)
    state: MessageState = enum_text(MessageState.QUEUED)
    reason: str = long_text()
    text: str = long_text()
    at: datetime = instant_column()

"""What came in and what has to go out."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bot.rules.states import InboxState, OutboxState
from storage.columns import PENDING, enum_text, instant_column, json_column


class Inbox(SQLModel, table=True):
    """A delivery that was accepted, under its identity.

    Rows of one ``lane`` (a case, where it is about one) are carried out in order of ``id``.
    ``claims`` counts how often the row was claimed: whoever knows the latest count holds it.
    ``reply`` says where its private answer goes; ``answer`` is what the use case said.
    ``attempts`` are failures of the use case, ``crashes`` holders that did not live to its end.
    """

    __table_args__ = (
        Index("ix_inbox_pending", "id", sqlite_where=PENDING, postgresql_where=PENDING),
    )

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    verb: str
    actor: str
    source: str = ""
    lane: str = ""
    intent: dict[str, Any] = json_column()
    reply: dict[str, Any] = json_column()
    state: InboxState = enum_text(InboxState.PENDING)
    lease_until: datetime | None = instant_column(nullable=True)
    holder: str = Field(default="", sa_column_kwargs={"server_default": ""})
    claims: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    attempts: int = 0
    crashes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    answer: dict[str, Any] = json_column()
    correlation: str = ""
    received_at: datetime = instant_column()


class Outbox(SQLModel, table=True):
    """One effect that Slack must show. Rows of one lane happen in order of ``id``.

    An administrator sees the refused ones and may queue them again. ``attempted_at`` is set before
    the call, so that a retry knows to look for what an earlier try may have done, and
    ``attempted_slack`` is the same instant by Slack's clock. ``claims`` counts how often the row
    was claimed: only whoever knows the latest count may say what became of it.
    """

    __table_args__ = (
        Index("ix_outbox_claim", "priority", "id", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("ix_outbox_lane", "lane", "id", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("ix_outbox_case", "case_number"),
    )

    id: int = Field(default=None, primary_key=True)
    lane: str
    kind: str
    case_number: int | None = None
    payload: dict[str, Any] = json_column()
    after: int | None = None
    priority: int = 50
    state: OutboxState = enum_text(OutboxState.PENDING)
    not_before: datetime | None = instant_column(nullable=True)
    lease_until: datetime | None = instant_column(nullable=True)
    claims: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    attempts: int = 0
    attempted_at: datetime | None = instant_column(nullable=True)
    attempted_slack: datetime | None = instant_column(nullable=True)
    error: str = ""
    result: dict[str, Any] = json_column()
    correlation: str = ""
    queued_at: datetime = instant_column()
    done_at: datetime | None = instant_column(nullable=True)

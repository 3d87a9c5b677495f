"""What one person proposes and another decides on: customer messages and their words."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.rules.states import ApprovalState
from storage.columns import enum_text, instant_column, json_column, long_text


class Draft(SQLModel, table=True):
    """A customer message that a second person must approve before it is sent.

    ``bound`` is an ``Outgoing`` of ``bot.customers.outgoing``, field by field: all that goes out.
    ``digest`` is SHA-256 over it: an approval is of this and nothing else, until ``expires_at``.
    ``reason`` is why a second person is wanted. ``fields`` is the whole form but for its case and
    draft, so that it opens again as it was. ``state`` is waiting, approved, returned, void (the
    text was changed) or sent; an approved one is sent once.
    """

    __tablename__ = "customer_draft"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    kind: str
    text: str = long_text()
    recipient: str
    digest: str
    bound: dict[str, Any] = json_column()
    reason: str = ""
    expires_at: datetime | None = instant_column(nullable=True)
    fields: dict[str, Any] = json_column()
    author: str
    state: ApprovalState = enum_text(ApprovalState.WAITING)
    asked_at: datetime = instant_column()
    approver: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant_column(nullable=True)


class MessageTemplate(SQLModel, table=True):
    """A customer template that people wrote; those in files are its version 1 and so on.

    ``state`` is proposed, approved, returned or withdrawn; whether it has expired depends on the
    day on which it is asked: ``expires`` is its last one. ``body`` is a template, not yet filled.
    """

    __tablename__ = "message_template"
    __table_args__ = (UniqueConstraint("kind", "language", "version"),)

    id: int = Field(default=None, primary_key=True)
    kind: str
    language: str
    version: int
    body: str = long_text()
    why: str = long_text()
    expires: date
    state: ApprovalState = enum_text(ApprovalState.PROPOSED)
    author: str = Field(sa_column_kwargs={"name": "proposed_by"})
    asked_at: datetime = instant_column(name="proposed_at")
    approver: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant_column(nullable=True)
    ended_by: str | None = Field(default=None, sa_column_kwargs={"name": "withdrawn_by"})
    ended_why: str = long_text("withdrawn_why")
    ended_at: datetime | None = instant_column(nullable=True, name="withdrawn_at")

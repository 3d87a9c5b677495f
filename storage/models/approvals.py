"""What one person proposes and another decides on: customer messages, their words, concessions.

Beside them where Legal talks about a case.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.rules.states import ApprovalState, ConcessionState, LegalRoomState
from storage.columns import OPEN_CONCESSION, enum_text, instant_column, json_column, long_text


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


class Concession(SQLModel, table=True):
    """Money, or what is worth money, for the customer of a case.

    Attributes:
        account_key: The account at the time of asking, empty for a customer without one; then
            ``customer``, folded as names are compared, stands for it.
        amount: In decimal digits (``1200.50``) of ``currency`` (ISO 4217); ``worth`` is what that
            was in euro when it was asked for, by the policy's rates.
        reason: A ``ConcessionReason``; ``why`` is in the words of ``author``, who asked.
        alone: It is within what the author may give alone, so nobody approved it.
        legal: Legal agreed to it.
        expires_at: Until when it may be promised.
        promised_at: When the customer was told, by ``message``, in ``talk``, or as ``promised_how``
            says.
        fulfil_by: When it is late, from the promise on.
        fulfilled_at: When it was fulfilled, which ``fulfilled_by`` recorded at ``recorded_at`` with
            ``evidence``.
        ended_by: Who ended it otherwise, None for its time; ``ended_why`` is the reason.
        next_at: When it is looked at again: a reminder, or the end of its time.
        reminded: Reminders since its last state began.
    """

    __table_args__ = (
        Index(
            "ix_concession_open", "id", sqlite_where=OPEN_CONCESSION,
            postgresql_where=OPEN_CONCESSION,
        ),
    )  # fmt: skip

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    account_key: str = Field(index=True)
    customer: str = Field(index=True)
    kind: str
    amount: str
    currency: str
    worth: str
    reason: str
    why: str = long_text()
    author: str = Field(index=True)
    asked_at: datetime = instant_column()
    alone: bool = False
    legal: bool = False
    state: ConcessionState = enum_text(ConcessionState.WAITING)
    expires_at: datetime = instant_column()
    approved_at: datetime | None = instant_column(nullable=True)
    promised_at: datetime | None = instant_column(nullable=True)
    promised_by: str | None = None
    promised_how: str = long_text()
    message: int | None = Field(default=None, foreign_key="sent_message.id", index=True)
    talk: int | None = Field(default=None, foreign_key="breach_talk.id")
    fulfil_by: datetime | None = instant_column(nullable=True)
    fulfilled_at: datetime | None = instant_column(nullable=True)
    fulfilled_by: str | None = None
    recorded_at: datetime | None = instant_column(nullable=True)
    evidence: str = long_text()
    ended_by: str | None = None
    ended_why: str = long_text()
    ended_at: datetime | None = instant_column(nullable=True)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    reminded: int = 0


class UndoneFulfilment(SQLModel, table=True):
    """A fulfilment recorded by mistake: what the ``concession`` said of it, and its undoing.

    ``fulfilled_at``, ``fulfilled_by`` and ``evidence`` are as they stood in the concession.
    """

    __tablename__ = "undone_fulfilment"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    concession: int = Field(foreign_key="concession.id", index=True)
    fulfilled_at: datetime = instant_column()
    fulfilled_by: str
    evidence: str = long_text()
    undone_at: datetime = instant_column()
    undone_by: str
    why: str = long_text()


class LegalRoom(SQLModel, table=True):
    """The private channel in which Legal and a few talk about a case, beside the case's own.

    ``invited`` is ``{"users": [user ids]}``: who was brought in. A case has one at a time; after
    one that was lost or has ended another takes its place.
    """

    __tablename__ = "legal_room"

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    state: LegalRoomState = enum_text(LegalRoomState.WANTED)
    channel_id: str | None = Field(default=None, index=True)
    channel_name: str | None = None
    opened_by: str
    opened_at: datetime = instant_column()
    invited: dict[str, Any] = json_column()


class ConcessionApproval(SQLModel, table=True):
    """One approval that a concession needs: ``seat`` is a ``Seat`` of ``bot.rules.money.matrix``.

    ``state`` is waiting, approved, returned, or void where the concession ended otherwise.
    """

    __tablename__ = "concession_approval"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    concession: int = Field(foreign_key="concession.id", index=True)
    seat: str
    author: str
    state: ApprovalState = enum_text(ApprovalState.WAITING)
    approver: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant_column(nullable=True)

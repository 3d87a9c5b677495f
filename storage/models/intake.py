"""What arrived and may be a case; further reports of a case; cases merged into another."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.rules.states import CandidateState
from storage.columns import enum_text, instant_column, json_column, long_text

WAITING = text("state = 'waiting'")


class CaseReport(SQLModel, table=True):
    """A further report of a case that was there: who added it, when, and what the customer said.

    The first report is the case itself. ``source_link`` is the Slack message that it came from,
    ``ticket_url`` the ticket that was named; both may be empty.
    """

    __tablename__ = "case_report"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    reporter: str
    stake: str = long_text()
    source_link: str = long_text()
    ticket_url: str = long_text()
    at: datetime = instant_column()


class CaseMerge(SQLModel, table=True):
    """That ``child`` goes on in ``parent``; ``undone_at`` is when that was taken back.

    ``kept`` is what the child was, for taking it back: ``status``; ``hold``, its columns of that
    name; ``events`` and ``parent_events``, the ids of the clock events that rest on the merge;
    ``received`` and ``reported``, the parent's instants before (ISO 8601, or None); ``reports``,
    how many the child brought along; ``actions``, ids of action items, the child's to the parent's.
    """

    __tablename__ = "case_merge"

    id: int = Field(default=None, primary_key=True)
    child: int = Field(foreign_key="escalation.number", index=True)
    parent: int = Field(foreign_key="escalation.number", index=True)
    by: str
    at: datetime = instant_column()
    kept: dict[str, Any] = json_column()
    undone_at: datetime | None = instant_column(nullable=True)


class Signal(SQLModel, table=True):
    """Something that arrived about a customer, as ``bot.rules.intake.Arrival`` says of its fields.

    ``text`` is without secrets. ``happened_at`` is when it was written or said, ``received_at``
    when it reached us. It belongs to a ``candidate``, or at once to the case of its thread.
    """

    __table_args__ = (
        UniqueConstraint("source", "key"),
        Index("ix_signal_thread", "source", "thread"),
        Index("ix_signal_account", "account_key", "received_at"),
        Index("ix_signal_customer", "folded", "received_at"),
        Index("ix_signal_reporter", "reported_by", "candidate"),
    )

    id: int = Field(default=None, primary_key=True)
    source: str
    key: str
    thread: str = ""
    account_key: str | None = None
    customer: str = ""
    folded: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    text: str = long_text()
    link: str = long_text()
    rating: str = ""
    details: dict[str, Any] = json_column()
    reported_by: str | None = None
    happened_at: datetime = instant_column()
    received_at: datetime = instant_column()
    candidate: int | None = Field(default=None, foreign_key="candidate.id", index=True)
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)


class Candidate(SQLModel, table=True):
    """What may be an escalation, until a person decides; locked while it is changed.

    Attributes:
        account_key: The account, None for a customer without one; ``folded`` is the name by
            ``fold_name``.
        stake: What the first signal says.
        severity: Suggested, 1 to 4; ``trigger`` likewise.
        rank: As of a case, by severity and account, as they were when it was last changed.
        reasons: ``{"found": values of Reason}``, in the order in which they came.
        sensitive: Only its ``owner``, those who reported it and Legal may know of it.
        owner: The manager on duty when it came, None where there is none.
        received_at: When its first signal reached us; ``happened_at``, when that was said.
        told: What its sources are told of the decision; empty: nothing.
        case_number: The case that came of it, or to which it was added.
        issue: The number of the known issue as which it was logged; ``waiter`` is the line that the
            customer got on its list, None where they were on it already.
        undone: The last decision that was taken back: ``state``, ``by``, ``at`` (ISO 8601),
            ``why``, ``told``, and ``undone_by`` and ``undone_at``; empty where none was.
        asks: How often somebody was reminded to decide; ``ask_at`` is when next.
        channel: Where its message stands, with ``ts``; both empty until it is there.
    """

    __table_args__ = (
        Index(
            "ix_candidate_waiting", "rank", "received_at", "id",
            sqlite_where=WAITING, postgresql_where=WAITING,
        ),
        Index(
            "ix_candidate_account", "account_key",
            sqlite_where=WAITING, postgresql_where=WAITING,
        ),
        Index(
            "ix_candidate_customer", "folded",
            sqlite_where=WAITING, postgresql_where=WAITING,
        ),
    )  # fmt: skip

    id: int = Field(default=None, primary_key=True)
    account_key: str | None = None
    customer: str = ""
    folded: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    language: str
    stake: str = long_text()
    severity: int
    rank: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    trigger: str
    reasons: dict[str, Any] = json_column()
    sensitive: bool = False
    state: CandidateState = enum_text(CandidateState.WAITING)
    owner: str | None = None
    signals: int = 1
    happened_at: datetime = instant_column()
    received_at: datetime = instant_column()
    decided_by: str | None = None
    decided_at: datetime | None = instant_column(nullable=True)
    why: str = long_text()
    told: str = long_text()
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    issue: int | None = None
    waiter: int | None = None
    undone: dict[str, Any] = json_column("{}")
    asks: int = 0
    ask_at: datetime | None = instant_column(nullable=True, index=True)
    channel: str = ""
    ts: str = ""

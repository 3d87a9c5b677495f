"""The case: who carries it, what is asked, given and told."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.columns import (
    LINKED,
    OPEN_CASE,
    WATCHED,
    WATCHED_SQLITE,
    instant_column,
    json_column,
    long_text,
)


class Case(SQLModel, table=True):
    """An escalation. ``number`` is what people call it; ``version`` grows with every change.

    ``topic`` is what the channel's was last set to. ``drift`` is how Slack shows something else:
    a word to ``{"at": …, "seen": …}``; ``looked_at`` is when that was last compared.
    ``unreached`` is whom it called for in vain: a role to rows of ``who`` and ``reason``.
    ``ticket`` is the id of the ticket or conversation in ``helpdesk`` that the case is linked to,
    ``ticket_since`` from when what is written there counts here; empty: linked to none.
    ``legal``: the customer threatens legal action, since it was opened or since the flag.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        Index(
            "ix_escalation_open",
            "severity",
            "number",
            sqlite_where=OPEN_CASE,
            postgresql_where=OPEN_CASE,
        ),
        Index(
            "ix_escalation_watched",
            "executive",
            "severity",
            "number",
            sqlite_where=WATCHED_SQLITE,
            postgresql_where=WATCHED,
        ),
        Index(
            "ix_escalation_secret",
            "sensitive",
            "number",
            sqlite_where=OPEN_CASE,
            postgresql_where=OPEN_CASE,
        ),
        Index(
            "ix_escalation_ticket",
            "helpdesk",
            "ticket",
            sqlite_where=LINKED,
            postgresql_where=LINKED,
        ),
    )

    number: int = Field(default=None, primary_key=True)
    account_key: str | None = Field(default=None, foreign_key="account.key", index=True)
    customer: str = Field(index=True)
    stake: str = long_text()
    trigger: str
    severity: int = Field(index=True)
    status: str = Field(index=True)
    sensitive: bool = False
    legal: bool = False
    executive: bool = False
    executive_reason: str = long_text()
    ticket_url: str = long_text()
    source_link: str = long_text()
    helpdesk: str = ""
    ticket: str = ""
    ticket_since: datetime | None = instant_column(nullable=True)
    ticket_requester: str = ""  # the e-mail address of whoever opened the ticket; empty until read
    contact_name: str = ""
    contact_email: str = ""
    language: str = "en"
    reporter: str = Field(index=True)
    owner: str = Field(index=True)
    channel_id: str | None = Field(default=None, index=True)
    channel_name: str | None = None
    channel_state: str = "wanted"
    card_ts: str | None = None
    topic: str | None = None
    drift: dict[str, Any] = json_column()
    unreached: dict[str, Any] = json_column()
    looked_at: datetime | None = instant_column(nullable=True)
    hold_reason: str | None = None
    hold_until: datetime | None = instant_column(nullable=True, index=True)
    hold_since: datetime | None = instant_column(nullable=True)
    hold_note: str = long_text()
    hold_by: str | None = None
    resolution_type: str | None = None
    resolution_note: str = long_text()
    workaround_note: str = long_text()
    closure_code: str | None = None
    root_cause: str | None = None
    policy_version: str = ""
    received_at: datetime = instant_column()
    opened_at: datetime = instant_column()
    changed_at: datetime = instant_column(index=True)
    resolved_at: datetime | None = instant_column(nullable=True, index=True)
    closed_at: datetime | None = instant_column(nullable=True)
    postmortem_at: datetime | None = instant_column(nullable=True)
    problem: int | None = Field(default=None, index=True)
    version: int = 1


class CaseRole(SQLModel, table=True):
    """Who is what on a case; one person a role."""

    __tablename__ = "case_role"

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    role: str = Field(primary_key=True)
    user_id: str = Field(index=True)
    since: datetime = instant_column()
    given_by: str | None = None  # who answers for it; None: whoever holds it took it themselves


class Handover(SQLModel, table=True):
    """A role offered to somebody; ``state`` is offered, accepted or refused."""

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    role: str
    offered_by: str
    offered_to: str
    summary: str = long_text()
    state: str = "offered"
    reason: str = long_text()
    offered_at: datetime = instant_column()
    answered_at: datetime | None = instant_column(nullable=True)


class TimelineEvent(SQLModel, table=True):
    """Who did what, when, from what to what, why and from where. Append-only."""

    __tablename__ = "timeline_event"
    __table_args__ = (Index("ix_timeline_event_case_id", "case_number", "id"),)

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number")
    at: datetime = instant_column()
    actor: str
    verb: str
    before: dict[str, Any] = json_column()
    after: dict[str, Any] = json_column()
    why: str = long_text()
    source: str = ""


class Confirmation(SQLModel, table=True):
    """The latest word of a party on the resolution's quality."""

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    party: str = Field(primary_key=True)
    comfortable: bool
    by: str
    at: datetime = instant_column()
    remark: str = long_text()


class ActionItem(SQLModel, table=True):
    """What we will do differently: one owner, one due date, evidence when done."""

    __tablename__ = "action_item"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    title: str
    type: str
    owner: str = Field(index=True)
    due: date
    created_by: str
    next_reminder_at: datetime | None = instant_column(nullable=True, index=True)
    done_at: datetime | None = instant_column(nullable=True)
    evidence: str = long_text()


class Ask(SQLModel, table=True):
    """A decision asked of an executive.

    ``meaning`` says what an approval allows; an offer is one of up to ``amount`` (a number in
    decimal digits) of ``currency``, or of a share of a price where that is ``%``.
    """

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    asked_of: str = Field(index=True)
    asked_by: str
    question: str = long_text()
    asked_at: datetime = instant_column()
    meaning: str = Field(default="decision", sa_column_kwargs={"server_default": "decision"})
    amount: str = Field(default="", sa_column_kwargs={"server_default": ""})
    currency: str = Field(default="", sa_column_kwargs={"server_default": ""})
    answer: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant_column(nullable=True)

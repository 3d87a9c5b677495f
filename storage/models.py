"""The tables. Words are stored as the values of the enums in bot/rules/words.py."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.types import Instant

PENDING = text("state = 'pending'")
# Said in the same words by the queries, so that the databases see that the index serves them.
OPEN_CASE = text("status NOT IN ('closed', 'dismissed', 'merged')")
LATE = text("state = 'breached' AND stopped_at IS NULL AND name <> 'check_in'")


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """A column that holds an instant."""
    if nullable:
        return Field(default=None, sa_type=Instant, nullable=True, index=index)
    return Field(sa_type=Instant, nullable=False, index=index)


def json() -> Any:
    """A column that holds a JSON object, never null."""
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def long_text() -> Any:
    """A column for text of any length, never null."""
    return Field(default="", sa_column=Column(Text, nullable=False))


class Account(SQLModel, table=True):
    """A customer; ``arr`` is yearly revenue in whole units of ``currency``."""

    key: str = Field(primary_key=True)
    name: str = Field(index=True)
    folded: str = Field(index=True)
    tier: str = ""
    arr: int | None = None
    currency: str = "EUR"
    renewal: date | None = None
    csm: str | None = None
    account_executive: str | None = None
    sponsor: str | None = None
    language: str = "en"
    contact_name: str = ""
    contact_email: str = ""
    calendar: str | None = None


class Person(SQLModel, table=True):
    """What we last knew of a Slack user; ``dm_channel`` once we have written to them."""

    user_id: str = Field(primary_key=True)
    name: str
    email: str | None = None
    locale: str = "en-US"
    timezone: str = "UTC"
    dm_channel: str | None = None
    fetched_at: datetime = instant()


class Case(SQLModel, table=True):
    """An escalation. ``number`` is what people call it; ``version`` grows with every change."""

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
            "ix_escalation_secret",
            "sensitive",
            "number",
            sqlite_where=OPEN_CASE,
            postgresql_where=OPEN_CASE,
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
    executive: bool = False
    executive_reason: str = long_text()
    ticket_url: str = long_text()
    source_link: str = long_text()
    contact_name: str = ""
    contact_email: str = ""
    language: str = "en"
    reporter: str = Field(index=True)
    owner: str = Field(index=True)
    channel_id: str | None = Field(default=None, index=True)
    channel_name: str | None = None
    channel_state: str = "wanted"
    card_ts: str | None = None
    hold_reason: str | None = None
    hold_until: datetime | None = instant(nullable=True, index=True)
    hold_since: datetime | None = instant(nullable=True)
    hold_note: str = long_text()
    hold_by: str | None = None
    resolution_type: str | None = None
    resolution_note: str = long_text()
    workaround_note: str = long_text()
    closure_code: str | None = None
    root_cause: str | None = None
    policy_version: str = ""
    received_at: datetime = instant()
    opened_at: datetime = instant()
    changed_at: datetime = instant(index=True)
    resolved_at: datetime | None = instant(nullable=True, index=True)
    closed_at: datetime | None = instant(nullable=True)
    postmortem_at: datetime | None = instant(nullable=True)
    version: int = 1


class CaseRole(SQLModel, table=True):
    """Who is what on a case; one person a role."""

    __tablename__ = "case_role"

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    role: str = Field(primary_key=True)
    user_id: str = Field(index=True)
    since: datetime = instant()


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
    offered_at: datetime = instant()
    answered_at: datetime | None = instant(nullable=True)


class ClockEvent(SQLModel, table=True):
    """What happened to a case's clocks; clocks are computed from these, never edited."""

    __tablename__ = "clock_event"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    at: datetime = instant()
    recorded_at: datetime = instant()
    kind: str
    clock: str | None = None
    data: dict[str, Any] = json()


class CalendarSpec(SQLModel, table=True):
    """A calendar as it was when a clock used it; the key is a hash of the content."""

    __tablename__ = "calendar_spec"

    key: str = Field(primary_key=True)
    name: str
    spec: dict[str, Any] = json()


class Clock(SQLModel, table=True):
    """A clock as its events leave it; ``next_fire_at`` is when somebody must hear of it."""

    __table_args__ = (
        Index(
            "ix_clock_next_fire_at",
            "next_fire_at",
            sqlite_where=text("next_fire_at IS NOT NULL"),
            postgresql_where=text("next_fire_at IS NOT NULL"),
        ),
        Index("ix_clock_late", "case_number", sqlite_where=LATE, postgresql_where=LATE),
    )

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    name: str = Field(primary_key=True)
    state: str
    cycle: int = 1
    started_at: datetime = instant()
    due: datetime | None = instant(nullable=True)
    breached_at: datetime | None = instant(nullable=True, index=True)
    stopped_at: datetime | None = instant(nullable=True)
    next_fire_at: datetime | None = instant(nullable=True)


class Fired(SQLModel, table=True):
    """A reminder that was given: each (clock, cycle, threshold) once, for ever."""

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    clock: str = Field(primary_key=True)
    cycle: int = Field(primary_key=True)
    threshold: str = Field(primary_key=True)
    due: datetime = instant()
    fired_at: datetime = instant()
    said: bool = True


class Sighting(SQLModel, table=True):
    """Somebody pressed "Seen" on a clock's breach: it is not repeated to them."""

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    clock: str = Field(primary_key=True)
    cycle: int = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    at: datetime = instant()


class TimelineEvent(SQLModel, table=True):
    """Who did what, when, from what to what, why and from where. Append-only."""

    __tablename__ = "timeline_event"
    __table_args__ = (Index("ix_timeline_event_case_id", "case_number", "id"),)

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number")
    at: datetime = instant()
    actor: str
    verb: str
    before: dict[str, Any] = json()
    after: dict[str, Any] = json()
    why: str = long_text()
    source: str = ""


class SentMessage(SQLModel, table=True):
    """A customer message word for word, as a human sent it.

    ``state``: sent; queued while our mail is on its way; refused or bounced, with the ``reason``.
    Only sent ones count. ``evidence`` names the clock events that rest on it; ``link`` is where
    it can be read, when somebody sent it themselves.
    """

    __tablename__ = "sent_message"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    kind: str
    language: str
    text: str = long_text()
    sent_by: str
    sent_at: datetime = instant()
    recipient: str
    route: str
    next_update_at: datetime | None = instant(nullable=True)
    link: str = long_text()
    state: str = "sent"
    reason: str = long_text()
    evidence: dict[str, Any] = json()


class Mail(SQLModel, table=True):
    """A mail, ``direction`` out or in, known by its Message-ID; ``parents`` are its References.

    ``state`` of ours: queued, handed (given to the server, whose answer is not known), sent,
    refused, bounced. Of theirs: received, quarantined, released, dropped, automatic, unmatched.
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
    outbox_id: int | None = Field(default=None, index=True)
    state: str
    reason: str = long_text()
    handed_at: datetime | None = instant(nullable=True)
    at: datetime = instant()


class Secret(SQLModel, table=True):
    """A key that we made ourselves, because nobody gave us one."""

    name: str = Field(primary_key=True)
    value: str


class CustomerLink(SQLModel, table=True):
    """A page that a customer may open: ``kind`` is pulse, survey or status.

    ``score`` and ``effort`` are 1 to 5; ``remind_at`` is when an unanswered question is repeated;
    ``allowed``: somebody said that it may show a restricted case.
    """

    __tablename__ = "customer_link"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    kind: str
    made_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)
    allowed: bool = False
    remind_at: datetime | None = instant(nullable=True, index=True)
    score: int | None = None
    effort: int | None = None
    comment: str = long_text()
    answered_at: datetime | None = instant(nullable=True)
    changes: int = 0
    action: int | None = Field(default=None, foreign_key="action_item.id")


class Asking(SQLModel, table=True):
    """When a case's customer is asked next; ``pulsed_at`` is when they were asked last."""

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    pulse_at: datetime | None = instant(nullable=True, index=True)
    survey_at: datetime | None = instant(nullable=True, index=True)
    pulsed_at: datetime | None = instant(nullable=True)


class BreachTalk(SQLModel, table=True):
    """The conversation that a broken promise asks for; one at a time a case.

    ``clocks`` are those that were missed since; ``talked_at`` is when somebody had it.
    """

    __tablename__ = "breach_talk"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    clocks: dict[str, Any] = json()
    caller: str
    opened_at: datetime = instant()
    talked_at: datetime | None = instant(nullable=True)
    talked_by: str = ""
    way: str = ""
    outcome: str = long_text()
    offered: str = long_text()


class Draft(SQLModel, table=True):
    """A customer message that a second person must approve before it is sent.

    ``digest`` is of kind, recipient and text: an approval is of these and nothing else.
    ``fields`` is the whole form, so that it opens again as it was. ``state`` is waiting,
    approved, returned, void (the text was changed) or sent.
    """

    __tablename__ = "customer_draft"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    kind: str
    text: str = long_text()
    recipient: str
    digest: str
    fields: dict[str, Any] = json()
    author: str
    state: str = "waiting"
    asked_at: datetime = instant()
    approver: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant(nullable=True)


class MessageTemplate(SQLModel, table=True):
    """A customer template that people wrote; those in files are its version 1 and so on.

    ``state`` is proposed, approved, returned or withdrawn; whether it has expired is a matter
    of the day.
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
    state: str = "proposed"
    proposed_by: str
    proposed_at: datetime = instant()
    approver: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant(nullable=True)
    withdrawn_by: str | None = None
    withdrawn_why: str = long_text()
    withdrawn_at: datetime | None = instant(nullable=True)


class Confirmation(SQLModel, table=True):
    """The latest word of a party on the resolution's quality."""

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    party: str = Field(primary_key=True)
    comfortable: bool
    by: str
    at: datetime = instant()
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
    next_reminder_at: datetime | None = instant(nullable=True, index=True)
    done_at: datetime | None = instant(nullable=True)
    evidence: str = long_text()


class Ask(SQLModel, table=True):
    """A decision asked of an executive."""

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    asked_of: str = Field(index=True)
    asked_by: str
    question: str = long_text()
    asked_at: datetime = instant()
    answer: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant(nullable=True)


class Digest(SQLModel, table=True):
    """An executive's morning: when it is next due, and what the last one said."""

    user_id: str = Field(primary_key=True)
    next_at: datetime = instant(index=True)
    last_at: datetime | None = instant(nullable=True)
    fingerprint: str = ""


class Inbox(SQLModel, table=True):
    """A delivery that was accepted, under its identity; ``state`` is pending or done.

    Rows of one ``lane`` (a case, where it is about one) are carried out in order of ``id``.
    ``reply`` says where its private answer goes; ``answer`` is what the use case said.
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
    intent: dict[str, Any] = json()
    reply: dict[str, Any] = json()
    state: str = "pending"
    lease_until: datetime | None = instant(nullable=True)
    attempts: int = 0
    answer: dict[str, Any] = json()
    correlation: str = ""
    received_at: datetime = instant()


class Outbox(SQLModel, table=True):
    """One effect that Slack must show. Rows of one lane happen in order of ``id``.

    ``state`` is pending, done, refused (Slack said no) or dropped (a person gave it up);
    whoever may sees the refused ones and queues them again. ``attempted_at`` is set before
    the call, so that a retry knows to look for what an earlier try may have done.
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
    payload: dict[str, Any] = json()
    after: int | None = None
    priority: int = 50
    state: str = "pending"
    not_before: datetime | None = instant(nullable=True)
    lease_until: datetime | None = instant(nullable=True)
    attempts: int = 0
    attempted_at: datetime | None = instant(nullable=True)
    error: str = ""
    result: dict[str, Any] = json()
    correlation: str = ""
    queued_at: datetime = instant()
    done_at: datetime | None = instant(nullable=True)


class PolicyVersion(SQLModel, table=True):
    """A policy that was in force: what cases opened under it were promised."""

    __tablename__ = "policy_version"

    version: str = Field(primary_key=True)
    spec: dict[str, Any] = json()
    since: datetime = instant()

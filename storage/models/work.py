"""What came in and what must go out: the two queues between Slack and the use cases.

A row of the inbox is stored before Slack is acknowledged; a use case changes the store and leaves
rows of the outbox in one transaction; delivery performs these afterwards. Leases are explained in
``bot.engine.leases``, their claims in ``bot.engine.inbox`` and ``bot.engine.outbox_claims``.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.rules.states import InboxState, OutboxState
from storage.columns import PENDING, enum_text, instant_column, json_column, long_text


class Inbox(SQLModel, table=True):
    """A delivery that was accepted, under its identity: a second one with the same ``key`` is
    ignored.

    Rows of one ``lane`` (``case:7``, ``problem:3``; empty where it is about neither) are carried
    out in order of ``id``. ``claims`` counts how often the row was claimed: only the process that
    knows the latest count holds it, until ``lease_until``. ``attempts`` are failures of the use
    case, ``crashes`` holders that did not live to its end. ``correlation`` is the reference in
    logs, and that of the outbox's rows it led to.

    - ``intent``: the fields of the verb's intent, as pydantic dumps them to JSON.
    - ``reply``: where its private answer goes: ``{"user_id", "channel_id", "response_url"}``.
    - ``answer``: what the use case said: ``{"text": "notice:…", "extra": {…}, "case": 7}``; empty
      for nothing to say.
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
    """One effect that Slack, a mail server or a help desk must show. Rows of one lane keep their
    order.

    Within a lane (``dm:U1``, or a subject and a part of it) they happen in order of ``id``; between
    lanes, the lowest ``priority`` first. ``after`` is the id of a row that must have ended before,
    in whatever state. ``payload`` depends on ``kind``: ``{"text", "extra"}`` for posts and direct
    messages, ``user`` or ``users`` for people, ``problem`` where it is about a problem. ``result``
    is what performing it taught, such as ``{"ts": …}``; ``error`` is the latest refusal.

    ``attempted_at`` is set before the call, so that a retry knows to look for what an earlier try
    may have done, and ``attempted_slack`` is the same instant by Slack's clock. ``not_before``
    delays a retry. ``claims`` counts how often the row was claimed: only the process that knows the
    latest count may record what became of it. An administrator sees the refused rows and may queue
    them again.
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


class SeenRequest(SQLModel, table=True):
    """A request that only showed something, under its identity, so that it is answered once.

    Unlike a row of the inbox it is stored when it is answered, not before it is acknowledged, and
    says nothing of what was asked. It is removed after a day.
    """

    __tablename__ = "seen_request"

    key: str = Field(primary_key=True)
    at: datetime = instant_column(index=True)


class TerminalAction(SQLModel, table=True):
    """What an administrator did from a terminal. Append-only.

    ``by`` is the operating system's user and machine (``ada@desk-1``), ``command`` what was run
    (``outbox drop``), ``case_number`` the case that it was about, if it was about one. ``about``
    depends on the command and holds no customer's words.
    """

    __tablename__ = "terminal_action"

    id: int = Field(default=None, primary_key=True)
    at: datetime = instant_column()
    by: str
    command: str
    case_number: int | None = Field(default=None, index=True)
    about: dict[str, Any] = json_column()


class AuditEvent(SQLModel, table=True):
    """A link of the chain: one row of a record, as digests. The database refuses to change it.

    ``record`` is the row's table and ``row`` its id; ``at``, ``what`` (a verb, a kind of clock
    event, a command), ``about`` (``ESC-7``) and ``source`` are the row's own. ``who`` and
    ``content`` are digests with the salt of ``AuditSalt``. ``hash`` covers all of it and
    ``previous``, the hash of the link before; ``seq`` has no gaps.
    """

    __tablename__ = "audit_event"
    __table_args__ = (UniqueConstraint("record", "row"),)

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    form: int
    record: str
    row: int
    at: datetime = instant_column()
    what: str
    about: str
    source: str
    who: str
    content: str
    previous: str
    hash: str


class AuditSalt(SQLModel, table=True):
    """The salt of a link's digests, beside the chain.

    What they cover cannot be tried without it.
    """

    __tablename__ = "audit_salt"

    seq: int = Field(
        primary_key=True, foreign_key="audit_event.seq", sa_column_kwargs={"autoincrement": False}
    )
    salt: str


class SetupChoice(SQLModel, table=True):
    """What was said of a step of the installation (``SetupStep``), and of the last test mail.

    ``skipped_by`` is who said at ``skipped_at`` that it is not needed here, empty for no one. The
    rest is of the test mail alone: who asked for it, when, how it ended (``TrialEnd``), and what
    the mail server said, in its own words.
    """

    __tablename__ = "setup_choice"

    step: str = Field(primary_key=True)
    skipped_by: str = ""
    skipped_at: datetime | None = instant_column(nullable=True)
    tried_by: str = ""
    tried_at: datetime | None = instant_column(nullable=True)
    trial_end: str = ""
    server_said: str = long_text()

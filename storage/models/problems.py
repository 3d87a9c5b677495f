"""One problem and its many customers: who is affected, what they were told, what agents say."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text, true
from sqlmodel import Field, SQLModel

from bot.rules.states import ApprovalState, ProblemState, RecipientState
from storage.columns import enum_text, instant_column, json_column, long_text


def _added_text() -> Any:
    """A column that rows of earlier versions have empty."""
    return Field(default="", sa_column_kwargs={"server_default": ""})


class Problem(SQLModel, table=True):
    """What cases have in common. ``known`` is what we know, ``scope`` who is and is not affected.

    ``next_update_at`` is when all of them hear from us next; ``cycle_began_at`` is since when,
    ``promised`` whether a broadcast said so. ``heard_to`` is the last threshold that was said,
    ``next_fire_at`` the next one, None once nothing more will be said. ``state`` is open or
    resolved, then with the ``outcome``; a known issue has its row here as well, with the state
    ``known``, the least severity and no clock. ``severity`` is 1 to 4, 1 the gravest.

    ``step`` counts what customers had to be told of while it was a known issue; 0 for a problem
    that never was one. Who was told of an earlier step is told anew.
    """

    __table_args__ = (
        Index(
            "ix_problem_next_fire_at",
            "next_fire_at",
            sqlite_where=text("next_fire_at IS NOT NULL"),
            postgresql_where=text("next_fire_at IS NOT NULL"),
        ),
    )

    number: int = Field(default=None, primary_key=True)
    title: str
    known: str = long_text()
    scope: str = long_text()
    severity: int
    state: ProblemState = enum_text(ProblemState.OPEN)
    owner: str = Field(index=True)
    channel_id: str | None = Field(default=None, index=True)
    channel_name: str | None = None
    card_ts: str | None = None
    next_update_at: datetime | None = instant_column(nullable=True)
    cycle_began_at: datetime = instant_column()
    promised: bool = False
    heard_to: datetime | None = instant_column(nullable=True)
    next_fire_at: datetime | None = instant_column(nullable=True)
    step: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    opened_by: str
    opened_at: datetime = instant_column()
    resolved_at: datetime | None = instant_column(nullable=True)
    outcome: str = long_text()


class ProblemEvent(SQLModel, table=True):
    """A problem's record: who did what, when, why. Append-only.

    The keys of ``after`` depend on ``verb``, as in ``TimelineEvent``; the texts are under
    ``problem.event`` in the locale.
    """

    __tablename__ = "problem_event"

    id: int = Field(default=None, primary_key=True)
    problem: int = Field(foreign_key="problem.number", index=True)
    at: datetime = instant_column()
    actor: str
    verb: str
    after: dict[str, Any] = json_column()
    why: str = long_text()


class Affected(SQLModel, table=True):
    """A customer who has the problem, with the evidence: what, where, who said so, when.

    Tier, region and language are not stored: they are those of the account at the time of reading.
    ``folded`` tells customers apart: one row for each within a problem, also after a removal, which
    sets ``removed_at`` and keeps the row. ``case_number`` is the customer's case, if there is one.

    What was said when they were listed, and goes before what the account says: ``contact_name``,
    ``contact_email``, ``language`` (a code) and ``ticket_url``, the ticket of a help desk in which
    they wait. ``source`` is where the report came from, where that is no ``link``.
    """

    __table_args__ = (UniqueConstraint("problem", "folded"),)

    id: int = Field(default=None, primary_key=True)
    problem: int = Field(foreign_key="problem.number", index=True)
    folded: str
    customer: str
    account_key: str | None = Field(default=None, foreign_key="account.key", index=True)
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    evidence: str = long_text()
    link: str = long_text()
    contact_name: str = _added_text()
    contact_email: str = _added_text()
    language: str = _added_text()
    ticket_url: str = _added_text()
    source: str = _added_text()
    said_by: str
    said_at: datetime = instant_column()
    removed_by: str | None = None
    removed_why: str = long_text()
    removed_at: datetime | None = instant_column(nullable=True)


class Broadcast(SQLModel, table=True):
    """One message to many customers; ``texts`` maps a language's code to the words.

    ``digest`` is of all that goes out, line by line, and of the promise. ``audience`` is all,
    untold, or ``tier:``, ``region:``, ``language:`` and a value. ``state`` is waiting, approved
    (until ``expires_at``), returned, void or sent. ``before`` is empty until it is sent, then the
    problem's cycle that it ended, ``{"began", "due", "promised"}`` (ISO 8601 and a boolean): it is
    put back when the broadcast reaches no customer.

    ``promises`` is False for a notice of a known issue: then ``next_update_at`` is only when the
    words are too old to be sent. ``step`` is what it tells of, the problem's when it was proposed.
    """

    id: int = Field(default=None, primary_key=True)
    problem: int = Field(foreign_key="problem.number", index=True)
    audience: str
    texts: dict[str, Any] = json_column()
    next_update_at: datetime = instant_column()
    promises: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    step: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    digest: str
    state: ApprovalState = enum_text(ApprovalState.WAITING)
    expires_at: datetime | None = instant_column(nullable=True)
    author: str
    asked_at: datetime = instant_column()
    approver: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant_column(nullable=True)
    sent_by: str | None = None
    sent_at: datetime | None = instant_column(nullable=True)
    before: dict[str, Any] = json_column()


class BroadcastRecipient(SQLModel, table=True):
    """What becomes of a broadcast for one customer; ``owner`` sends it where ``route`` is hand.

    ``text`` is what this customer reads, kept when the broadcast is proposed. ``state``: planned,
    queued, delivered, failed (with the ``reason``), left (not sent, since no longer affected).
    Where the customer has a case the message is that case's (``sent_message``). ``replied_at`` is
    set by the first answer that is surely theirs.
    """

    __tablename__ = "receipt"

    __table_args__ = (UniqueConstraint("broadcast", "affected"),)

    id: int = Field(default=None, primary_key=True)
    broadcast: int = Field(foreign_key="broadcast.id", index=True)
    affected: int = Field(foreign_key="affected.id", index=True)
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    language: str
    text: str = long_text()
    recipient: str = ""
    route: str = "mail"
    owner: str
    state: RecipientState = enum_text(RecipientState.PLANNED)
    reason: str = long_text()
    link: str = long_text()
    sent_message: int | None = Field(default=None, foreign_key="sent_message.id")
    delivered_at: datetime | None = instant_column(nullable=True)
    replied_at: datetime | None = instant_column(nullable=True)


class TalkingPoints(SQLModel, table=True):
    """What agents say about a problem. ``state``: proposed, approved, returned, withdrawn, expired.

    ``scope`` is the problem's when they were proposed: another scope withdraws them. ``next_at`` is
    when the unread are reminded, or the points expire; None once they have ended. ``reminded``
    counts the reminders. One version of a problem is in force at a time.
    """

    __tablename__ = "talking_points"
    __table_args__ = (UniqueConstraint("problem", "version"),)

    id: int = Field(default=None, primary_key=True)
    problem: int = Field(foreign_key="problem.number", index=True)
    version: int
    say: str = long_text()
    dont_say: str = long_text()
    questions: str = long_text()
    scope: str = long_text()
    expires_at: datetime = instant_column()
    state: ApprovalState = enum_text(ApprovalState.PROPOSED)
    author: str
    asked_at: datetime = instant_column()
    approver: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant_column(nullable=True)
    ended_by: str | None = None
    ended_why: str = long_text()
    ended_at: datetime | None = instant_column(nullable=True)
    reminded: int = 0
    next_at: datetime | None = instant_column(nullable=True, index=True)


class PointsPost(SQLModel, table=True):
    """Where talking points were pushed to; an ended version is struck through there."""

    __tablename__ = "points_post"

    points: int = Field(primary_key=True, foreign_key="talking_points.id")
    channel: str = Field(primary_key=True)
    ts: str


class PointsReader(SQLModel, table=True):
    """Who must read talking points, and when they pressed “Read”; None while they have not."""

    __tablename__ = "points_reader"

    points: int = Field(primary_key=True, foreign_key="talking_points.id")
    user_id: str = Field(primary_key=True)
    read_at: datetime | None = instant_column(nullable=True)

"""One problem and its many customers: who is affected, what they were told, what agents say."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.rules.states import ApprovalState, RecipientState
from storage.columns import enum_text, instant_column, json_column, long_text


class Problem(SQLModel, table=True):
    """What cases have in common. ``known`` is what we know, ``scope`` who is and is not affected.

    ``next_update_at`` is when all of them hear from us next; ``cycle_began_at`` is since when,
    ``promised`` whether a broadcast said so. ``heard_to`` is the last threshold that was said,
    ``next_fire_at`` the next one. ``state`` is open or resolved.
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
    state: str = "open"
    owner: str = Field(index=True)
    channel_id: str | None = Field(default=None, index=True)
    channel_name: str | None = None
    card_ts: str | None = None
    next_update_at: datetime | None = instant_column(nullable=True)
    cycle_began_at: datetime = instant_column()
    promised: bool = False
    heard_to: datetime | None = instant_column(nullable=True)
    next_fire_at: datetime | None = instant_column(nullable=True)
    opened_by: str
    opened_at: datetime = instant_column()
    resolved_at: datetime | None = instant_column(nullable=True)
    outcome: str = long_text()


class ProblemEvent(SQLModel, table=True):
    """A problem's record: who did what, when, why. Append-only."""

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

    Tier, region and language are the account's of now; ``folded`` tells customers apart.
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
    said_by: str
    said_at: datetime = instant_column()
    removed_by: str | None = None
    removed_why: str = long_text()
    removed_at: datetime | None = instant_column(nullable=True)


class Broadcast(SQLModel, table=True):
    """One message to many customers; ``texts`` by language. ``digest`` is of all that goes out.

    ``audience`` is all, untold, or ``tier:``, ``region:``, ``language:`` and a value. ``state`` is
    waiting, approved (until ``expires_at``), returned, void or sent. ``before`` is the problem's
    cycle that it ended.
    """

    id: int = Field(default=None, primary_key=True)
    problem: int = Field(foreign_key="problem.number", index=True)
    audience: str
    texts: dict[str, Any] = json_column()
    next_update_at: datetime = instant_column()
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
    """What became of a broadcast for one customer; ``owner`` sends it where ``route`` is hand.

    ``state``: planned, queued, delivered, failed, left (no longer affected when it was sent).
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

    ``next_at`` is when the unread are reminded, or the points expire.
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
    """Where talking points were pushed to."""

    __tablename__ = "points_post"

    points: int = Field(primary_key=True, foreign_key="talking_points.id")
    channel: str = Field(primary_key=True)
    ts: str


class PointsReader(SQLModel, table=True):
    """Who has to read talking points, and when they pressed “Read”."""

    __tablename__ = "points_reader"

    points: int = Field(primary_key=True, foreign_key="talking_points.id")
    user_id: str = Field(primary_key=True)
    read_at: datetime | None = instant_column(nullable=True)

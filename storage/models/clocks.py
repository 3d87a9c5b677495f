"""The clocks' events, what is made of them, and whose mornings they fill."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.columns import LATE, instant_column, json_column


class ClockEvent(SQLModel, table=True):
    """What happened to a case's clocks; clocks are computed from these, never edited."""

    __tablename__ = "clock_event"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    at: datetime = instant_column()
    recorded_at: datetime = instant_column()
    kind: str
    clock: str | None = None
    data: dict[str, Any] = json_column()


class CalendarSpec(SQLModel, table=True):
    """A calendar as it was when a clock used it; the key is a hash of the content."""

    __tablename__ = "calendar_spec"

    key: str = Field(primary_key=True)
    name: str
    spec: dict[str, Any] = json_column()


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
    started_at: datetime = instant_column()
    due: datetime | None = instant_column(nullable=True)
    breached_at: datetime | None = instant_column(nullable=True, index=True)
    stopped_at: datetime | None = instant_column(nullable=True)
    next_fire_at: datetime | None = instant_column(nullable=True)


class Fired(SQLModel, table=True):
    """A reminder that was given: each (clock, cycle, threshold) once, for ever."""

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    clock: str = Field(primary_key=True)
    cycle: int = Field(primary_key=True)
    threshold: str = Field(primary_key=True)
    due: datetime = instant_column()
    fired_at: datetime = instant_column()
    said: bool = True


class Sighting(SQLModel, table=True):
    """Somebody pressed "Seen" on a clock's breach: it is not repeated to them."""

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    clock: str = Field(primary_key=True)
    cycle: int = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    at: datetime = instant_column()


class Digest(SQLModel, table=True):
    """An executive's morning: when it is next due, and what the last one said."""

    user_id: str = Field(primary_key=True)
    next_at: datetime = instant_column(index=True)
    last_at: datetime | None = instant_column(nullable=True)
    fingerprint: str = ""


class PolicyVersion(SQLModel, table=True):
    """A policy that was in force: what cases opened under it were promised."""

    __tablename__ = "policy_version"

    version: str = Field(primary_key=True)
    spec: dict[str, Any] = json_column()
    since: datetime = instant_column()

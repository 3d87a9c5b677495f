"""The clocks' events, what is computed from them, and the mornings on which executives hear of
them.

Only ``ClockEvent`` is the truth of a clock; ``Clock`` is computed from it again by
``bot.sla.clocks`` after every event. ``Fired`` and ``Sighting`` keep a reminder from being
repeated, after a restart too.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.columns import LATE, instant_column, json_column


class ClockEvent(SQLModel, table=True):
    """What happened to a case's clocks; never edited. ``clock`` None: it concerns all of them.

    ``at`` is when it became true, which may be long before ``recorded_at``. ``kind`` is an
    ``EventKind`` of ``bot.rules.sla``, or ``withdrawn``. ``data`` has the other fields of its
    ``Event``, those that are None left out:

    - ``target``: ``{"minutes", "business_days", "calendar_days"}``, of which one is a number.
    - ``calendar``: the key of a ``CalendarSpec``.
    - ``received_at``, ``promised_at``: ISO 8601.
    - ``pause_on``, ``warn_pct``, ``ladder_minutes``: lists.
    - ``events``, of a withdrawn entry only: the ids of the events that no longer count.
    """

    __tablename__ = "clock_event"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    at: datetime = instant_column()
    recorded_at: datetime = instant_column()
    kind: str
    clock: str | None = None
    data: dict[str, Any] = json_column()


class CalendarSpec(SQLModel, table=True):
    """A calendar as it was when a clock used it, so that its due times stay explicable.

    ``key`` is made of the content (``Calendar.key``), so a row never changes and replicas may store
    the same one at once. ``spec`` is what ``Calendar.from_spec`` reads.
    """

    __tablename__ = "calendar_spec"

    key: str = Field(primary_key=True)
    name: str
    spec: dict[str, Any] = json_column()


class Clock(SQLModel, table=True):
    """A clock as its events leave it: a projection that may be computed again at any time.

    ``name`` is a ``ClockKind``, with ``:`` and a number where a case has several (``handoff:3``).
    ``cycle`` counts from 1. ``due`` is None while the clock is paused or owes nothing.
    ``next_fire_at`` is when the next reminder is due: the scheduler looks for nothing else. None:
    nothing more will be said.
    """

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
    """A reminder that was given: each (clock, cycle, threshold) once, for ever.

    ``threshold`` is ``warn:75`` (percent), ``breach``, ``ladder:1`` (the second, counted from
    0), or ``retracted`` for an alarm that was taken back. ``due`` is when it should have been
    given. ``said`` is False where it was passed while the app was away and folded into a later one.
    """

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    clock: str = Field(primary_key=True)
    cycle: int = Field(primary_key=True)
    threshold: str = Field(primary_key=True)
    due: datetime = instant_column()
    fired_at: datetime = instant_column()
    said: bool = True


class EndedClocks(SQLModel, table=True):
    """What the clocks of a closed case came to, so that figures need not replay its events.

    Computed again whenever ``version`` is not that of the case. ``data`` is what ``CaseClocks`` of
    ``bot.rules.reports.records`` makes, with the instants of reopenings under ``reopened``.
    """

    __tablename__ = "ended_clocks"

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    version: int
    data: dict[str, Any] = json_column()


class Sighting(SQLModel, table=True):
    """A person pressed "Seen" on a clock's breach: it is not repeated to them in this cycle."""

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    clock: str = Field(primary_key=True)
    cycle: int = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    at: datetime = instant_column()


class Digest(SQLModel, table=True):
    """An executive's morning: when it is next due, and what the last one said.

    ``last_at`` is where the next one begins to look; None: a day back. ``fingerprint`` is of what
    was said last, so that a morning without news sends nothing; empty before the first.
    """

    user_id: str = Field(primary_key=True)
    next_at: datetime = instant_column(index=True)
    last_at: datetime | None = instant_column(nullable=True)
    fingerprint: str = ""


class MorningNotice(SQLModel, table=True):
    """What a person hears next morning, where the policy says ``digest``; gone once it was said.

    ``text`` and ``extra`` are those of a direct message, ``at`` is the person's own morning.
    """

    __tablename__ = "morning_notice"

    id: int = Field(default=None, primary_key=True)
    user_id: str
    case_number: int = Field(foreign_key="escalation.number", index=True)
    text: str
    extra: dict[str, Any] = json_column()
    at: datetime = instant_column(index=True)


class PolicyVersion(SQLModel, table=True):
    """A policy that was in force: what cases opened under it were promised.

    ``spec`` is its complete tables, defaults included, as ``policy_from_spec`` reads them.
    ``version`` is made of that content, and stored once, by the first process that starts with it.
    """

    __tablename__ = "policy_version"

    version: str = Field(primary_key=True)
    spec: dict[str, Any] = json_column()
    since: datetime = instant_column()

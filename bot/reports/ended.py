"""Keeps how closed cases went, so that a report need not replay their clocks and records.

Only the events of the clocks and the record are true; what is kept here may be computed again at
any time, and is as soon as the case changes. Done every hour, a few hundred cases in each short
transaction, and cut short at any point without harm: what is not kept yet, a report computes
itself.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy import select as sa_select
from sqlmodel import col, delete, exists, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import TimeSource
from bot.rules.policy.suspicious_pauses import Pause, pauses_of
from bot.rules.reports.course import STATUS, STEPPING, CaseCourse, Entry, record_stays
from bot.rules.reports.handling import SOON_REOPENED
from bot.rules.reports.records import record_clocks
from bot.rules.sla import State
from bot.rules.words import Status
from bot.sla.clock_history import ClockSnapshot, load_snapshots
from storage.database import Database
from storage.models import Case, Clock, EndedClocks, TimelineEvent

WINDOW = 200  # cases in one transaction
AT_ONCE = 20  # cases that are replayed without a pause
WINDOWS_MAX = 100  # a round; the next one goes on
LOCK = "ended clocks"
HOLD = "hold"  # the verb that pauses clocks

log = structlog.get_logger()


class KeepingServices(Protocol):
    """What keeping needs of the process."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""


async def keep_ended(services: KeepingServices) -> int:
    """Keep the clocks of closed cases that are not kept yet; answers how many cases.

    Of a case with a clock that goes on nothing is kept yet. Ends early where another replica is at
    it.
    """
    kept = 0
    for _ in range(WINDOWS_MAX):
        async with services.database.write() as session:
            if not await services.database.try_exclusive(session, LOCK):
                break
            found = await _keep_some(session, services.clock.now())
        kept += found
        if found < WINDOW:
            break
    if kept:
        log.info("kept ended clocks", cases=kept)
    return kept


async def _keep_some(session: AsyncSession, now: datetime) -> int:
    """Keep those of the next cases; what was kept of an earlier version is replaced.

    Answers how many; fewer than ``WINDOW`` were the last.
    """
    rows = (await session.exec(_to_keep().limit(WINDOW))).all()
    versions: dict[int, int] = dict(rows)
    if not versions:
        return 0
    told = await read_courses(session, list(versions), now)
    await session.exec(delete(EndedClocks).where(col(EndedClocks.case_number).in_(versions)))
    for number, version in versions.items():
        data = told[number].to_spec()
        session.add(EndedClocks(case_number=number, version=version, data=data))
    return len(versions)


def _to_keep() -> Any:
    """Number and version of closed cases without a clock that goes on, and not kept as they are.

    A clock goes on until it is stopped or cancelled; one that is late and not done goes on.
    """
    number = col(Case.number)
    going = (
        exists()
        .where(col(Clock.case_number) == number)
        .where(col(Clock.stopped_at).is_(None), col(Clock.state) != State.CANCELLED)
    )
    known = col(EndedClocks.case_number) == number
    stale = or_(col(EndedClocks.version).is_(None), col(EndedClocks.version) != col(Case.version))
    query = select(Case.number, Case.version).outerjoin(EndedClocks, known)
    return query.where(col(Case.status) == Status.CLOSED, stale, ~going).order_by(number)


async def read_courses(
    session: AsyncSession, numbers: Sequence[int], now: datetime
) -> dict[int, CaseCourse]:
    """How these cases went, by their clocks' events and their record. Five statements.

    The loop goes on after every ``AT_ONCE`` cases: a replay takes about a millisecond.
    """
    snapshots = await load_snapshots(session, numbers)
    found: dict[int, list[Any]] = {number: [] for number in numbers}
    for row in (await session.exec(_entries(numbers))).all():
        found[row.number].append(row)
    courses: dict[int, CaseCourse] = {}
    for done, number in enumerate(numbers, start=1):
        courses[number] = _course(number, snapshots.pop(number), found.pop(number), now)
        if done % AT_ONCE == 0:
            await asyncio.sleep(0)
    return courses


def _entries(numbers: Collection[int]) -> Any:
    """What the record says of status and pauses of these cases, in its order."""
    event = TimelineEvent
    query: Any = sa_select(
        col(event.case_number).label("number"), col(event.verb), col(event.at), col(event.actor),
        col(event.before), col(event.after), col(Case.resolved_at),
    )  # fmt: skip
    query = query.join(Case, col(Case.number) == col(event.case_number))
    query = query.where(col(event.case_number).in_(numbers), col(event.verb).in_((*STEPPING, HOLD)))
    return query.order_by(col(event.id))


def _course(number: int, snapshot: ClockSnapshot, rows: list[Any], now: datetime) -> CaseCourse:
    """How one case went; ``rows`` are those of ``_entries``.

    Who set a pause is the actor of the latest hold by then. Only a case with a pause is replayed
    once more for each, so those without cost nothing.
    """
    holders = [(row.at, row.actor) for row in rows if row.verb == HOLD]
    states, history = snapshot.states(now), snapshot.history
    pauses: list[Pause] = []
    if any(state.paused_spans for state in states.values()):  # each costs a replay
        set_by = partial(_by, holders)
        pauses = pauses_of(f"ESC-{number}", history.events, history.calendars, set_by)
    entries = [
        Entry(row.at, str(row.before.get(STATUS) or ""), str(row.after.get(STATUS) or ""))
        for row in rows
        if row.verb != HOLD
    ]
    resolved = rows[0].resolved_at if rows else None
    return CaseCourse(
        record_clocks(states), _reopened(rows), record_stays(entries, resolved), tuple(pauses)
    )


def _by(holders: Sequence[tuple[datetime, str]], at: datetime) -> str:
    """The actor of the latest hold at that time; empty for none."""
    return next((actor for when, actor in reversed(holders) if when <= at), "")


def _reopened(rows: Sequence[Any]) -> tuple[datetime, ...]:
    """When a case was reopened soon after a solution, the earliest first."""
    found: list[datetime] = []
    solved: datetime | None = None
    for row in rows:
        if row.verb == "resolve":
            solved = row.at
        elif row.verb == "reopen" and solved is not None and row.at - solved <= SOON_REOPENED:
            found.append(row.at)
    return tuple(found)

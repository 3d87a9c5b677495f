"""Keeps what the clocks of closed cases came to, so that a report need not replay them all.

Only the events of the clocks are true; what is kept here may be computed again at any time, and is
as soon as the case changes. Done every hour, a few hundred cases in each short transaction, and cut
short at any point without harm: what is not kept yet, a report computes itself.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlmodel import col, delete, exists, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import TimeSource
from bot.rules.reports.handling import SOON_REOPENED
from bot.rules.reports.records import CaseClocks, record_clocks
from bot.rules.sla import State
from bot.rules.words import Status
from bot.sla.clock_history import load_snapshots
from storage.database import Database
from storage.models import Case, Clock, EndedClocks, TimelineEvent

WINDOW = 200  # cases in one transaction
WINDOWS_MAX = 100  # a round; the next one goes on
LOCK = "ended clocks"
REOPENED = "reopened"  # under which reopenings are kept beside the clocks

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
    told = await read_clocks(session, list(versions), now)
    await session.exec(delete(EndedClocks).where(col(EndedClocks.case_number).in_(versions)))
    for number, version in versions.items():
        clocks, reopened = told[number]
        data = clocks.to_spec() | {REOPENED: [at.timestamp() for at in reopened]}
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


async def read_clocks(
    session: AsyncSession, numbers: Sequence[int], now: datetime
) -> dict[int, tuple[CaseClocks, tuple[datetime, ...]]]:
    """The clocks of these cases by their events, and their reopenings. Five statements."""
    snapshots = await load_snapshots(session, numbers)
    reopened = await _reopenings(session, numbers)
    return {
        number: (record_clocks(snapshots[number].states(now)), tuple(reopened.get(number, ())))
        for number in numbers
    }


async def _reopenings(session: AsyncSession, numbers: Collection[int]) -> dict[int, list[datetime]]:
    """When these cases were reopened soon after a solution, by number, the earliest first."""
    query = select(TimelineEvent.case_number, TimelineEvent.verb, TimelineEvent.at).where(
        col(TimelineEvent.case_number).in_(numbers),
        col(TimelineEvent.verb).in_(("resolve", "reopen")),
    )
    found: dict[int, list[datetime]] = {}
    solved: dict[int, datetime] = {}
    for number, verb, at in (await session.exec(query.order_by(col(TimelineEvent.id)))).all():
        if verb == "resolve":
            solved[number] = at
        elif number in solved and at - solved[number] <= SOON_REOPENED:
            found.setdefault(number, []).append(at)
    return found

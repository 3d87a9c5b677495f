"""Lists of candidates: what waits for a decision, and what a person reported.

Each page is read by the index of what waits, so it costs the same however many wait; how many there
are is counted up to ``WAITING_MAX`` only.
"""

from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.intake.candidates import reported_by
from bot.rules.facts import WAITING_MAX, CandidateLine, CandidatePageFacts
from bot.rules.intake import Reason
from bot.rules.severity import ORDER
from bot.rules.states import CandidateState
from bot.rules.words import Severity
from storage.models import Candidate

LIST = 10  # candidates on a page


def select_waiting(known: ColumnElement[bool]) -> Any:
    """What waits, by priority; ``known`` is the condition of what the reader may know of.

    Among equals by when the first signal reached us, the oldest first, and of the same instant by
    id; a statement, not yet run.
    """
    waits = col(Candidate.state) == CandidateState.WAITING
    query = select(Candidate).where(waits, known)
    return query.order_by(col(Candidate.rank), col(Candidate.received_at), col(Candidate.id))


async def list_waiting(
    session: AsyncSession, known: ColumnElement[bool], page: int
) -> CandidatePageFacts:
    """A page of what waits, and how many wait.

    Up to ``LIST`` on a page; the count ends at ``WAITING_MAX``, and is of what the reader may know
    of.
    """
    waits = col(Candidate.state) == CandidateState.WAITING
    some = select(col(Candidate.id)).where(waits, known).limit(WAITING_MAX).subquery()
    count = (await session.exec(select(func.count()).select_from(some))).one()
    return await read_page(session, select_waiting(known), page, LIST, count)


async def list_reported(session: AsyncSession, viewer: str, page: int) -> CandidatePageFacts:
    """A page of what the viewer reported, whatever became of it, the newest first.

    Their own restricted ones are among them. How many wait is not counted: ``waiting`` is 0.
    """
    query = select(Candidate).where(reported_by(viewer)).order_by(col(Candidate.id).desc())
    return await read_page(session, query, page, LIST)


async def read_page(
    session: AsyncSession, query: Any, page: int, size: int, waiting: int = 0
) -> CandidatePageFacts:
    """A page of ``size`` of what the query finds; whether there is more is read with it.

    Pages are counted from 1, and what is below counts as 1. ``waiting`` is handed on as it is.
    """
    page = max(page, 1)
    rows = (await session.exec(query.offset((page - 1) * size).limit(size + 1))).all()
    lines = tuple(_line(row) for row in rows[:size])
    return CandidatePageFacts(lines, page, len(rows) > size, waiting)


def _line(row: Candidate) -> CandidateLine:
    """What the list shows of a candidate, from its own row alone: the list reads no other table."""
    return CandidateLine(
        id=row.id,
        customer=row.customer,
        stake=row.stake,
        severity=Severity(row.severity),
        priority=ORDER[row.rank],
        reasons=tuple(Reason(each) for each in row.reasons.get("found", ())),
        sensitive=row.sensitive,
        state=row.state,
        count=row.signals,
        received_at=row.received_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        case_number=row.case_number,
    )

"""Customers who were told what others had met, and whether they came with it after all.

Who came is looked up among cases by the component and among known issues by theirs; so a contact
about no component counts as none. A customer with a restricted case about the component is left
out, where that came within the time in which they are watched: neither that they came nor that they
did not may be counted.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select as sa_select
from sqlmodel import and_, col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.learning.outreach import WATCHED, OutreachState, TellingRecord
from bot.rules.reports.periods import Period
from bot.rules.words import Status
from storage.models import Affected, Case, KnownIssue, OutreachAccount


async def read_tellings(session: AsyncSession, period: Period) -> tuple[TellingRecord, ...]:
    """Those who were told in the period, each with their first contact afterwards.

    Three statements, however many there are. Of cases that are restricted by now nothing is told.
    """
    row = OutreachAccount
    told = (
        col(row.state) == OutreachState.TOLD,
        col(row.answered_at) >= period.begins,
        col(row.answered_at) < period.ends,
    )
    query: Any = (
        sa_select(col(row.id), col(row.answered_at))
        .join(Case, col(Case.number) == col(row.case_number))
        .where(*told, col(Case.sensitive).is_(False))
        .order_by(col(row.id))
    )
    came: Any = (
        sa_select(col(row.id), col(row.answered_at), col(Case.received_at), col(Case.sensitive))
        .join(Case, and_(
            col(Case.account_key) == col(row.account_key),
            col(Case.component) == col(row.component),
            col(Case.received_at) > col(row.answered_at),
        ))
        .where(*told, col(Case.status) != Status.CANDIDATE)
    )  # fmt: skip
    reported: Any = (
        sa_select(col(row.id), col(Affected.said_at))
        .join(Affected, and_(
            col(Affected.account_key) == col(row.account_key),
            col(Affected.said_at) > col(row.answered_at),
        ))
        .join(KnownIssue, and_(
            col(KnownIssue.number) == col(Affected.problem),
            col(KnownIssue.component) == col(row.component),
        ))
        .where(*told, col(Affected.removed_at).is_(None))
    )  # fmt: skip
    first: dict[int, datetime] = {}
    hidden: set[int] = set()
    for which, told_at, at, restricted in (await session.exec(came)).all():
        if restricted:
            hidden |= {which} if at <= told_at + WATCHED else set()
            continue
        first[which] = min(at, first.get(which, at))
    for which, at in (await session.exec(reported)).all():
        first[which] = min(at, first.get(which, at))
    return tuple(
        TellingRecord(at, first.get(which))
        for which, at in (await session.exec(query)).all()
        if which not in hidden
    )

"""What one person owes customers as an executive, or as the caller after a missed promise."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.case_selection import is_open_case, open_to
from bot.core.facts.rows import ask_facts
from bot.rules.facts import OwedFacts
from bot.rules.words import ClockKind
from storage.models import Ask, BreachTalk, Case, Clock, ExecutiveContact, Flagging


async def find_owed(session: AsyncSession, viewer: str, now: datetime) -> list[OwedFacts]:
    """What the viewer owes in cases that they may read, what is due first first.

    What was due before ``now`` is late. Three statements. What has no due time comes last.
    """
    found = [
        *await _flags(session, viewer),
        *await _contacts(session, viewer),
        *await _calls(session, viewer),
    ]
    told = [replace(each, late=each.due is not None and each.due < now) for each in found]
    return sorted(told, key=lambda each: (each.due is None, each.due))


async def _flags(session: AsyncSession, viewer: str) -> list[OwedFacts]:
    """Flags that the viewer was asked to take, and those of which they owe the call."""
    clock = and_(
        col(Clock.case_number) == col(Case.number),
        col(Clock.name).in_([ClockKind.EXECUTIVE_ACKNOWLEDGE, ClockKind.EXECUTIVE_CALL]),
    )
    query = (
        select(Flagging, Case, Clock)
        .join(Case, col(Case.number) == col(Flagging.case_number))
        .outerjoin(Clock, clock)
        .where(col(Flagging.ended_at).is_(None), is_open_case(), open_to(viewer))
    )
    found = []
    for flag, case, clock_row in (await session.exec(query)).all():
        waits = flag.had_by is None
        kind = ClockKind.EXECUTIVE_ACKNOWLEDGE if waits else ClockKind.EXECUTIVE_CALL
        theirs = viewer in flag.asked if waits else flag.had_by == viewer
        if theirs and clock_row is not None and clock_row.name == kind:
            due = clock_row.breached_at or clock_row.due
            found.append(_owed("have" if waits else "call", case, due))
    return found


async def _contacts(session: AsyncSession, viewer: str) -> list[OwedFacts]:
    """Contacts after which the viewer has to get in touch again."""
    query = (
        select(ExecutiveContact, Case)
        .join(Case, col(Case.number) == col(ExecutiveContact.case_number))
        .where(
            col(ExecutiveContact.executive) == viewer,
            col(ExecutiveContact.remind_at).is_not(None),
            open_to(viewer),
        )
    )
    rows = (await session.exec(query)).all()
    return [_owed("contact", case, spoke.remind_at) for spoke, case in rows]


async def _calls(session: AsyncSession, viewer: str) -> list[OwedFacts]:
    """Calls after a missed promise that the viewer owes, of open cases."""
    query = (
        select(BreachTalk, Case)
        .join(Case, col(Case.number) == col(BreachTalk.case_number))
        .where(
            col(Case.owner) == viewer,
            col(BreachTalk.talked_at).is_(None),
            is_open_case(),
            open_to(viewer),
        )
    )
    rows = (await session.exec(query)).all()
    return [_owed("breach_call", case, call.call_by, call.id) for call, case in rows]


def _owed(what: str, case: Any, due: datetime | None, row: int = 0) -> OwedFacts:
    return OwedFacts(what, case.number, case.customer, due, case.sensitive, row)


async def find_asks(session: AsyncSession, viewer: str) -> tuple[Any, ...]:
    """The viewer's unanswered questions as facts, oldest first."""
    query = select(Ask, Case.sensitive, Case.customer)
    query = query.join(Case, col(Ask.case_number) == col(Case.number))
    mine = or_(col(Ask.asked_of) == viewer, col(Ask.deputy) == viewer)
    query = query.where(mine, col(Ask.answered_at).is_(None))
    rows = (await session.exec(query.order_by(col(Ask.id)))).all()
    return tuple(
        replace(ask_facts(a), restricted=secret, customer="" if secret else customer)
        for a, secret, customer in rows
    )

"""Which cases and problems ended longer ago than the policy keeps their texts, and what waits.

A case that is held for Legal waits, whatever the policy says. So does one with something to send,
and one that was merged into a case that is not over for as long; a problem waits for its cases.
Drills go as cases do: everything is asked of the tables, so that none is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.compliance.retention import Period
from bot.rules.lifecycle import OVER
from bot.rules.states import OutboxState, ProblemState

TABLES = SQLModel.metadata.tables


class Why(StrEnum):
    """Why the texts of something that ended long ago stay; the most important reason first."""

    LEGAL = "legal"
    SENDING = "sending"
    PARENT = "parent"
    CASES = "cases"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is forgotten: a case, or a problem, by its number."""

    number: int
    problem: bool = False

    @property
    def name(self) -> str:
        """As people call it: ``ESC-7``, ``PRB-2``."""
        return f"{'PRB' if self.problem else 'ESC'}-{self.number}"

    @property
    def column(self) -> str:
        """The column of ``forgotten`` that names it."""
        return "problem" if self.problem else "case_number"


def ended_before(before: datetime) -> ColumnElement[bool]:
    """The condition that a case is over since before an instant; one reopened since is not."""
    case = TABLES["escalation"].c
    over = case.status.in_([status.value for status in OVER])
    return and_(over, func.coalesce(case.closed_at, case.changed_at) < before)


def waits(why: Why, before: datetime) -> ColumnElement[bool]:
    """The condition that a case's texts stay for this reason although it ended before."""
    case = TABLES["escalation"].c
    match why:
        case Why.LEGAL:
            return case.legal_hold_at.is_not(None)
        case Why.SENDING:
            row = TABLES["outbox"].c
            unsent = and_(row.case_number == case.number, row.state == OutboxState.PENDING)
            return exists().where(unsent)
        case Why.PARENT:
            parent = TABLES["escalation"].alias("parent")
            over = parent.c.status.in_([status.value for status in OVER])
            ended = func.coalesce(parent.c.closed_at, parent.c.changed_at) < before
            return exists().where(
                parent.c.number == case.merged_into,
                or_(not_(over), not_(ended), parent.c.legal_hold_at.is_not(None)),
            )
    return false()


async def list_overdue(
    session: AsyncSession, period: Period, before: datetime, limit: int | None = None
) -> Sequence[Subject]:
    """The cases of which the texts of a period go now, by number; those that wait are left out.

    One that was forgotten comes again once something was added to it since, as long ago.
    """
    case = TABLES["escalation"].c
    free = [not_(waits(why, before)) for why in Why]
    query = select(case.number).where(ended_before(before), *free, _not_done(period, before))
    rows = await _all(session, query.order_by(case.number).limit(limit))
    return [Subject(number) for (number,) in rows]


async def list_waiting(
    session: AsyncSession, period: Period, before: datetime
) -> dict[Why, list[Subject]]:
    """The cases of which the texts would go now and stay, by the first reason of ``Why``.

    Each stands there once: a case that is held for Legal and has something to send is held.
    """
    case, found, seen = TABLES["escalation"].c, dict[Why, list[Subject]](), set[int]()
    for why in (Why.LEGAL, Why.SENDING, Why.PARENT):
        query = select(case.number).where(
            ended_before(before), waits(why, before), _not_done(period, before)
        )
        numbers = [n for (n,) in await _all(session, query.order_by(case.number)) if n not in seen]
        seen |= set(numbers)
        found[why] = [Subject(number) for number in numbers]
    return {why: subjects for why, subjects in found.items() if subjects}


def _not_done(period: Period, before: datetime) -> ColumnElement[bool]:
    """The condition that a case is not forgotten yet, or was added to after it was."""
    case, done = TABLES["escalation"].c, TABLES["forgotten"].c
    verbs = [f"forgot_{each}" for each in {period, Period.WORDS}]  # with the words goes the rest
    of_case = and_(done.case_number == case.number, done.verb.in_(verbs))
    ever = exists().where(of_case)
    since = exists().where(of_case, done.at >= case.changed_at)
    return or_(not_(ever), and_(case.changed_at < before, not_(since)))


def _cases_of_problem() -> ColumnElement[bool]:
    """The condition that a case belongs to a problem, by itself or by its customer's line."""
    case, problem, line = TABLES["escalation"].c, TABLES["problem"].c, TABLES["affected"].c
    listed = and_(line.problem == problem.number, line.case_number == case.number)
    return or_(case.problem == problem.number, exists().where(listed))


def _cases_keep(before: datetime) -> ColumnElement[bool]:
    """The condition that a problem has a case that goes on, is held, or ended too lately."""
    case = TABLES["escalation"]
    going = or_(not_(ended_before(before)), case.c.legal_hold_at.is_not(None))
    return exists(select(case.c.number).where(_cases_of_problem(), going).correlate_except(case))


def _over_problems(before: datetime) -> ColumnElement[bool]:
    """The condition that a problem, or a known issue, ended before, and is not forgotten yet."""
    problem, done, issue = TABLES["problem"].c, TABLES["forgotten"].c, TABLES["known_issue"].c
    forgot = and_(done.problem == problem.number, done.verb == f"forgot_{Period.WORDS}")
    ended = and_(issue.number == problem.number, issue.ended_at < before)
    return and_(
        or_(
            and_(problem.state == ProblemState.RESOLVED, problem.resolved_at < before),
            and_(problem.state == ProblemState.KNOWN, exists().where(ended)),
        ),
        not_(exists().where(forgot)),
    )


async def list_overdue_problems(
    session: AsyncSession, before: datetime, *, waiting: bool = False, limit: int | None = None
) -> Sequence[Subject]:
    """The problems of which the texts go now; with ``waiting`` those that stay for a case.

    Known issues are among them, once they have ended.
    """
    problem = TABLES["problem"].c
    kept = _cases_keep(before)
    query = select(problem.number).where(_over_problems(before), kept if waiting else not_(kept))
    rows = await _all(session, query.order_by(problem.number).limit(limit))
    return [Subject(number, problem=True) for (number,) in rows]


async def still_goes(session: AsyncSession, subject: Subject, before: datetime) -> bool:
    """Whether its texts may go at this moment; its row is locked until the transaction ends.

    Asked in each transaction, so a hold that is set in between ends it where it is.
    """
    table = TABLES["problem" if subject.problem else "escalation"]
    own = table.c.number == subject.number
    if not await _all(session, select(table.c.number).where(own).with_for_update()):
        return False
    may = (
        [not_(_cases_keep(before))]
        if subject.problem
        else [ended_before(before), *(not_(waits(why, before)) for why in Why)]
    )
    return bool(await _all(session, select(table.c.number).where(own, *may)))


async def _all(session: AsyncSession, query: Any) -> Sequence[Any]:
    """The rows of a query over tables."""
    rows: Sequence[Any] = (await session.exec(query)).all()
    return rows

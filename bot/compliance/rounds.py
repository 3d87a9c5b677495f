"""Retention, regularly and by command: what would go, and what goes.

``forget_overdue`` is done every hour, a few cases each; the policy says after how long, and a
policy that does not say it deletes nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog
from prometheus_client import Counter
from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import TimeSource
from bot.compliance.forgetting import Forgetting, StoppedError, forget_loose, loose_rows
from bot.compliance.overdue import (
    Subject,
    Why,
    list_overdue,
    list_overdue_problems,
    list_waiting,
)
from bot.compliance.records import NotSealedError
from bot.compliance.tables import RECORDS, holdings_of, rows_of, table_of
from bot.engine.actors import SYSTEM
from bot.rules.compliance.columns import HOLDINGS
from bot.rules.compliance.retention import GOES, Period
from bot.rules.policy.load import Policy
from storage.database import Database

CASES_MAX = 20  # cases of one period, and problems, in one round; the next one goes on

FORGOTTEN = Counter(
    "desk_forgotten_total", "Cases and problems whose texts were deleted by rule", ["period"]
)

log = structlog.get_logger()


class RetentionServices(Protocol):
    """What retention needs of the process."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def policy(self) -> Policy:
        """The policy in force."""


@dataclass(slots=True)
class Plan:
    """What would go now. ``rows`` counts the rows with texts, by table, of all that goes.

    ``goes`` has the cases and problems of each period, ``waits`` those that stay and why,
    ``loose`` the rows that are of neither, by table.
    """

    goes: dict[Period, list[Subject]] = field(default_factory=dict)
    waits: dict[Why, list[Subject]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    loose: dict[str, int] = field(default_factory=dict)


async def plan_retention(database: Database, policy: Policy, now: datetime) -> Plan:
    """What goes by the policy at that instant, and what waits; nothing is changed."""
    plan = Plan()
    async with database.read() as session:
        for period, _keep, before in _periods(policy, now):
            subjects = list(await list_overdue(session, period, before))
            waiting = await list_waiting(session, period, before)
            if period is Period.WORDS:
                subjects += await list_overdue_problems(session, before)
                if kept := await list_overdue_problems(session, before, waiting=True):
                    waiting[Why.CASES] = list(kept)
                plan.loose = await _count_loose(session, before)
            for why, found in waiting.items():
                known = plan.waits.setdefault(why, [])
                known += [each for each in found if each not in known]
            if subjects:
                plan.goes[period] = subjects
            for subject in subjects:
                await _count_rows(session, plan, period, subject)
    return plan


async def forget_overdue(
    services: RetentionServices, actor: str = SYSTEM, most: int | None = CASES_MAX
) -> dict[Period, int]:
    """Forget what is overdue by the policy; answers how many cases and problems, by period.

    ``actor`` is who is put on record for it; ``most`` of each in one round, all for None. Cut short
    at any point it goes on with the next round. What cannot go at this moment is left for that too.
    """
    done: dict[Period, int] = {}
    now = services.clock.now()
    for period, keep, before in _periods(services.policy, now):
        work = Forgetting(services.database, period, keep, before, now, actor)
        async with services.database.read() as session:
            subjects = [*await list_overdue(session, period, before, most)]
            if period is Period.WORDS:
                subjects += await list_overdue_problems(session, before, limit=most)
        for subject in subjects:
            try:
                rows = await work.run(subject)
            except (StoppedError, NotSealedError):
                log.info("retention_waits", about=subject.name, period=period.value)
                continue
            done[period] = done.get(period, 0) + 1
            FORGOTTEN.labels(period.value).inc()
            log.info("retention_forgot", about=subject.name, period=period.value, rows=rows)
        if period is Period.WORDS and (loose := await forget_loose(services.database, before)):
            log.info("retention_forgot_loose", **loose)
    return done


def _periods(policy: Policy, now: datetime) -> list[tuple[Period, int, datetime]]:
    """The periods that the policy has: its number, and before when something must have ended."""
    terms = policy.retention
    found = ((period, terms.keep(period), terms.before(period, now)) for period in Period)
    return [(period, keep, before) for period, keep, before in found if keep and before]


async def _count_rows(session: AsyncSession, plan: Plan, period: Period, subject: Subject) -> None:
    """Add to the plan how many rows of each table have texts of it."""
    names = [each.name for each in holdings_of(subject, GOES[period])]
    if period is Period.WORDS:
        names.append(RECORDS[1] if subject.problem else RECORDS[0])
    connection = await session.connection()
    for name in names:
        holding = HOLDINGS[name]
        query = select(func.count()).select_from(table_of(holding))
        count = (await connection.execute(query.where(rows_of(holding, subject)))).scalar_one()
        if count:
            plan.rows[name] = plan.rows.get(name, 0) + count


async def _count_loose(session: AsyncSession, before: datetime) -> dict[str, int]:
    """How many rows are of no case or problem and old enough, by table."""
    found: dict[str, int] = {}
    connection = await session.connection()
    for holding in HOLDINGS.values():
        if holding.age:
            query = select(func.count()).select_from(table_of(holding))
            query = query.where(loose_rows(holding, before))
            if count := (await connection.execute(query)).scalar_one():
                found[holding.name] = count
    return found

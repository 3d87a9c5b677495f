"""What time brings to problems: the next update to all comes due, talking points age."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import named
from bot.engine.actors import SYSTEM, Actor
from bot.engine.ports import Services
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import is_away
from bot.problems import talking_points
from bot.problems.steps import held, note, wind
from bot.rules.problems import update_clock
from bot.rules.words import Role, Severity
from storage.models import Problem, TalkingPoints

BATCH = 20  # rows taken in one transaction
PUT_OFF = timedelta(minutes=5)  # until one whose sweep failed is tried again

log = structlog.get_logger()


def _work(services: Services, session: AsyncSession) -> UnitOfWork:
    return UnitOfWork.join(session, services, Actor(SYSTEM, "clock"))


async def clocks(services: Services) -> int:
    """Say what is due of the problems' clocks; answers how many were moved on."""
    async with services.database.write() as session:
        work = _work(services, session)
        query = select(Problem).where(col(Problem.next_fire_at) <= work.now).limit(BATCH)
        rows = (await session.exec(query.with_for_update(skip_locked=True))).all()
        for problem in rows:
            number = problem.number
            try:
                async with session.begin_nested():
                    await _fire(work, problem)
            except Exception as fault:
                if is_away(fault):
                    raise
                # One problem that cannot be swept must not keep the others from being heard.
                log.error("problem_sweep_failed", problem=number, exc_info=fault)
                later = update(Problem).where(col(Problem.number) == number)
                await session.exec(later.values(next_fire_at=work.now + PUT_OFF))
        return len(rows)


async def _fire(work: UnitOfWork, problem: Problem) -> None:
    """The last step that was passed is said once; those skipped collapse into it."""
    due = problem.next_update_at
    if due is not None:
        severity = Severity(problem.severity)
        steps = update_clock.thresholds(work.policy, severity, problem.cycle_began_at, due)
        passed = update_clock.reached(steps, problem.heard_to, work.now)
        if any(step == update_clock.BREACH for step, _ in passed):
            await _missed(work, problem, due)
        if passed:
            await _say(work, problem, passed[-1][0], due)
            problem.heard_to = passed[-1][1]
    wind(work, problem)


async def _say(work: UnitOfWork, problem: Problem, step: str, due: datetime) -> None:
    family, _, minutes = step.partition(":")
    extra = {"family": family, "due": due.isoformat()}
    people = [problem.owner]
    if family == "ladder":
        rungs = work.policy.severity(Severity(problem.severity)).ladder
        people = [
            user
            for rung in rungs
            if rung.after_minutes == int(minutes)
            for role in rung.roles
            for user in ((problem.owner,) if role is _OWNER else named(work.policy, role)[:1])
        ]
    priority = effects.NUDGE if family == "warn" else effects.BREACH
    for user in dict.fromkeys(people):
        await effects.dm(work, user, "problem:update_due", problem, extra, priority=priority)
    await effects.refresh(work, problem)


async def _missed(work: UnitOfWork, problem: Problem, due: datetime) -> None:
    """On the record and in the channel, also where the ladder is what is said by now."""
    note(work, problem, "update_missed", due=due.isoformat())
    extra = {"family": update_clock.BREACH, "due": due.isoformat()}
    await effects.post(work, problem, "problem:update_due", extra)


_OWNER = Role.ESCALATION_MANAGER  # whoever owns the problem stands for its escalation manager


async def points(services: Services) -> int:
    """Remind of talking points that were not read, and end those that expired."""
    async with services.database.write() as session:
        work = _work(services, session)
        query = select(TalkingPoints).where(col(TalkingPoints.next_at) <= work.now)
        query = query.order_by(col(TalkingPoints.problem)).limit(BATCH)  # all hold them in order
        due = [(row.problem, row.id) for row in (await session.exec(query)).all()]
        for number, points_id in due:
            problem = await held(work, number, must_be_open=False)
            row = await session.get(TalkingPoints, points_id, populate_existing=True)
            if row is not None and row.next_at is not None and row.next_at <= work.now:
                try:
                    async with session.begin_nested():
                        await talking_points.due(work, problem, row)
                except Exception as fault:
                    if is_away(fault):
                        raise
                    log.error("points_sweep_failed", points=points_id, exc_info=fault)
                    later = update(TalkingPoints).where(col(TalkingPoints.id) == points_id)
                    await session.exec(later.values(next_at=work.now + PUT_OFF))
        return len(due)

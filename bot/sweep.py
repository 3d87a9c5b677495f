"""What time brings: thresholds reached, holds that end, mornings, action items.

Each step takes what is due, says it through the outbox and moves the row on, in one
transaction; with several replicas each row is taken by one of them.
"""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import or_, update
from sqlalchemy import select as sa_select
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.cases.hold import resume_expired
from bot.cases.queries import FIRST_DIGEST
from bot.cases.resolve import give_up_waiting
from bot.engine.actors import SYSTEM, Actor
from bot.engine.ports import Services
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import is_away, new_reference
from bot.feedback import breach_calls, surveys
from bot.problems import due as problems_due
from bot.rules import daily_times
from bot.rules.facts import DigestFacts
from bot.rules.sla import ClockState, due_thresholds
from bot.rules.words import ClockKind
from bot.sla import clocks, reminders
from storage.models import (
    ActionItem,
    Asking,
    Case,
    Clock,
    CustomerLink,
    Digest,
    Fired,
    Problem,
    TalkingPoints,
)

PUT_OFF = timedelta(minutes=5)  # until a case whose sweep failed is tried again
BATCH = 100  # cases taken in one transaction
LATENESS = Histogram(
    "desk_reminder_lateness_seconds",
    "How long after its instant a reminder was queued",
    buckets=(0.1, 0.5, 1, 5, 30, 120, 600, 3600, 86400),
)
FIRED = Counter("desk_reminders_total", "Reminders queued, by moment", ["moment"])

log = structlog.get_logger()

Due = tuple[Case, clocks.ClockSnapshot, reminders.Holders]
Step = Callable[[Services], Awaitable[int]]
Firing = Callable[[UnitOfWork, Sequence[Due]], Awaitable[None]]


async def sweep(services: Services) -> int:
    """Do all that is due now; answers how many rows were moved on.

    What one step moves may be due in another at once, so it is asked again until nothing is.
    """
    total = 0
    while moved := await _pass(services):
        total += moved
    return total


async def next_due(services: Services) -> datetime | None:
    """The next instant at which a sweep will have something to do."""
    return min((at for at in (await _soonest(services)).values() if at is not None), default=None)


async def _pass(services: Services) -> int:
    now, total = services.clock.now(), 0
    for step, at in (await _soonest(services)).items():
        if at is None or at > now:
            continue
        while moved := await step(services):
            total += moved
            await services.rush.over()
    return total


async def _soonest(services: Services) -> dict[Step, datetime | None]:
    """When each step will have something to do, in one query: most sweeps find nothing."""
    columns = [(step, column) for step, columns in STEPS for column in columns]
    least = [select(func.min(c)).where(c.is_not(None)).scalar_subquery() for _, c in columns]
    async with services.database.read() as session:
        row = (await session.exec(sa_select(*least))).one()  # type: ignore[call-overload]
    found: dict[Step, datetime | None] = {}
    for (step, _), at in zip(columns, row, strict=True):
        known = found.get(step)
        found[step] = min(known, at) if known and at else known or at
    return found


def _work(services: Services, session: AsyncSession) -> UnitOfWork:
    return UnitOfWork.join(session, services, Actor(SYSTEM, "clock"), new_reference())


async def _clocks(services: Services) -> int:
    """All cases of a batch together; where one of them fails, each by itself."""
    try:
        return await _due_clocks(services, _all)
    except Exception as fault:
        if is_away(fault):  # no case is to blame: all of them are tried again at the next tick
            raise
        log.warning("sweep_one_by_one", exc_info=fault)
        return await _due_clocks(services, _each)


async def _due_clocks(services: Services, fire: Firing) -> int:
    async with services.database.write() as session:
        work = _work(services, session)
        query = select(Clock.case_number).where(col(Clock.next_fire_at) <= work.now)
        numbers = (await session.exec(query.order_by(col(Clock.next_fire_at)).limit(BATCH))).all()
        wanted = select(Case).where(col(Case.number).in_(sorted(set(numbers))))
        cases = (await session.exec(wanted.with_for_update(skip_locked=True))).all()
        if cases:
            sheets = await clocks.sheets(session, [c.number for c in cases])
            people = await reminders.holders(session, cases)
            await effects.foresee(work, cases)
            await fire(work, [(c, sheets[c.number], people[c.number]) for c in cases])
        return len(cases)


async def _all(work: UnitOfWork, due: Sequence[Due]) -> None:
    """Nothing is stored before the end: what is alike is then stored in one go."""
    for case, sheet, people in due:
        await _fire(work, case, sheet, people)


async def _each(work: UnitOfWork, due: Sequence[Due]) -> None:
    """One case that cannot be swept does not keep the others from being heard."""
    for case, sheet, people in due:
        number = case.number
        try:
            async with work.session.begin_nested():
                await _fire(work, case, sheet, people)
        except Exception as fault:
            if is_away(fault):
                raise
            log.error("sweep_failed", case=number, exc_info=fault)
            await _put_off(work.session, number, work.now)


async def _put_off(session: AsyncSession, number: int, now: datetime) -> None:
    """Try the clocks of a case again later."""
    due = (col(Clock.case_number) == number, col(Clock.next_fire_at) <= now)
    await session.exec(update(Clock).where(*due).values(next_fire_at=now + PUT_OFF))


async def _fire(
    work: UnitOfWork, case: Case, sheet: clocks.ClockSnapshot, people: reminders.Holders
) -> None:
    moved = False  # something that was said changed the clocks themselves
    for name, state in sheet.states(work.now).items():
        known = sheet.fired.setdefault((name, state.cycle), set())
        if clocks.to_retract(state, known):
            await _retract(work, case, state)
        if not state.open:
            continue
        record, said = due_thresholds(state, known, work.now)
        for threshold in record:
            _record(work, case, state, threshold.name, threshold.at, said=threshold == said)
        known |= {threshold.name for threshold in record}
        if said is not None:
            folded = [threshold.name for threshold in record if threshold != said]
            moved |= await _speak(work, case, state, said.name, people, folded)
    await clocks.project(work, case, None if moved else sheet)


async def _speak(
    work: UnitOfWork,
    case: Case,
    state: ClockState,
    threshold: str,
    people: reminders.Holders,
    folded: Collection[str],
) -> bool:
    """Answers whether the clocks of the case were changed by it."""
    FIRED.labels(threshold.partition(":")[0]).inc()
    log.info(
        "reminder_queued", case=case.number, clock=state.clock, moment=threshold,
        correlation=work.correlation,
    )  # fmt: skip
    await reminders.say(work, case, state, threshold, people, folded)
    # What is left has changed, if nothing else; nobody waits for that, so it goes after the words.
    await effects.refresh(work, case, priority=effects.NUDGE)
    if threshold != clocks.BREACH and not threshold.startswith("ladder"):
        return False
    if threshold == clocks.BREACH:
        await breach_calls.missed(work, case, state)
    work.note(case, threshold.partition(":")[0], after={"clock": state.clock, "step": threshold})
    return state.clock == ClockKind.CUSTOMER_CONFIRMATION and await give_up_waiting(work, case)


async def _retract(work: UnitOfWork, case: Case, state: ClockState) -> None:
    _record(work, case, state, clocks.RETRACTED, work.now, said=True)
    work.note(case, "breach_retracted", after={"clock": state.clock})
    await breach_calls.retracted(work, case, state.clock)
    await effects.post(work, case, "notice:breach_retracted", {"clock": state.clock})
    await effects.refresh(work, case)


def _record(
    work: UnitOfWork, case: Case, state: ClockState, threshold: str, due: datetime, *, said: bool
) -> None:
    LATENESS.observe(max((work.now - due).total_seconds(), 0.0))
    work.session.add(
        Fired(
            case_number=case.number,
            clock=state.clock,
            cycle=state.cycle,
            threshold=threshold,
            due=due,
            fired_at=work.now,
            said=said,
        )
    )


async def _holds(services: Services) -> int:
    async with services.database.write() as session:
        work = _work(services, session)
        query = select(Case).where(col(Case.hold_until) <= work.now).limit(BATCH)
        cases = (await session.exec(query.with_for_update(skip_locked=True))).all()
        for case in cases:
            await resume_expired(work, case)
        return len(cases)


async def _actions(services: Services) -> int:
    async with services.database.write() as session:
        work = _work(services, session)
        query = select(ActionItem).where(col(ActionItem.next_reminder_at) <= work.now)
        items = (await session.exec(query.limit(BATCH).with_for_update(skip_locked=True))).all()
        for item in items:
            await _remind_of_action(work, item)
        return len(items)


async def _remind_of_action(work: UnitOfWork, item: ActionItem) -> None:
    case = await work.case(item.case_number)
    item.next_reminder_at = (
        None if item.done_at else daily_times.next_action_reminder(item.due, work.now, work.policy)
    )
    work.session.add(item)
    if item.done_at is None:
        extra = {"action": item.id}
        await effects.dm(work, item.owner, "notice:action_due", case, extra, priority=effects.NUDGE)


async def _questions(services: Services) -> int:
    async with services.database.write() as session:
        work = _work(services, session)
        late = or_(col(Asking.pulse_at) <= work.now, col(Asking.survey_at) <= work.now)
        query = select(Asking.case_number).where(late).limit(BATCH)
        wanted = select(Case).where(col(Case.number).in_((await session.exec(query)).all()))
        cases = (await session.exec(wanted.with_for_update(skip_locked=True))).all()
        for case in cases:
            await surveys.due(work, case)
        return len(cases)


async def _reminders(services: Services) -> int:
    async with services.database.write() as session:
        work = _work(services, session)
        query = select(CustomerLink).where(col(CustomerLink.remind_at) <= work.now).limit(BATCH)
        links = (await session.exec(query.with_for_update(skip_locked=True))).all()
        for link in links:
            await surveys.remind(work, await work.case(link.case_number), link)
        return len(links)


async def _digests(services: Services) -> int:
    now = services.clock.now()
    async with services.database.read() as session:
        query = select(Digest.user_id).where(col(Digest.next_at) <= now).limit(BATCH)
        due = (await session.exec(query)).all()
    for user in due:
        await _morning(services, user, now)
    return len(due)


async def _morning(services: Services, user: str, now: datetime) -> None:
    person = await services.people.person(user)
    news = await services.reading.digest(user)
    async with services.database.write() as session:
        query = select(Digest).where(col(Digest.user_id) == user, col(Digest.next_at) <= now)
        row = (await session.exec(query.with_for_update(skip_locked=True))).one_or_none()
        if row is None:
            return
        work = _work(services, session)
        row.next_at = daily_times.next_morning(now, person.timezone, services.policy.digest_hour)
        fingerprint = fingerprint_of(news)
        if fingerprint and fingerprint != row.fingerprint:
            since = (row.last_at or now - FIRST_DIGEST).isoformat()
            row.fingerprint, row.last_at = fingerprint, now
            payload = {"user": user, "since": since}
            await work.queue("digest", f"dm:{user}", payload, priority=effects.DIGEST)
        session.add(row)


# What each step looks for, in the order in which they are taken.
STEPS: tuple[tuple[Step, tuple[Any, ...]], ...] = (
    (_clocks, (col(Clock.next_fire_at),)),
    (_holds, (col(Case.hold_until),)),
    (_digests, (col(Digest.next_at),)),
    (_actions, (col(ActionItem.next_reminder_at),)),
    (_questions, (col(Asking.pulse_at), col(Asking.survey_at))),
    (_reminders, (col(CustomerLink.remind_at),)),
    (problems_due.clocks, (col(Problem.next_fire_at),)),
    (problems_due.points, (col(TalkingPoints.next_at),)),
)


def fingerprint_of(news: DigestFacts) -> str:
    """Changes whenever the digest would say something else; empty when it has nothing to say."""
    parts = [f"ask{a.id}" for a in news.asks]
    parts += [f"{c.reference}:{c.version}" for c in (*news.at_risk, *news.breaches, *news.wins)]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16] if parts else ""

"""What time brings: thresholds reached, holds that end, mornings, action items.

Each step takes what is due, says it through the outbox and moves the row on, in one
transaction; with several replicas each row is taken by one of them.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import or_, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import clocks, effects, mornings, problem_sweep, reminders
from bot.actors import SYSTEM, Actor
from bot.cases import asking, talking
from bot.cases.holding import resume_expired
from bot.cases.resolving import give_up_waiting
from bot.ports import Desk
from bot.reading import FIRST_DIGEST
from bot.rules.facts import DigestFacts
from bot.rules.sla import ClockState, due_thresholds
from bot.rules.words import ClockKind
from bot.work import Work
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
BATCH = 50  # cases taken in one transaction
LATENESS = Histogram(
    "desk_reminder_lateness_seconds",
    "How long after its instant a reminder was queued",
    buckets=(0.1, 0.5, 1, 5, 30, 120, 600, 3600, 86400),
)
FIRED = Counter("desk_reminders_total", "Reminders queued, by moment", ["moment"])

log = structlog.get_logger()


async def sweep(desk: Desk) -> int:
    """Do all that is due now; answers how many rows were moved on."""
    steps = (
        _clocks, _holds, _digests, _actions, _questions, _reminders,
        problem_sweep.clocks, problem_sweep.points,
    )  # fmt: skip
    total = 0
    for step in steps:
        while moved := await step(desk):
            total += moved
            await desk.rush.over()
    return total


async def next_due(desk: Desk) -> datetime | None:
    """The next instant at which a sweep will have something to do."""
    columns = (
        col(Clock.next_fire_at),
        col(Case.hold_until),
        col(Digest.next_at),
        col(ActionItem.next_reminder_at),
        col(Asking.pulse_at),
        col(Asking.survey_at),
        col(CustomerLink.remind_at),
        col(Problem.next_fire_at),
        col(TalkingPoints.next_at),
    )
    soonest: Any = [select(func.min(c)).where(c.is_not(None)).scalar_subquery() for c in columns]
    async with desk.database.read() as session:
        found = (await session.exec(select(*soonest))).one()
    return min((each for each in found if each is not None), default=None)


def _work(desk: Desk, session: AsyncSession) -> Work:
    actor = Actor(SYSTEM, "clock")
    return Work(session, desk.clock.now(), desk.policy, actor, customers=desk.customers)


async def _clocks(desk: Desk) -> int:
    async with desk.database.write() as session:
        work = _work(desk, session)
        query = select(Clock.case_number).where(col(Clock.next_fire_at) <= work.now)
        numbers = (await session.exec(query.order_by(col(Clock.next_fire_at)).limit(BATCH))).all()
        wanted = select(Case).where(col(Case.number).in_(sorted(set(numbers))))
        cases = (await session.exec(wanted.with_for_update(skip_locked=True))).all()
        sheets = await clocks.sheets(session, [c.number for c in cases])
        people = await reminders.holders(session, cases)
        for case in cases:
            sheet, holders = sheets[case.number], people[case.number]
            number = case.number
            try:
                async with session.begin_nested():
                    await _fire(work, case, sheet, holders)
            except Exception as fault:
                # One case that cannot be swept must not keep the others from being heard.
                log.error("sweep_failed", case=number, exc_info=fault)
                await _put_off(session, number, work.now)
        return len(cases)


async def _put_off(session: AsyncSession, number: int, now: datetime) -> None:
    """Try the clocks of a case again later."""
    due = (col(Clock.case_number) == number, col(Clock.next_fire_at) <= now)
    await session.exec(update(Clock).where(*due).values(next_fire_at=now + PUT_OFF))


async def _fire(work: Work, case: Case, sheet: clocks.Sheet, people: reminders.Holders) -> None:
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
    work: Work,
    case: Case,
    state: ClockState,
    threshold: str,
    people: reminders.Holders,
    folded: Collection[str],
) -> bool:
    """Answers whether the clocks of the case were changed by it."""
    FIRED.labels(threshold.partition(":")[0]).inc()
    await reminders.say(work, case, state, threshold, people, folded)
    await effects.refresh(work, case)  # what is left has changed, if nothing else
    if threshold != clocks.BREACH and not threshold.startswith("ladder"):
        return False
    if threshold == clocks.BREACH:
        await talking.missed(work, case, state)
    work.note(case, threshold.partition(":")[0], after={"clock": state.clock, "step": threshold})
    return state.clock == ClockKind.CUSTOMER_CONFIRMATION and await give_up_waiting(work, case)


async def _retract(work: Work, case: Case, state: ClockState) -> None:
    _record(work, case, state, clocks.RETRACTED, work.now, said=True)
    work.note(case, "breach_retracted", after={"clock": state.clock})
    await talking.retracted(work, case, state.clock)
    await effects.post(work, case, "notice:breach_retracted", {"clock": state.clock})
    await effects.refresh(work, case)


def _record(
    work: Work, case: Case, state: ClockState, threshold: str, due: datetime, *, said: bool
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


async def _holds(desk: Desk) -> int:
    async with desk.database.write() as session:
        work = _work(desk, session)
        query = select(Case).where(col(Case.hold_until) <= work.now).limit(BATCH)
        cases = (await session.exec(query.with_for_update(skip_locked=True))).all()
        for case in cases:
            await resume_expired(work, case)
        return len(cases)


async def _actions(desk: Desk) -> int:
    async with desk.database.write() as session:
        work = _work(desk, session)
        query = select(ActionItem).where(col(ActionItem.next_reminder_at) <= work.now)
        items = (await session.exec(query.limit(BATCH).with_for_update(skip_locked=True))).all()
        for item in items:
            await _remind_of_action(work, item)
        return len(items)


async def _remind_of_action(work: Work, item: ActionItem) -> None:
    case = await work.case(item.case_number)
    item.next_reminder_at = (
        None if item.done_at else mornings.next_action_reminder(item.due, work.now, work.policy)
    )
    work.session.add(item)
    if item.done_at is None:
        extra = {"action": item.id}
        await effects.dm(work, item.owner, "notice:action_due", case, extra, priority=effects.NUDGE)


async def _questions(desk: Desk) -> int:
    async with desk.database.write() as session:
        work = _work(desk, session)
        late = or_(col(Asking.pulse_at) <= work.now, col(Asking.survey_at) <= work.now)
        query = select(Asking.case_number).where(late).limit(BATCH)
        wanted = select(Case).where(col(Case.number).in_((await session.exec(query)).all()))
        cases = (await session.exec(wanted.with_for_update(skip_locked=True))).all()
        for case in cases:
            await asking.due(work, case)
        return len(cases)


async def _reminders(desk: Desk) -> int:
    async with desk.database.write() as session:
        work = _work(desk, session)
        query = select(CustomerLink).where(col(CustomerLink.remind_at) <= work.now).limit(BATCH)
        links = (await session.exec(query.with_for_update(skip_locked=True))).all()
        for link in links:
            await asking.remind(work, await work.case(link.case_number), link)
        return len(links)


async def _digests(desk: Desk) -> int:
    now = desk.clock.now()
    async with desk.database.read() as session:
        query = select(Digest.user_id).where(col(Digest.next_at) <= now).limit(BATCH)
        due = (await session.exec(query)).all()
    for user in due:
        await _morning(desk, user, now)
    return len(due)


async def _morning(desk: Desk, user: str, now: datetime) -> None:
    person = await desk.people.person(user)
    news = await desk.reading.digest(user)
    async with desk.database.write() as session:
        query = select(Digest).where(col(Digest.user_id) == user, col(Digest.next_at) <= now)
        row = (await session.exec(query.with_for_update(skip_locked=True))).one_or_none()
        if row is None:
            return
        work = _work(desk, session)
        row.next_at = mornings.next_morning(now, person.timezone, desk.policy.digest_hour)
        fingerprint = fingerprint_of(news)
        if fingerprint and fingerprint != row.fingerprint:
            since = (row.last_at or now - FIRST_DIGEST).isoformat()
            row.fingerprint, row.last_at = fingerprint, now
            payload = {"user": user, "since": since}
            await work.queue("digest", f"dm:{user}", payload, priority=effects.DIGEST)
        session.add(row)


def fingerprint_of(news: DigestFacts) -> str:
    """Changes whenever the digest would say something else; empty when it has nothing to say."""
    parts = [f"ask{a.id}" for a in news.asks]
    parts += [f"{c.reference}:{c.version}" for c in (*news.at_risk, *news.breaches, *news.wins)]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16] if parts else ""

"""4. Reminders: how punctual, how many at once, and what a sweep costs."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import col, func, select

from benchmarks.answers import answer
from benchmarks.figures import Figure, percentile
from benchmarks.plan import Plan
from benchmarks.rounds import Unlimited
from bot.clock import SystemClock, stopwatch
from bot.due_table import DUE as TABLE
from bot.engine.due import find_next_due, sweep_due
from bot.rules.states import OutboxState
from bot.services import Services
from cli.workspace.local import demo_policy
from messages.clients.slack import Slack
from messages.clients.slack_limits import POSTS_PER_MINUTE
from storage.database import Database
from storage.models import Clock, ClockEvent, Fired, Outbox
from tests.unguarded import unguard

PART = "4. Reminders"
SHARE, THRESHOLD = 0.75, "warn:75"  # the first warning that somebody hears
LATE = 1000.0  # milliseconds; the target for lateness at p99
SAME = 1.2  # a sweep at the most open cases over one at the fewest
SWEEPS = 30
DUE, DUE_SWEEPS = 50, 3  # cases due in one sweep, and how often that is done
FIRST = 5  # the cases before are the templates
START = timedelta(seconds=3)  # until the first of the random clocks


class InstantSlack(Slack):
    """Slack that answers at once; keeps when each row of the outbox was said."""

    def __init__(self) -> None:
        super().__init__("xoxb-bench", "http://slack.invalid/api/")
        self.said: dict[int, datetime] = {}

    async def _send(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if (mark := arguments.get("metadata")) is not None:
            self.said[mark["event_payload"]["outbox"]] = SystemClock().now()
        return answer(method, arguments)


async def measure(plan: Plan) -> list[Figure]:
    """On every database, at every number of open cases: a sweep, random clocks; then a crowd."""
    figures: list[Figure] = []
    for name, _ in plan.databases():
        costs: dict[int, tuple[float, float]] = {}
        late: list[Figure] = []
        for cases in plan.cases:
            database = Database(plan.made(name, "open", cases))
            costs[cases] = await _sweeps(database)
            late += await _random(name, database, plan, cases)
            plan.say(f"reminders: {name}, {cases:,} open cases")
            if cases == plan.cases[-1]:
                late += await _crowd(name, database, plan, cases)
            await database.close()
        figures += [*_growth(name, costs), *late]
    return figures


async def _sweeps(database: Database) -> tuple[float, float]:
    """Milliseconds of a sweep with nothing due (the quickest of several), and with 50 cases due."""
    desk = Services(database, SystemClock(), demo_policy(), InstantSlack())
    await desk.prepare()
    times: list[float] = []
    for _ in range(SWEEPS):
        begun = stopwatch()
        await sweep_due(desk, TABLE)
        await find_next_due(desk, TABLE)
        times.append((stopwatch() - begun) * 1000)
    due = []
    for _ in range(DUE_SWEEPS):
        await _make_due(database, range(FIRST, FIRST + DUE), SystemClock().now(), timedelta(0))
        begun = stopwatch()
        await sweep_due(desk, TABLE)
        due.append((stopwatch() - begun) * 1000)
    return min(times), min(due)


def _growth(name: str, costs: Mapping[int, tuple[float, float]]) -> list[Figure]:
    fewest, *more = sorted(costs)
    figures = []
    for cases in more:
        for index, what in enumerate(("nothing due", f"{DUE} cases due")):
            label = f"{name}, a sweep with {what}, {cases:,} open cases over {fewest:,}"
            value, least = costs[cases][index], costs[fewest][index]
            figures.append(Figure(PART, label, value, "ms", least, SAME))
    return figures


async def _make_due(
    database: Database, numbers: range, first: datetime, window: timedelta
) -> dict[int, datetime]:
    """Let the first clock of these cases be heard of at random instants from ``first`` on.

    Their clocks are those of a SEV1 case, which run day and night, moved as a whole.
    """
    dice = random.Random(7)
    due = {n: first + window * dice.random() for n in numbers}
    await unguard(database)  # a history is made up, which the app's own database refuses
    async with database.write() as session:
        one = col(ClockEvent.case_number) == 1
        events = (await session.exec(select(ClockEvent).where(one))).all()
        clock = await session.get(Clock, (1, "acknowledge"))
        if clock is None or clock.due is None:
            raise RuntimeError("the template has no clock")
        soonest = clock.started_at + (clock.due - clock.started_at) * SHARE
        connection = await session.connection()
        for table in (ClockEvent.__table__, Fired.__table__):  # type: ignore[attr-defined]
            await connection.execute(table.delete().where(table.c.case_number.in_(list(numbers))))
        table = Clock.__table__  # type: ignore[attr-defined]
        chosen = table.c.case_number.in_(list(numbers))
        await connection.execute(table.update().where(chosen).values(next_fire_at=None))
        await connection.execute(
            ClockEvent.__table__.insert(),  # type: ignore[attr-defined]
            [_copied(e, number, at - soonest) for number, at in due.items() for e in events],
        )
        first_clock = (table.c.case_number == bindparam("case"), table.c.name == "acknowledge")
        await connection.execute(
            table.update().where(*first_clock).values(next_fire_at=bindparam("at")),
            [{"case": number, "at": at} for number, at in due.items()],
        )
    return due


def _copied(event: ClockEvent, number: int, moved: timedelta) -> dict[str, Any]:
    return event.model_dump(exclude={"id"}) | {
        "case_number": number,
        "at": event.at + moved,
        "recorded_at": event.recorded_at + moved,
        "data": _moved(event.data, moved),
    }


async def _silence(database: Database) -> None:
    """What earlier measurements left to say is not said."""
    async with database.write() as session:
        await session.exec(update(Outbox).values(state=OutboxState.DONE))


def _moved(data: Mapping[str, Any], by: timedelta) -> dict[str, Any]:
    names = ("received_at", "promised_at")
    later = {n: (datetime.fromisoformat(data[n]) + by).isoformat() for n in names if n in data}
    return {**data, **later}


@asynccontextmanager
async def _at_work(
    database: Database, slack: InstantSlack, *, limits: bool
) -> AsyncIterator[Services]:
    desk = Services(database, SystemClock(), demo_policy(), slack)
    await desk.prepare()
    if not limits:
        desk.delivery.limits = Unlimited()
    await desk.start()
    try:
        yield desk
    finally:
        await desk.stop(5.0)


def _url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


async def _random(name: str, database: Database, plan: Plan, cases: int) -> list[Figure]:
    number = min(plan.random_clocks, cases - FIRST)
    window = timedelta(seconds=plan.window * number / plan.random_clocks + 1)
    numbers = range(FIRST, FIRST + number)
    await _silence(database)
    due = await _make_due(database, numbers, SystemClock().now() + START, window)
    slack = InstantSlack()
    async with _at_work(Database(_url(database)), slack, limits=False):
        until = max(due.values()) + timedelta(seconds=3)
        while SystemClock().now() < until:  # noqa: ASYNC110 - until an instant, not an event
            await asyncio.sleep(0.2)
    async with database.read() as session:
        fired = (await session.exec(select(Fired).where(col(Fired.case_number).in_(numbers)))).all()
        rows = (
            await session.exec(select(Outbox).where(col(Outbox.kind).in_(["dm", "post"])))
        ).all()
    queued = [
        (f.fired_at - f.due).total_seconds() * 1000 for f in fired if f.threshold == THRESHOLD
    ]
    heard = [
        (slack.said[r.id] - due[r.case_number]).total_seconds() * 1000
        for r in rows
        if r.case_number in due and r.id in slack.said
    ]
    figures = []
    among = f"{name}, {cases:,} open cases, {len(due):,} clocks in {window.seconds} s"
    for what, values in (("queued", queued), ("said", heard)):
        for share, label in ((0.5, "p50"), (0.99, "p99"), (1.0, "max")):
            title = f"{among}, until {what}: {label}"
            most = LATE if label == "p99" and what == "queued" else None
            value = percentile(values, share)
            figures.append(Figure(PART, title, value, "ms", None, most, "value"))
    missing = len(due) - len({f.case_number for f in fired})
    figures.append(Figure(PART, f"{among}, of which nobody heard", missing, "", None, 0.0, "value"))
    return figures


async def _crowd(name: str, database: Database, plan: Plan, cases: int) -> list[Figure]:
    first = FIRST + plan.random_clocks
    numbers = range(first, min(first + plan.crowd, cases))
    await _silence(database)
    await _make_due(database, numbers, SystemClock().now(), timedelta(0))
    slack = InstantSlack()
    desk = Services(database, SystemClock(), demo_policy(), slack)
    await desk.prepare()
    begun = stopwatch()
    await sweep_due(desk, TABLE)
    took = stopwatch() - begun
    async with database.read() as session:
        of_crowd = col(Fired.case_number).in_(numbers)
        count = (await session.exec(select(func.count()).where(of_crowd))).one()
        wait = col(Outbox.state) == OutboxState.PENDING
        left = (await session.exec(select(func.count()).where(wait))).one()
    floor = await _bulk(database, left)
    figures = [
        Figure(
            PART,
            f"{name}, {cases:,} open cases, {len(numbers):,} clocks at one instant: until queued",
            took,
            "s",
            floor,
            note=f"{count} reminders, {left} messages",
        ),
    ]
    async with _at_work(Database(_url(database)), slack, limits=True):
        begun = stopwatch()
        await asyncio.sleep(plan.delivered)
        span, said = stopwatch() - begun, len(slack.said)
    bound = min(POSTS_PER_MINUTE + span * POSTS_PER_MINUTE / 60, left)
    label = f"{name}, said in {span:.0f} s under Slack's limit (bound over said)"
    figures.append(Figure(PART, label, bound / max(said, 1), "", 1.0, 1.1, note=f"{said} said"))
    return figures


async def _bulk(database: Database, rows: int) -> float:
    """Seconds to insert as many rows in one go: no way of queueing them can be faster."""
    table = Outbox.__table__  # type: ignore[attr-defined]
    row = Outbox(
        lane="floor", kind="post", state=OutboxState.DROPPED, queued_at=SystemClock().now()
    )
    values = row.model_dump(exclude={"id"})
    async with database.write() as session:
        connection = await session.connection()
        begun = stopwatch()
        await connection.execute(table.insert(), [dict(values) for _ in range(rows)])
        return stopwatch() - begun

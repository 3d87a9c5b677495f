"""7. Replicas: the same work with one, two and four processes on one PostgreSQL."""

import asyncio
from contextlib import AsyncExitStack

from sqlmodel import col, func, select

from benchmarks import load
from benchmarks.double import Double
from benchmarks.figures import Figure
from benchmarks.plan import Plan
from benchmarks.processes import subject
from benchmarks.requests import new_case
from bot.clock import stopwatch
from storage.database import Database
from storage.models import Inbox, Outbox

PART = "7. Replicas"
SLACK = 0.1  # seconds that every Slack call takes
PATIENCE = 90.0  # seconds


async def measure(plan: Plan) -> list[Figure]:
    """Cases opened at once: until each is done, and the slowest acknowledgement."""
    if plan.postgres_url is None:
        return []
    figures: list[Figure] = []
    alone = None
    for replicas in plan.replicas:
        took, slowest, twice, calls = await _opened(plan, replicas)
        alone = alone or took
        many = "1 replica" if replicas == 1 else f"{replicas} replicas"
        what = f"PostgreSQL, {many}, {plan.replica_cases} cases"
        plan.say(f"replicas: {replicas}")
        figures += [
            Figure(PART, f"{what}: until all is shown", took, "s", alone),
            Figure(PART, f"{what}: Slack calls a second", calls / took, "/s"),
            Figure(PART, f"{what}: slowest acknowledgement", slowest * 1000, "ms", None, 1000.0,
                   "value"),
            Figure(PART, f"{what}: channels beyond one a case", twice, "", None, 0.0, "value"),
        ]  # fmt: skip
    return figures


async def _opened(plan: Plan, replicas: int) -> tuple[float, float, int, int]:
    url = await plan.postgres()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Double(wait=SLACK).serving())
        arguments = ("desk", "--api", f"{slack.url}/api/", "--database", url)
        processes = [await stack.enter_async_context(subject(*arguments)) for _ in range(replicas)]
        await slack.quiet(5.0)
        slack.calls.clear()
        share = plan.replica_cases // replicas
        lines = [line for p in processes for line in await load.wires(p.port, share)]
        begun = stopwatch()
        times = await load.burst(lines, [load.signed(new_case()) for _ in lines])
        await emptied(Database(url))
        took = stopwatch() - begun
        created = sum(c.method == "conversations.create" for c in slack.calls)
        calls = len(slack.calls)
    return took, max(times), created - len(lines), calls


async def emptied(database: Database, patience: float = PATIENCE) -> None:
    """Wait until all that was accepted is carried out and shown, ``patience`` seconds at most."""
    until = stopwatch() + patience
    while stopwatch() < until:
        await asyncio.sleep(0.1)
        async with database.read() as session:
            left = 0
            for table in (Inbox, Outbox):
                query = select(func.count()).select_from(table).where(col(table.state) == "pending")
                left += (await session.exec(query)).one()
        if not left:
            break
    await database.close()

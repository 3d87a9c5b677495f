"""2. Opening a case: until its card can be read, until all are in, until all is done."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import load
from benchmarks.double import Asked, Double
from benchmarks.figures import Figure, median
from benchmarks.plan import Plan
from benchmarks.processes import subject
from benchmarks.requests import new_case
from benchmarks.rounds import Cost, world
from bot.clock import stopwatch

PART = "2. Opening a case"
SLACK = 0.1  # seconds that every Slack call takes
READ, INVITED, ALL = 2, 2, 3  # round trips: a channel, then its card and people, then the pin
OVER = 1.1  # the target over the floor
PATIENCE = 30.0  # seconds


async def measure(plan: Plan) -> list[Figure]:
    """Counts of the second case (everybody is known by then), and its wall time."""
    with TemporaryDirectory(dir=plan.folder) as folder:
        async with world(Path(folder)) as here:
            await here.ask(new_case())
            cost = await here.ask(new_case())
    figures = _counted(cost)
    for name, fresh in plan.databases():
        figures += await _timed(name, await fresh(), plan.openings)
    return figures


def _counted(cost: Cost) -> list[Figure]:
    read, invited = cost.round_of("conversations.create"), cost.round_of("conversations.invite")
    card = min(c.round for c in cost.calls if c.method == "chat.postMessage")
    names = (
        ("round trips until the card can be read", max(read, card), READ),
        ("round trips until all are invited", invited, INVITED),
        ("round trips until everything is done", cost.rounds, ALL),
    )
    figures = [Figure(PART, name, value, "", least, OVER) for name, value, least in names]
    figures.append(Figure(PART, "Slack calls", len(cost.calls), ""))
    figures.append(Figure(PART, "SQL statements in all", cost.queries(), ""))
    figures.append(Figure(PART, "SQL statements of the use case", cost.queries("inbox"), ""))
    return figures


async def _timed(name: str, database: str, times: int) -> list[Figure]:
    found: dict[str, list[float]] = {"read": [], "invited": [], "done": []}
    async with Double(wait=SLACK).serving() as slack:
        arguments = ("desk", "--api", f"{slack.url}/api/", "--database", database)
        async with subject(*arguments) as process:
            line = await load.Wire.open(process.port)
            for _ in range(times + 1):  # the first one also asks who everybody is
                slack.calls.clear()
                begun = stopwatch()
                await line.send(load.signed(new_case()))
                await _pinned(slack)
                for what, at in _moments(slack.calls).items():
                    found[what].append((at - begun) * 1000)
    floors = {"read": READ, "invited": INVITED, "done": ALL}
    return [
        Figure(
            PART,
            f"{name}, 100 ms a call, until {what}",
            median(values[1:]),
            "ms",
            floors[what] * SLACK * 1000,
            OVER,
        )
        for what, values in found.items()
    ]


async def _pinned(slack: Double) -> None:
    """The pin needs the card, so it is the last of what must follow in order."""
    async with asyncio.timeout(PATIENCE):
        while not any(c.method == "pins.add" for c in slack.calls):  # noqa: ASYNC110 - measured
            await asyncio.sleep(0.01)
    await slack.quiet(PATIENCE, 0.5)


def _moments(calls: list[Asked]) -> dict[str, float]:
    channel = next(c.answered for c in calls if c.method == "conversations.create")
    card = min(c.answered for c in calls if c.method == "chat.postMessage" and c.came >= channel)
    invited = max(c.answered for c in calls if c.method == "conversations.invite")
    return {"read": card, "invited": invited, "done": max(c.answered for c in calls)}

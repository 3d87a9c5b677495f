"""6. Start: until ready, with every clock of the largest store open; and memory."""

import asyncio

from benchmarks import load
from benchmarks.double import Double
from benchmarks.figures import Figure, median
from benchmarks.plan import Plan
from benchmarks.processes import subject
from benchmarks.replicas import emptied
from benchmarks.requests import new_case
from storage.database import Database

PART = "6. Start and memory"
GROWTH = 1.1  # memory after the second half of the cases over memory after the first
BATCH = 20  # cases asked for at once
STARTS = 2
PATIENCE = 120.0  # seconds for what half of the cases leave to do


async def measure(plan: Plan) -> list[Figure]:
    """Start against a Bolt app's, then memory as cases come (both databases side by side)."""
    figures: list[Figure] = []
    async with Double(keep=False).serving() as slack:
        api = f"{slack.url}/api/"
        floor, floor_memory = await _start("floor", "--api", api)
        for name, _ in plan.databases():
            url = plan.made(name, "open", plan.cases[-1])
            took, memory = await _start("desk", "--api", api, "--database", url)
            label = f"{name}, until ready with {plan.cases[-1]:,} open cases"
            figures.append(Figure(PART, label, took, "s", floor))
            figures.append(Figure(PART, f"{name}, memory at rest", memory, "MiB", floor_memory))
            plan.say(f"starting: {name}")
    memories = [_memory(name, await fresh(), plan.opened) for name, fresh in plan.databases()]
    return figures + await asyncio.gather(*memories)


async def _start(*arguments: str) -> tuple[float, float]:
    found = []
    for _ in range(STARTS):
        async with subject(*arguments) as process:
            found.append((process.started_in, process.memory()))
    return median([f[0] for f in found]), median([f[1] for f in found])


async def _memory(name: str, url: str, cases: int) -> Figure:
    """Memory after all cases, over memory after the first half of them."""
    async with Double(keep=False).serving() as slack:
        arguments = ("desk", "--api", f"{slack.url}/api/", "--database", url)
        async with subject(*arguments) as process:
            halves = []
            for _ in range(2):
                for _ in range(max(1, cases // BATCH // 2)):
                    lines = await load.wires(process.port, BATCH)
                    await load.burst(lines, [load.signed(new_case()) for _ in lines])
                    for line in lines:
                        line.close()
                    await slack.quiet(PATIENCE, 0.1)
                await emptied(Database(url), PATIENCE)
                halves.append(process.memory())
    label = f"{name}, memory after {cases:,} cases, over half of them"
    return Figure(PART, label, halves[1], "MiB", halves[0], GROWTH)

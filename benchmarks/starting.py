"""6. Start: until ready, with every clock of the largest store open; and memory."""

from benchmarks import load
from benchmarks.data import build
from benchmarks.double import Double
from benchmarks.figures import Figure, median
from benchmarks.plan import Plan
from benchmarks.processes import subject
from benchmarks.requests import new_case
from storage.database import Database

PART = "6. Start and memory"
GROWTH = 1.1  # memory after the second half of the cases over memory after the first
BATCH = 20  # cases asked for at once


async def measure(plan: Plan) -> list[Figure]:
    """Start against a Bolt app's, then memory as cases come."""
    figures: list[Figure] = []
    async with Double(keep=False).serving() as slack:
        api = f"{slack.url}/api/"
        floor, floor_memory = await _start("floor", "--api", api, times=plan.repeats)
        for name, fresh in plan.databases():
            url = await fresh()
            database = Database(url)
            await build(database, plan.cases[-1], 0, all_open=True)
            await database.close()
            arguments = ("desk", "--api", api, "--database", url)
            took, memory = await _start(*arguments, times=plan.repeats)
            label = f"{name}, until ready with {plan.cases[-1]:,} open cases"
            figures.append(Figure(PART, label, took, "s", floor))
            figures.append(Figure(PART, f"{name}, memory at rest", memory, "MiB", floor_memory))
            opened = plan.opened if database.is_sqlite else plan.opened // 5
            figures.append(await _memory(name, slack, await fresh(), opened))
    return figures


async def _start(*arguments: str, times: int) -> tuple[float, float]:
    found = []
    for _ in range(times):
        async with subject(*arguments) as process:
            found.append((process.started_in, process.memory()))
    return median([f[0] for f in found]), median([f[1] for f in found])


async def _memory(name: str, slack: Double, url: str, cases: int) -> Figure:
    """Memory after all cases, over memory after the first half of them."""
    arguments = ("desk", "--api", f"{slack.url}/api/", "--database", url)
    async with subject(*arguments) as process:
        lines = await load.wires(process.port, BATCH)
        halves = []
        for _ in range(2):
            for _ in range(max(1, cases // BATCH // 2)):
                await load.burst(lines, [load.signed(new_case()) for _ in lines])
                await slack.quiet(60.0, 0.1)
            halves.append(process.memory())
    label = f"{name}, memory after {cases:,} cases, over half of them"
    return Figure(PART, label, halves[1], "MiB", halves[0], GROWTH)

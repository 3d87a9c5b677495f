"""3. Every other command: round trips, one after another, until the person sees the result."""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from benchmarks.operations import operations
from benchmarks.plan import Plan
from benchmarks.requests import new_case
from benchmarks.rounds import world

PART = "3. Every other command"


async def measure(plan: Plan) -> list[Figure]:
    """Counted with everybody known, as they are after their first request."""
    figures = []
    with TemporaryDirectory(dir=plan.folder) as folder:
        async with world(Path(folder)) as here:
            await here.ask(new_case(4))
            for operation in operations()[1:]:
                cost = await here.ask(operation.body)
                seen = min((c.round for c in cost.calls if c.method in operation.seen), default=0)
                note = f"{len(cost.calls)} calls, {cost.queries()} statements"
                name = f"{operation.name}: round trips until seen"
                figures.append(Figure(PART, name, seen, "", 1, 1.0, note=note))
    return figures

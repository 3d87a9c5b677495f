"""11. What the records' guards and chain add to opening a case: with them and without, in turn.

Three stores in one process, of which one opens a case at a time, and which of them is first changes
from round to round: what else the machine does meets all alike. Slack answers at once, so nothing
but our own work is in the times. In one store nothing guards the records and no link is ever made;
in the next they are guarded, and links are made between the openings; in the third each opening
meets the making of the links of the case before it, which in a running app happens once a minute
(``SEAL_EVERY``).
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks.figures import Figure, median
from benchmarks.plan import Plan
from benchmarks.requests import new_case
from benchmarks.rounds import World, world
from bot.audit.sealing import seal_records
from bot.clock import stopwatch
from bot.operations import regular_work
from tests.unguarded import unguard

PART = "11. Records that prove themselves"
OVER = 1.1  # the target over opening without
FIRST = 3  # rounds whose times do not count: everything is loaded and known by then
BARE, GUARDED, MEANWHILE = "without", "with guards", "with guards, while links are made"
KINDS = (BARE, GUARDED, MEANWHILE)


async def measure(plan: Plan) -> list[Figure]:
    """Milliseconds from the request until all is shown, medians of ``plan.pairs`` openings each."""
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    async with AsyncExitStack() as stack:
        stores: dict[str, World] = {}
        stack.enter_context(patch.object(regular_work, "seal_records", _no_links))
        for kind in KINDS:
            place = stack.enter_context(TemporaryDirectory(dir=plan.folder))
            stores[kind] = await stack.enter_async_context(world(Path(place)))
            await stores[kind].ask(new_case())
        await unguard(stores[BARE].services.database)
        for number in range(FIRST + plan.pairs):
            for kind in KINDS if number % 2 else reversed(KINDS):
                times[kind].append(await _opened(stores[kind], kind))
    floor = median(times[BARE][FIRST:])
    return [
        Figure(PART, f"SQLite, opening {kind}", median(times[kind][FIRST:]), "ms", floor, OVER)
        for kind in KINDS[1:]
    ]


async def _no_links(_services: object) -> int:
    """In place of what makes links once a minute: here only ``_opened`` says when."""
    return 0


async def _opened(here: World, kind: str) -> float:
    """Milliseconds until a new case stands; what waits for a link gets it before, or meanwhile."""
    if kind == GUARDED:
        await seal_records(here.services)
    begun = stopwatch()
    links = asyncio.create_task(seal_records(here.services)) if kind == MEANWHILE else None
    await here.ask(new_case())
    took = (stopwatch() - begun) * 1000
    if links is not None and not await links:
        raise RuntimeError("no links were made meanwhile")
    return took

"""Two things at the same moment: one is done and not committed yet while the other begins."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sqlalchemy import text

from bot.engine.unit_of_work import UnitOfWork
from bot.registry import INTENTS, USE_CASES
from storage.database import Database
from tests.bot.stage import EMMA, Stage

PATIENCE = 20.0  # seconds until the second is given up that never waits for the first
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


async def at_once(
    stage: Stage,
    first: Callable[[UnitOfWork], Awaitable[object]],
    second: Coroutine[Any, Any, Any],
    who: str = EMMA,
) -> Any:
    """Begin ``second`` before ``first`` is committed, and for which it has to wait; its answer."""
    async with stage.database.write() as session:
        await first(stage.work(session, who))
        task = asyncio.create_task(second)
        await _until_it_waits(stage.database, task)
    return await task


def use_case(verb: str, case: int, **fields: Any) -> Callable[[UnitOfWork], Awaitable[object]]:
    """A verb, to be done within a transaction of somebody else's."""
    intent = INTENTS[verb].model_validate({"case": case, **fields})
    return lambda work: USE_CASES[verb](work, intent)


async def _until_it_waits(database: Database, task: asyncio.Task[Any]) -> None:
    """On SQLite writes take turns, so what began later has to wait anyway."""
    async with asyncio.timeout(PATIENCE):
        while not database.is_sqlite and not task.done():
            async with database.read() as session:
                if (await session.execute(WAITING)).scalar_one():
                    return

"""Storing what comes in: whatever arrives while one commit is on its way shares the next one.

A commit costs a wait for the disk, and a burst of a hundred deliveries needs a few of them, not a
hundred. Each delivery is still durable before it is acknowledged. A lost connection is tried again
for under a second, since Slack waits three for its acknowledgement; then the caller gets the error
and Slack delivers again. ``storage/receiving.py`` has the statement.
"""

import asyncio
from collections.abc import Sequence

import structlog

from storage import receiving
from storage.away import why_away
from storage.database import Database

BATCH = 200  # deliveries in one commit; more would only make the first of them wait
PAUSES = (0.2, 0.6)  # seconds before further tries; Slack waits three for its acknowledgement

log = structlog.get_logger()

Waiting = tuple[receiving.Row, asyncio.Future[bool]]


class Intake:
    """The door of the inbox."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def store(self, row: receiving.Row) -> bool:
        """Store a delivery; False when its key was there before. Durable when this returns.

        Raises what the store raises, to each caller of the batch that could not be stored.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="intake")
        return await future

    async def _write_all(self) -> None:
        """Store what waits, a batch a commit; who waits for a row hears how its batch went."""
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            try:
                fresh = await self._receive([row for row, _ in batch])
            except BaseException as fault:  # those who wait hear of it, whatever it is
                _fail(batch, fault)
                if not isinstance(fault, Exception):
                    raise
            else:
                _answer(batch, fresh)

    async def _receive(self, rows: Sequence[receiving.Row]) -> set[str]:
        """Store them in spite of a connection that was cut; the keys that were not there before.

        A commit of which no outcome was heard may have stored them: what a later try finds is ours.
        """
        for tried, pause in enumerate(PAUSES):
            try:
                fresh = await receiving.store_requests(self._database, rows)
            except Exception as fault:
                if (why := why_away(fault)) is None:
                    raise
                log.warning("store_unreachable", why=why, wait=pause)
                await asyncio.sleep(pause)
            else:
                return {row["key"] for row in rows} if tried else fresh
        await receiving.store_requests(self._database, rows)
        return {row["key"] for row in rows}


def _answer(batch: Sequence[Waiting], fresh: set[str]) -> None:
    for row, future in batch:
        if not future.done():
            future.set_result(row["key"] in fresh)
        fresh.discard(row["key"])  # the same key again in one batch is a redelivery


def _fail(batch: Sequence[Waiting], fault: BaseException) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(fault if isinstance(fault, Exception) else RuntimeError("stopped"))

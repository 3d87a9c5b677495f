"""Publish and subscribe, inside one event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox.state import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

QUEUE_MAX = 10_000  # events; a reader that far behind loses the oldest


class Subscription:
    """One reader's queue: iterate it, or ``await get()``."""

    def __init__(self) -> None:
        """Starts empty: a reader hears what comes after it subscribed."""
        self._queue: asyncio.Queue[Json] = asyncio.Queue()

    def put(self, event: Json) -> None:
        """Add one event, dropping the oldest when the reader sleeps."""
        if self._queue.qsize() >= QUEUE_MAX:
            self._queue.get_nowait()
        self._queue.put_nowait(event)

    async def get(self) -> Json:
        """The next event, waiting for it."""
        return await self._queue.get()

    def pending(self) -> list[Json]:
        """Everything that has arrived and was not read yet."""
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]

    async def __aiter__(self) -> AsyncIterator[Json]:
        while True:
            yield await self.get()


class Bus:
    """Small events for whoever watches the workspace: the page, tests, the tour.

    Shapes: ``{"type": "message", "channel", "ts", "change": "new|changed|deleted"}``,
    ``{"type": "ephemeral", "channel", "user", "ts"}``, ``{"type": "view", "user", "view_id"}``,
    ``{"type": "home", "user", "app_id"}``, ``{"type": "channel", "channel"}``,
    ``{"type": "user", "user"}``, ``{"type": "read", "channel", "user"}``,
    ``{"type": "notice", "user", "text"}``, ``{"type": "socket", "app_id", "connections"}``,
    ``{"type": "clock", "now"}``, ``{"type": "fault", "rules"}``, ``{"type": "mail"}``.
    ``{"type": "bye"}`` comes last, when the workspace is no longer served. ``rules`` are those that
    were added or struck, empty where some were lifted; ``now`` is ISO 8601.
    """

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._readers: set[Subscription] = set()

    def publish(self, event: Json) -> None:
        """Hand the event to every reader; never waits."""
        for reader in self._readers:
            reader.put(event)

    @contextmanager
    def subscribe(self) -> "Iterator[Subscription]":
        """Listen for as long as the ``with`` block lasts."""
        reader = Subscription()
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

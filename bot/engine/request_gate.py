"""Background work yields to requests that wait for their acknowledgement."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from bot.clock import stopwatch

IDLE_AFTER = 0.003  # seconds without a request after which a burst is over
PATIENCE = 1.0  # seconds after which work behind the acknowledgement goes on all the same


class RequestGate:
    """Counts the requests in hand; background work waits at the gate until there are none."""

    def __init__(self) -> None:
        self._in_hand = 0
        self._last = 0.0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count a request as in hand while the block runs."""
        self._in_hand += 1
        if self._idle.is_set():
            self._idle.clear()
            asyncio.get_running_loop().call_later(IDLE_AFTER, self._look)
        try:
            yield
        finally:
            self._in_hand -= 1
            self._last = stopwatch()

    def _look(self) -> None:
        left = IDLE_AFTER if self._in_hand else self._last + IDLE_AFTER - stopwatch()
        if left <= 0:
            self._idle.set()
        else:
            asyncio.get_running_loop().call_later(left, self._look)

    @property
    def is_idle(self) -> bool:
        """True when no request is in hand, and none was a moment ago."""
        return self._idle.is_set()

    async def wait_until_idle(self) -> None:
        """Wait until no request waits for its acknowledgement, ``PATIENCE`` at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), PATIENCE)

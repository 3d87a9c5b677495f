"""Whoever waits for an acknowledgement goes first: what is done behind it lets them by."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from bot.clock import stopwatch

CALM = 0.003  # seconds without a request after which a burst is over
PATIENCE = 1.0  # seconds after which work behind the acknowledgement goes on all the same


class Rush:
    """Counts the requests in hand."""

    def __init__(self) -> None:
        self._in_hand = 0
        self._last = 0.0
        self._calm = asyncio.Event()
        self._calm.set()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """A request is in hand while the block runs."""
        self._in_hand += 1
        if self._calm.is_set():
            self._calm.clear()
            asyncio.get_running_loop().call_later(CALM, self._look)
        try:
            yield
        finally:
            self._in_hand -= 1
            self._last = stopwatch()

    def _look(self) -> None:
        left = CALM if self._in_hand else self._last + CALM - stopwatch()
        if left <= 0:
            self._calm.set()
        else:
            asyncio.get_running_loop().call_later(left, self._look)

    @property
    def calm(self) -> bool:
        """True when nobody waits, and nobody did a moment ago."""
        return self._calm.is_set()

    async def over(self) -> None:
        """Wait until nobody waits for an acknowledgement, ``PATIENCE`` at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._calm.wait(), PATIENCE)

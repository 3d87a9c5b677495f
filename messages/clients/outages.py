"""When a service that we call was away, and is back: what waits for it may then be tried at once.

An outage begins with the first call that got no answer and ends with the next answer of any kind. A
single call that gets none while others do is no outage: what is wrong with it stays wrong. So only
an outage of ``SHORTEST`` and at least ``CALLS`` calls counts, and where one follows another soon,
only one of twice the length.
"""

import time
from collections.abc import Callable

SHORTEST = 5.0  # seconds
LONGEST = 300.0  # seconds; no outage must be longer to count
CALLS = 2  # calls without an answer
QUIET = 600.0  # seconds after the end of one, after which the shortest counts again


class Outage:
    """The outages of one service. ``steady`` counts seconds and is never set."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        """Begin without an outage; ``SHORTEST`` is needed for the first to count."""
        self._steady = steady
        self._began = self._ended = 0.0
        self._calls = 0
        self._needed = SHORTEST

    @property
    def is_on(self) -> bool:
        """True from a call without an answer to the next answer."""
        return self._calls > 0

    def unanswered(self) -> None:
        """Note a call that got no answer."""
        if not self._calls:
            self._began = self._steady()
        self._calls += 1

    def answered(self) -> bool:
        """Note an answer, a refusal too; True when it ends an outage that counts."""
        calls, self._calls = self._calls, 0
        if not calls:
            return False
        now = self._steady()
        if now - self._ended > QUIET:
            self._needed = SHORTEST
        if calls < CALLS or now - self._began < self._needed:
            return False
        self._needed, self._ended = min(self._needed * 2, LONGEST), now
        return True

"""So many requests a minute for each key, counted in memory."""

import time
from collections import OrderedDict
from collections.abc import Callable

KEYS_MAX = 10_000  # that are remembered, so that memory stays flat

Clock = Callable[[], float]


class Throttle:
    """So many requests a minute for each key; the oldest keys are forgotten.

    A bucket: up to ``per_minute`` at once, refilled evenly. ``clock`` is in seconds.

    Counts are of this process alone and end with it. Up to ``KEYS_MAX`` keys are remembered, and
    the one that has not asked for the longest time is forgotten first; it begins anew with a full
    bucket.
    """

    def __init__(self, per_minute: int, clock: Clock = time.monotonic) -> None:
        self._most, self._clock = per_minute, clock
        self._seen: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Count a request; False when there were too many. A refused one costs nothing."""
        now = self._clock()
        left, at = self._seen.pop(key, (float(self._most), now))
        left = min(float(self._most), left + (now - at) * self._most / 60)
        allowed = left >= 1
        self._seen[key] = (left - 1 if allowed else left, now)
        while len(self._seen) > KEYS_MAX:
            self._seen.popitem(last=False)
        return allowed

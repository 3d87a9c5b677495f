"""The one place where time is read."""

import time
from datetime import UTC, datetime
from typing import Protocol


class TimeSource(Protocol):
    """What time it is.

    ``now`` is the time of the case: what clocks, reminders and records go by. ``real`` is the
    time of the machine: what leases, retries and signatures go by. They differ only in the
    local workspace, whose time can be moved forward.
    """

    def now(self) -> datetime:
        """The time of the case, aware UTC."""

    def real(self) -> datetime:
        """The machine's time, aware UTC."""


class SystemClock:
    """Both times are the machine's."""

    def now(self) -> datetime:
        """The machine's time, aware UTC."""
        return datetime.now(UTC)

    def real(self) -> datetime:
        """The machine's time, aware UTC."""
        return datetime.now(UTC)


_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady() -> float:
    """Seconds on a clock that nobody sets, and that goes on while the process stands still.

    Where there is such a clock it also goes on while the machine sleeps.
    """
    return time.clock_gettime(_STEADY)


def stopwatch() -> float:
    """Seconds on a clock that never goes back, for measuring durations."""
    return time.perf_counter()

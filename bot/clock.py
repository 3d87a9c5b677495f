"""The one place where time is read.

Every instant in the app is an aware ``datetime`` in UTC; zones are applied only where a person
reads. Other modules may not call ``datetime.now`` or ``time.time`` (a ruff rule forbids it).
Three times exist: the case's (``now``), the machine's (``real``), and ``steady`` for deadlines
inside this process, which no change of the machine's clock moves.
"""

import time
from datetime import UTC, datetime
from typing import Protocol


class TimeSource(Protocol):
    """What time it is.

    ``now`` is the time of the case: what clocks, reminders and records go by. ``real`` is the time
    of the machine: what leases, retries and signatures go by. They differ only in the local
    workspace, in which time can be moved forward.
    """

    def now(self) -> datetime:
        """Return the time of the case, aware UTC: stored with everything that people read."""

    def real(self) -> datetime:
        """Return the machine's time, aware UTC: compared with leases and signed timestamps."""


class SystemClock:
    """The clock of an installation, on which both times are the machine's."""

    def now(self) -> datetime:
        """The machine's time, aware UTC."""
        return datetime.now(UTC)

    def real(self) -> datetime:
        """The machine's time, aware UTC."""
        return datetime.now(UTC)


_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady() -> float:
    """Return seconds on a clock that cannot be set and that goes on while the process is stopped.

    On Linux it also goes on while the machine sleeps (``CLOCK_BOOTTIME``). Its zero is arbitrary:
    compare two readings of the same process, never store one.
    """
    return time.clock_gettime(_STEADY)


def stopwatch() -> float:
    """Return seconds on a clock that never goes back, to measure durations within a process."""
    return time.perf_counter()

"""Clocks that are wrong: noticed, said once, and kept from making anything wait.

The clock by which leases and waits go (the database's, on SQLite the machine's) is held against the
steady one, which cannot be set; so is the machine's own. The machine's is also held against
Slack's, as the dates of its answers tell it. The message to administrators is in
``bot.operations.alerts``, the correction of rows in ``bot.engine.leases``.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import steady
from bot.engine import inbox, outbox_claims
from bot.engine.leases import Longest, pull_back
from bot.engine.unit_of_work import WorkServices
from bot.operations import alerts
from messages.clients.slack import Slack

JUMP_MIN = timedelta(seconds=5)  # clocks that are set right little by little do not jump
ASKING_MAX = 1.0  # seconds; an answer that took longer says nothing of when it was given

log = structlog.get_logger()


class TimeServices(WorkServices, Protocol):
    """What the watch on the clocks needs of the process."""

    @property
    def slack(self) -> Slack:
        """The workspace."""

    async def happened(self) -> None:
        """Show what was committed outside Slack, and look at the clocks again."""

    def wake(self) -> None:
        """Deliver what was committed."""


class Jumps:
    """Holds one clock against the steady one."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None

    async def look(self, ask: Callable[[], Awaitable[datetime]]) -> timedelta:
        """By how much the clock was put forward (or back, negative) since the last look.

        Zero the first time, for ``JUMP_MIN`` and less, and when the answer took over
        ``ASKING_MAX``.
        """
        before = steady()
        wall = await ask()
        at = steady()
        if at - before > ASKING_MAX:  # we stood still in between
            return timedelta(0)
        last, self._last = self._last, (wall, at)
        if last is None:
            return timedelta(0)
        jump = wall - last[0] - timedelta(seconds=at - last[1])
        return jump if abs(jump) > JUMP_MIN else timedelta(0)


class TimeWatch:
    """One process's watch on the clocks."""

    def __init__(self, services: TimeServices) -> None:
        self._services = services
        self._machine, self._store = Jumps(), Jumps()

    async def look(self) -> bool:
        """Put right what a clock has made wrong. True when the machine's own was set.

        Leases and waits longer than anything may wait are shortened (``pull_back``); when the
        store's clock was put back, so is everything that waits. A difference to Slack's clock is
        only reported, to the administrators.
        """
        desk = self._services
        jump = await self._machine.look(self._machine_time)
        if jump:
            log.warning("clock_was_set", seconds=round(jump.total_seconds(), 1))
        back = await self._store.look(self._store_time) < timedelta(0)
        freed = await pull_back(desk.database, desk.clock.real(), longest_wait(), jumped=back)
        if freed:
            log.warning("waits_were_pulled_back", rows=freed)
        if jump or freed:
            await desk.happened()
        if desk.slack.time.apart and await alerts.clocks_apart(desk):
            log.warning("clock_differs_from_slacks", ahead=str(desk.slack.time.ahead))
            desk.wake()
        return bool(jump)

    async def _machine_time(self) -> datetime:
        return self._services.clock.real()

    async def _store_time(self) -> datetime:
        async with self._services.database.read() as session:
            return await self._services.database.time(session, self._services.clock.real())


def longest_wait() -> Longest:
    """The longest leases of outbox and inbox, and the longest wait before another try.

    A row that would wait longer was written by a clock that was put back since.
    """
    return Longest(outbox_claims.LEASE, inbox.LEASE, outbox_claims.LONGEST_WAIT)

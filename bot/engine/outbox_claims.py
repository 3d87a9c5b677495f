"""Claims on rows of the outbox: who may perform which row, and until when.

A row is claimed with a lease and marked as attempted in the same transaction, before the call, so
that the next claim after a crash knows to look for what an earlier try has done. Rows of a lane
are claimed in order; a row that waits for another is not claimed before that one has ended.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import and_, case, exists, or_, true, update
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from bot.clock import TimeSource, steady
from bot.engine.leases import MARGIN
from bot.rules.duty.pagers import PagerName
from bot.rules.duty.ways import KIND as PAGE_WAY
from bot.rules.states import OutboxState
from bot.rules.words import BugTracker, HelpDesk
from messages.clients.outages import Outage
from messages.clients.slack import Slack
from messages.clients.slack_limits import Limits
from storage import wakeups
from storage.database import Database
from storage.models import Outbox

LEASE = timedelta(seconds=45)  # then another replica may try; no call starts that could outlive it
LEFT_OVER = timedelta(minutes=1)  # what waits longer when we start was not queued just now
LONGEST_WAIT = timedelta(minutes=5)  # of a row before it is tried again; a longer limit is met anew
TOLD_AFTER = 5.0  # seconds after which what was delivered is told, whatever still follows
POLL = 5.0  # seconds; the net beneath the wake-up
# Effects that are one call of a method with a narrow limit: the right to call is taken when the row
# is, so that what comes first by its priority is also done first.
METHODS = {
    "create_channel": "conversations.create",
    "pin": "pins.add",
    "topic": "conversations.setTopic",
    "bookmark": "bookmarks.add",
}

# Kinds of effect that are no call to Slack, each a service of its own.
ELSEWHERE = frozenset(
    {"mail", "calendar_mail", "test_mail", PAGE_WAY, *HelpDesk, *BugTracker, *PagerName}
)

log = structlog.get_logger()


class ClaimServices(Protocol):
    """What claims need of the process that makes them."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def slack(self) -> Slack:
        """The workspace; its clock tells when a row was first tried."""

    def delayed(self, row: Outbox, seconds: float) -> None:
        """A rate limit of Slack's makes this row wait."""


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed row. ``tried_before`` says that an earlier try may have taken effect.

    ``seen`` is shared by all rows claimed at the same moment: reads begun after it, by case number.
    ``ends`` is when the lease ends, in seconds on the steady clock of this process; it is counted
    from before the claim, so it never ends later than the stored lease.
    """

    row: Outbox
    tried_before: bool
    seen: dict[int, asyncio.Task[Any]] = field(default_factory=dict)
    ends: float = float("inf")

    @property
    def left(self) -> float:
        """Seconds of the lease that are left, none after it has ended."""
        return max(self.ends - steady(), 0.0)


class DeliveredLog:
    """Tells in the log what was delivered: one line a request, not one an effect.

    What a process still holds when it is killed is not told; the rows themselves say it.
    """

    def __init__(self) -> None:
        self._done: dict[str, list[Outbox]] = {}
        self._since = 0.0

    def note(self, row: Outbox) -> None:
        """Keep a row that was delivered, to be told with the others of its request."""
        self._since = self._since if self._done else steady()
        self._done.setdefault(row.correlation, []).append(row)

    def tell(self, *, at_once: bool) -> None:
        """Write what is kept, unless more of it may follow soon."""
        if not self._done or not (at_once or steady() - self._since > TOLD_AFTER):
            return
        told, self._done = self._done, {}
        for correlation, rows in told.items():
            kinds = dict(Counter(row.kind for row in rows))
            ids = [row.id for row in rows]
            log.info("delivered", correlation=correlation, outbox=ids, kinds=kinds)


class OutboxClaims:
    """The claims of one process. ``wake`` is called when other rows may be claimed at once."""

    def __init__(
        self, services: ClaimServices, limits: Callable[[], Limits], wake: Callable[[], None]
    ) -> None:
        """Claim for this process; ``wake`` is called when more can be claimed at once.

        ``limits`` is asked anew each time, since a policy may change it. What is at a limit waits
        by a monotonic clock, in seconds.
        """
        self._services = services
        self._current_limits = limits
        self._wake = wake
        self._waiting: dict[str, float] = {}  # kinds with a method at its limit, until when
        self._outages = {kind: Outage() for kind in ELSEWHERE}
        self.delivered = DeliveredLog()
        self._upcoming = math.inf  # when a wait or a lease ends, by the clock of the limits

    @property
    def _limits(self) -> Limits:
        """The limits that delivery goes by now: they can be exchanged while the app runs."""
        return self._current_limits()

    async def claim_rows(self, room: int, in_hand: Collection[int] = ()) -> list[Job]:
        """Claim up to ``room`` rows, by priority; never those with an id that is ``in_hand``.

        Rows are chosen without the write lock and leased by one statement, which skips those that
        another process has claimed in between. The right to call a method with a narrow limit is
        taken before, and given back for rows that were lost. They are returned by priority, then by
        id.
        """
        ends = steady() + LEASE.total_seconds()
        if room <= 0:  # the end of a row makes room, and wakes
            self._upcoming = math.inf
            return []
        real, found = await self._look(room, in_hand)
        wanted = {row.id: row for row in found if self._may_begin(row)}
        if not wanted:
            return []
        marked = self._services.clock.now()
        rows = await self._lease(list(wanted), real, marked)
        seen: dict[int, asyncio.Task[Any]] = {}
        jobs = [Job(row, _tried(wanted.pop(row.id), row, marked), seen, ends) for row in rows]
        for lost in wanted.values():  # to another replica, which asks for its own right to call
            if lost.kind in METHODS:
                self._limits.give_back(METHODS[lost.kind])
        return jobs

    def unanswered(self, kind: str) -> None:
        """Note that an effect got no answer; outages of Slack are noted by its client."""
        if kind in self._outages:
            self._outages[kind].unanswered()

    async def answered(self, kind: str) -> None:
        """Note that an effect was done; after an outage free what waits for the same service."""
        if kind in self._outages and self._outages[kind].answered():
            await self.free_waiting(kind)

    async def free_waiting(self, service: str) -> int:
        """Make everything due now that waits for another try at a service that is back.

        ``service`` is ``slack`` or a kind of ``ELSEWHERE``. Answers how many rows there were. A
        rate limit that made one wait is met again.
        """
        kind = col(Outbox.kind)
        ours = kind == service if service in ELSEWHERE else kind.not_in(sorted(ELSEWHERE))
        waiting = (col(Outbox.state) == OutboxState.PENDING, col(Outbox.not_before).is_not(None))
        freed = update(Outbox).where(*waiting, ours, col(Outbox.attempts) > 0)
        async with self._services.database.write() as session:
            rows = (await session.exec(freed.values(not_before=None))).rowcount
            if rows:
                wakeups.note_wakeup(session, wakeups.OUTBOX)
        self._wake()
        return int(rows)

    def hold_kind(self, kind: str, seconds: float) -> None:
        """Claim no row of this kind for so long: its method is at its limit."""
        self._waiting[kind] = self._limits.now() + seconds

    def release_kinds(self) -> None:
        """Claim rows of every kind again."""
        self._waiting.clear()

    async def retry_instant(self, seconds: float) -> datetime:
        """The instant, by the time that leases go by, at which a row is tried again."""
        return await self._lease_time() + min(timedelta(seconds=seconds), LONGEST_WAIT)

    def seconds_until_next(self) -> float:
        """Seconds until something that waits may be tried again, at most the poll.

        What waits for another row is woken by that row's end, not by time.
        """
        now = self._limits.now()
        moments = [self._upcoming, *self._waiting.values()]
        return min(max(min(moments) - now, 0.01), POLL)

    async def any_pending(self) -> bool:
        """True while a row waits, whether or not it may be claimed now."""
        query = select(Outbox.id).where(col(Outbox.state) == OutboxState.PENDING).limit(1)
        async with self._services.database.read() as session:
            return (await session.exec(query)).first() is not None

    async def release_all(self) -> None:
        """End every lease. Only for a process that is alone on its database."""
        async with self._services.database.write() as session:
            leased = update(Outbox).where(col(Outbox.lease_until).is_not(None))
            await session.exec(leased.values(lease_until=None))

    async def mark_stale_rows_as_attempted(self) -> None:
        """Mark rows that have waited for over a minute as attempted: a backup may hold them.

        Slack may show their effects already, so the next claim looks for those first.
        """
        now = self._services.clock.now()
        queued = col(Outbox.queued_at)
        old = or_(queued < now - LEFT_OVER, queued > now + LEFT_OVER)  # or the clock was put back
        waiting = (col(Outbox.state) == OutboxState.PENDING, col(Outbox.attempted_at).is_(None))
        stale = update(Outbox).where(*waiting, old)
        async with self._services.database.write() as session:
            await session.exec(stale.values(attempted_at=Outbox.queued_at))

    async def _look(self, room: int, in_hand: Collection[int]) -> tuple[datetime, list[Outbox]]:
        """What may be claimed, with the time by which leases go; notes when more may be.

        One statement without the write lock: most wake-ups find nothing.
        """
        async with self._services.database.read() as session:
            now = self._services.database.now(self._services.clock.real())
            claimable = self._claimable_rows(in_hand).limit(room).subquery()
            pending = col(Outbox.state) == OutboxState.PENDING
            moments = [
                select(func.min(column)).where(pending, column > now).scalar_subquery()
                for column in (col(Outbox.not_before), col(Outbox.lease_until))
            ]
            times = sa_select(now.label("now"), *(m.label(f"m{i}") for i, m in enumerate(moments)))
            at, row = times.subquery(), aliased(Outbox, claimable)
            query = sa_select(at, row).outerjoin_from(at, row, true())
            query = query.order_by(col(row.priority), col(row.id))
            found = (await session.exec(query)).all()  # type: ignore[call-overload]
        real = _aware(found[0][0])
        waits = [(_aware(each) - real).total_seconds() for each in found[0][1:3] if each]
        self._upcoming = self._limits.now() + min(waits, default=math.inf)
        return real, [row for *_, row in found if row is not None]

    def _claimable_rows(self, in_hand: Collection[int]) -> Any:
        """Those that are free and wait for no other row, the most urgent first."""
        earlier, before = aliased(Outbox), aliased(Outbox)
        first = ~exists().where(
            and_(
                col(earlier.lane) == Outbox.lane,
                col(earlier.id) < Outbox.id,
                col(earlier.state) == OutboxState.PENDING,
            )
        )
        ready = ~exists().where(
            and_(col(before.id) == Outbox.after, col(before.state) == OutboxState.PENDING)
        )
        query = select(Outbox).where(*self._free(), *self._wanted(in_hand), first, ready)
        return query.order_by(col(Outbox.priority), col(Outbox.id))

    async def _lease(self, wanted: list[int], real: datetime, marked: datetime) -> list[Outbox]:
        """Those of the rows that are still free, leased and marked as attempted."""
        which = col(Outbox.id).in_(wanted)
        free = select(Outbox.id).where(which, *self._free())
        untried = col(Outbox.attempted_at).is_(None)
        change = (
            update(Outbox)
            .where(col(Outbox.id).in_(free.with_for_update(skip_locked=True)))
            .values(
                lease_until=real + LEASE,
                claims=Outbox.claims + 1,
                attempted_at=case((untried, marked), else_=Outbox.attempted_at),
                attempted_slack=case(
                    (untried, self._services.slack.time.now()), else_=Outbox.attempted_slack
                ),
            )
            .returning(Outbox)
            .execution_options(synchronize_session=False)
        )
        async with self._services.database.write() as session:
            rows = (await session.exec(change)).scalars().all()
        return sorted(rows, key=lambda row: (row.priority, row.id))

    def _may_begin(self, row: Outbox) -> bool:
        """False while the method that the row is for is at its limit; then the kind waits."""
        if row.kind in self._waiting:
            return False
        method = METHODS.get(row.kind)
        wait = self._limits.take(method) if method else 0.0
        if wait > 0:
            self.hold_kind(row.kind, wait)
            self._services.delayed(row, wait)
            self._wake()  # others may have stood behind
        return wait <= 0

    def _free(self) -> list[Any]:
        """Return the conditions for a row that is pending, not leased now, and need not wait.

        A wait that lies beyond the longest possible was written by a wrong clock and does not
        count.
        """
        machine, store = self._services.clock.real(), self._services.database
        real, beyond = store.now(machine), store.now(machine, LONGEST_WAIT + MARGIN)
        not_before, lease = col(Outbox.not_before), col(Outbox.lease_until)
        return [
            col(Outbox.state) == OutboxState.PENDING,
            or_(not_before.is_(None), not_before <= real, not_before > beyond),
            or_(lease.is_(None), lease <= real),
        ]

    def _wanted(self, in_hand: Collection[int]) -> list[Any]:
        """Of free rows, those that this process could begin now."""
        now = self._limits.now()
        self._waiting = {k: until for k, until in self._waiting.items() if until > now}
        return [
            col(Outbox.kind).not_in(sorted(self._waiting)),
            col(Outbox.id).not_in(in_hand),
        ]

    async def _lease_time(self) -> datetime:
        """The time by which leases and waits go."""
        async with self._services.database.read() as session:
            return await self._services.database.time(session, self._services.clock.real())


def _tried(before: Outbox, row: Outbox, marked: datetime) -> bool:
    """Whether an earlier try may have taken effect: as it was seen, or since that look."""
    unchanged = row.claims == before.claims + 1 and row.attempted_at == marked
    return before.attempted_at is not None or not unchanged


def _aware(instant: datetime) -> datetime:
    """The least of several instants comes from SQLite without its zone."""
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)

"""From the outbox to Slack: claim, perform, record what was learned.

Lanes run side by side, a lane runs in order. A row is claimed with a lease and marked as
attempted before the call, so whoever tries again after a crash knows to look first.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import and_, exists, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import Clock
from bot.outside import Customers
from bot.people import People
from bot.reading import Reading
from bot.rules.policy import Policy
from messages.limits import Limits
from messages.slack import Slack, SlackRateLimited, SlackRefused, SlackUnknown
from messages.smtp import MailAway, MailUnknown
from storage.database import Database
from storage.models import Outbox

LEASE = timedelta(seconds=90)  # longer than a call may take; then another replica may try
IN_FLIGHT = 40  # effects under way at once in this process
POLL = 5.0  # seconds; the net beneath the wake-up
IDLE_POLL = 0.02  # seconds between looks of somebody who waits until all is delivered
BACKOFF_MAX = 300.0  # seconds between tries of a lane that keeps failing
ALERT_AFTER = 5  # failed tries after which an administrator should know
PATIENCE = 1.5  # seconds worth waiting for a rate limit without giving the row back
# Slack's refusals that pass: somebody must mend a token, a scope or Slack itself; the row waits.
MENDABLE = frozenset(
    {
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
        "missing_scope", "no_permission", "org_login_required", "accesslimited", "access_denied",
        "team_access_not_granted", "request_timeout", "team_added_to_org", "restricted_action",
    }
)  # fmt: skip

log = structlog.get_logger()


@dataclass(slots=True)
class Learned:
    """What a performed effect teaches; ``save`` stores it in the transaction that ends the row."""

    result: dict[str, Any] = field(default_factory=dict)
    save: Callable[[AsyncSession], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed row. ``tried_before`` says that an earlier try may have taken effect."""

    row: Outbox
    tried_before: bool


class Later(Exception):
    """A rate limit of ours says to wait ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.1f} s")
        self.seconds = seconds


class Desk(Protocol):
    """What delivery needs of the desk."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def slack(self) -> Slack:
        """The workspace."""

    @property
    def policy(self) -> Policy:
        """What the organisation decided."""

    @property
    def customers(self) -> Customers:
        """How customers are reached outside Slack."""

    @property
    def people(self) -> People:
        """Who is who."""

    @property
    def reading(self) -> Reading:
        """Questions to the store."""


Performer = Callable[["Delivery", Job], Awaitable[Learned]]


class Delivery:
    """The worker that makes Slack show what the store decided."""

    def __init__(self, desk: Desk, performers: Mapping[str, Performer]) -> None:
        self.desk = desk
        self.limits = Limits()
        self._performers = performers
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False

    def wake(self) -> None:
        """There may be something to do."""
        self._quiet.clear()
        self._wake.set()

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call Slack within its limits.

        Raises Later when the wait is long, and what ``Slack.call`` raises.
        """
        channel = str(arguments.get("channel") or arguments.get("channel_id") or "")
        while (wait := self.limits.take(method, channel)) > 0:
            if wait > PATIENCE:
                raise Later(wait)
            await asyncio.sleep(wait)
        try:
            return await self.desk.slack.call(method, **arguments)
        except SlackRateLimited as limited:
            self.limits.close(method, channel, limited.retry_after)
            raise

    async def run(self) -> None:
        """Deliver until ``stop``."""
        while not self._stopping:
            self._wake.clear()
            jobs = await self._claim(IN_FLIGHT - len(self._running))
            for job in jobs:
                task = asyncio.create_task(self._deliver(job))
                self._running.add(task)
                task.add_done_callback(self._ended)
            if not jobs:
                await self._rest()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()
        if not task.cancelled() and (fault := task.exception()):
            log.error("delivery_broke", exc_info=fault)

    async def _rest(self) -> None:
        if not self._running and not self._wake.is_set():
            self._quiet.set()
        try:
            await asyncio.wait_for(self._wake.wait(), await self._pause())
        except TimeoutError:
            self._quiet.clear()

    async def _pause(self) -> float:
        """Seconds until a row that waits may be tried again, at most the poll."""
        async with self.desk.database.read() as session:
            query = select(func.min(Outbox.not_before)).where(col(Outbox.state) == "pending")
            soonest = (await session.exec(query)).one()
        if soonest is None:
            return POLL
        soonest = (
            soonest if soonest.tzinfo else soonest.replace(tzinfo=self.desk.clock.real().tzinfo)
        )
        left = (soonest - self.desk.clock.real()).total_seconds()
        return min(max(left, 0.01), POLL)

    async def stop(self, grace: float) -> None:
        """Claim nothing more, finish what is in hand within ``grace`` seconds, release the rest."""
        self._stopping = True
        self._wake.set()
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        for task in list(self._running):
            task.cancel()

    async def idle(self, patience: float) -> bool:
        """Wait until nothing is left to do; False if that takes over ``patience`` seconds."""
        try:
            await asyncio.wait_for(self._settled(), patience)
        except TimeoutError:
            return False
        return True

    async def _settled(self) -> None:
        while True:
            await self._quiet.wait()
            if not await self._claimable():
                return
            self.wake()
            await asyncio.sleep(IDLE_POLL)

    async def _claimable(self) -> bool:
        async with self.desk.database.read() as session:
            query = select(Outbox.id).where(col(Outbox.state) == "pending").limit(1)
            return (await session.exec(query)).first() is not None

    async def _claim(self, room: int) -> list[Job]:
        if room <= 0:
            return []
        real = self.desk.clock.real()
        earlier, before = aliased(Outbox), aliased(Outbox)
        query = (
            select(Outbox)
            .where(
                col(Outbox.state) == "pending",
                or_(col(Outbox.not_before).is_(None), col(Outbox.not_before) <= real),
                or_(col(Outbox.lease_until).is_(None), col(Outbox.lease_until) <= real),
                ~exists().where(
                    and_(
                        col(earlier.lane) == Outbox.lane,
                        col(earlier.id) < Outbox.id,
                        col(earlier.state) == "pending",
                    )
                ),
                ~exists().where(
                    and_(col(before.id) == Outbox.after, col(before.state) == "pending")
                ),
            )
            .order_by(col(Outbox.priority), col(Outbox.id))
            .limit(room)
            .with_for_update(skip_locked=True, of=Outbox)
        )
        if not await self._anything(real):
            return []
        async with self.desk.database.write() as session:
            rows = list((await session.exec(query)).all())
            jobs = [Job(row, row.attempted_at is not None) for row in rows]
            for row in rows:
                row.lease_until = real + LEASE
                row.attempted_at = row.attempted_at or self.desk.clock.now()
                session.add(row)
        return jobs

    async def _anything(self, real: datetime) -> bool:
        """A look without the write lock: most wake-ups find nothing."""
        async with self.desk.database.read() as session:
            query = select(Outbox.id).where(
                col(Outbox.state) == "pending",
                or_(col(Outbox.not_before).is_(None), col(Outbox.not_before) <= real),
                or_(col(Outbox.lease_until).is_(None), col(Outbox.lease_until) <= real),
            )
            return (await session.exec(query.limit(1))).first() is not None

    async def _deliver(self, job: Job) -> None:
        row = job.row
        structlog.contextvars.bind_contextvars(
            outbox=row.id, kind=row.kind, lane=row.lane, correlation=row.correlation
        )
        try:
            learned = await self._performers[row.kind](self, job)
        except Later as later:
            undone = row.attempted_at if job.tried_before else None
            await self._later(row, later.seconds, attempted_at=undone)
        except SlackRateLimited as limited:
            await self._later(row, limited.retry_after, error=str(limited))
        except (SlackUnknown, MailAway, MailUnknown) as unknown:
            await self._retry(row, str(unknown))
        except SlackRefused as refused:
            await self._refused(row, refused)
        except Exception as fault:
            log.error("delivery_failed", exc_info=fault)
            await self._retry(row, f"{type(fault).__name__}: {fault}"[:500])
        else:
            await self._done(row, learned)

    async def _refused(self, row: Outbox, refused: SlackRefused) -> None:
        if refused.code in MENDABLE:
            await self._retry(row, str(refused))
            return
        log.warning("delivery_refused", code=refused.code, method=refused.method)
        await self._set(
            row,
            state="refused",
            error=str(refused),
            lease_until=None,
            done_at=self.desk.clock.now(),
        )
        self.wake()

    async def _retry(self, row: Outbox, error: str) -> None:
        attempts = row.attempts + 1
        wait = min(BACKOFF_MAX, 2.0 ** min(attempts, 10) / 2) * random.uniform(0.5, 1.0)  # noqa: S311
        level = log.error if attempts == ALERT_AFTER else log.warning
        level("delivery_will_retry", error=error, attempts=attempts, wait=round(wait, 2))
        await self._later(row, wait, error=error, attempts=attempts)

    async def _later(self, row: Outbox, seconds: float, **values: Any) -> None:
        not_before = self.desk.clock.real() + timedelta(seconds=seconds)
        await self._set(row, lease_until=None, not_before=not_before, **values)
        self.wake()

    async def _set(self, row: Outbox, **values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        async with self.desk.database.write() as session:
            await session.exec(update(Outbox).where(col(Outbox.id) == row.id).values(**values))

    async def _done(self, row: Outbox, learned: Learned) -> None:
        async with self.desk.database.write() as session:
            if learned.save is not None:
                await learned.save(session)
            await session.exec(
                update(Outbox)
                .where(col(Outbox.id) == row.id)
                .values(
                    state="done",
                    error="",
                    lease_until=None,
                    result=learned.result,
                    done_at=self.desk.clock.now(),
                )
            )
        log.info("delivered")
        self.wake()

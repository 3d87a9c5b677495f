"""From the outbox to Slack: claim, perform, record what was learned.

Lanes run side by side, a lane runs in order. A row is claimed with a lease and marked as
attempted before the call, so whoever tries again after a crash knows to look first. Whoever
holds a lease makes no call that could outlive it. What became of a row is recorded only by its
latest claim: the count of claims is compared in the transaction that records it.
"""

import asyncio
import contextlib
import math
import random
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import and_, case, exists, or_, true, update
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import steady
from bot.engine import ports
from bot.engine.leases import MARGIN, TakenOver, holding
from bot.errors import is_away, say_broken
from bot.rules.facts import CaseFacts
from bot.rules.states import OutboxState
from messages.clients.helpdesks import Away
from messages.clients.slack import CALL_TIMEOUT, SlackRateLimited, SlackRefused, SlackUnknown
from messages.clients.slack_limits import Limits
from messages.clients.smtp import MailAway, MailUnknown
from storage.models import Outbox

LEASE = timedelta(seconds=45)  # then another replica may try; no call starts that could outlive it
LEFT_OVER = timedelta(minutes=1)  # what waits longer when we start was not queued just now
RELEASED = 2.0  # seconds that Slack may still be busy with a call that a stop has cut short
STORE_PAUSE = 1.0  # seconds before the next try when the store cannot be reached
IN_FLIGHT = 40  # effects under way at once in this process
POLL = 5.0  # seconds; the net beneath the wake-up
IDLE_POLL = 0.02  # seconds between looks of somebody who waits until all is delivered
BACKOFF_FIRST = 1.0  # seconds before the second try at most; doubled for each one after
BACKOFF_MAX = 300.0  # seconds between tries of a lane that keeps failing
LONGEST = timedelta(seconds=BACKOFF_MAX)  # that a row waits; a longer limit is met again
ALERT_AFTER = 5  # failed tries after which an administrator should know
PATIENCE = 1.5  # seconds worth waiting for a rate limit without giving the row back
# Effects that are one call of a method with a narrow limit: the right to call is taken when the row
# is, so that what comes first by its priority is also done first.
METHODS = {
    "create_channel": "conversations.create",
    "pin": "pins.add",
    "topic": "conversations.setTopic",
    "bookmark": "bookmarks.add",
}
# Slack's refusals that pass: somebody must mend a token, a scope or Slack itself; the row waits.
MENDABLE = frozenset(
    {
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
        "missing_scope", "no_permission", "org_login_required", "accesslimited", "access_denied",
        "team_access_not_granted", "request_timeout", "team_added_to_org", "restricted_action",
    }
)  # fmt: skip
CHANNELS = frozenset({"create_channel", "problem_channel"})
# Refusals of a token, or that pass by themselves: nobody could be told, or needs to be.
UNHEARD = frozenset(
    {
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
        "request_timeout", "team_added_to_org",
    }
)  # fmt: skip

log = structlog.get_logger()

_granted: ContextVar[set[str]] = ContextVar("granted")  # methods that the row in hand may call
_deadline: ContextVar[float] = ContextVar("deadline")  # when the row in hand gets no more calls


@dataclass(slots=True)
class EffectResult:
    """What a performed effect teaches; ``save`` stores it in the transaction that ends the row.

    ``witness`` is for effects that nobody can look for: it leaves what happened for the row's
    next holder to find, where ours was taken over. It records no outcome.
    """

    result: dict[str, Any] = field(default_factory=dict)
    save: Callable[[AsyncSession], Awaitable[None]] | None = None
    witness: Callable[[AsyncSession], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed row. ``tried_before`` says that an earlier try may have taken effect.

    ``seen`` are the cases of all rows claimed at the same moment, read after that moment.
    ``ends`` is when the lease ends, on the steady clock of this process.
    """

    row: Outbox
    tried_before: bool
    seen: dict[int, asyncio.Task[CaseFacts | None]] = field(default_factory=dict)
    ends: float = float("inf")

    @property
    def left(self) -> float:
        """Seconds of the lease that are left, none after it has ended."""
        return max(self.ends - steady(), 0.0)


class Later(Exception):
    """A rate limit of ours says to wait ``seconds``.

    ``everywhere``: it is the method's own limit, not that of one channel.
    """

    def __init__(self, seconds: float, *, everywhere: bool = False) -> None:
        super().__init__(f"{seconds:.1f} s")
        self.seconds = seconds
        self.everywhere = everywhere


class DeliveryServices(ports.Services, Protocol):
    """What delivery needs of the desk."""

    async def troubled(self, row: Outbox) -> None:
        """A lane keeps failing: somebody should know."""

    def delayed(self, row: Outbox, seconds: float) -> None:
        """Slack's limits make this row wait."""

    async def doubt(self, session: AsyncSession, row: Outbox, code: str) -> None:
        """Slack refused this row for good: in the transaction that says so."""


Also = Callable[[AsyncSession], Awaitable[None]]
Performer = Callable[["Delivery", Job], Awaitable[EffectResult]]


class Delivery:
    """The worker that makes Slack show what the store decided."""

    def __init__(self, services: DeliveryServices, performers: Mapping[str, Performer]) -> None:
        self.services = services
        self.limits = Limits()
        self._performers = performers
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._running: dict[asyncio.Task[None], Job] = {}
        self._waiting: dict[str, float] = {}  # kinds whose method is at its limit, until when
        self._upcoming = math.inf  # when a wait or a lease ends, by the clock of the limits
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
        granted = _granted.get(set())
        while method not in granted and (wait := self.limits.take(method, channel)) > 0:
            if wait > PATIENCE:
                raise Later(wait, everywhere=self.limits.wait(method) > 0)
            await self.limits.sleep(wait)
        granted.discard(method)
        if steady() > _deadline.get(float("inf")):
            raise SlackUnknown(method, "the lease is running out")
        try:
            return await self.services.slack.call(method, **arguments)
        except SlackRateLimited as limited:
            self.limits.close(method, channel, limited.retry_after)
            raise

    async def run(self) -> None:
        """Deliver until ``stop``; a store that is away is waited for.

        What could be claimed is claimed at once, so there is nothing more to do until a row ends,
        one is queued (both wake), or a moment comes that the look has seen.
        """
        while not self._stopping:
            self._wake.clear()
            try:
                await self.services.rush.over()
                for job in await self._claim(IN_FLIGHT - len(self._running)):
                    task = asyncio.create_task(self._deliver(job))
                    self._running[task] = job
                    task.add_done_callback(self._ended)
                await self._rest()
            except Exception as fault:  # noqa: BLE001 - what waits is never left for good
                say_broken(fault, "delivery")
                await asyncio.sleep(STORE_PAUSE)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._wake.set()
        if not task.cancelled() and (fault := task.exception()):
            say_broken(fault, "delivery")  # another try follows when the lease ends

    async def _rest(self) -> None:
        if not self._running and not self._wake.is_set():
            self._quiet.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self._pause())

    def _pause(self) -> float:
        """Seconds until something that waits may be tried again, at most the poll.

        What waits for another row is woken by that row's end, not by time.
        """
        now = self.limits.now()
        moments = [self._upcoming, *self._waiting.values()]
        return min(max(min(moments) - now, 0.01), POLL)

    async def stop(self, grace: float) -> None:
        """Claim nothing more, finish what is in hand within ``grace`` seconds, release the rest."""
        self._stopping = True
        self._wake.set()
        if self._running:
            await asyncio.wait(set(self._running), timeout=grace)
        cut = dict(self._running)
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
        for job in cut.values():
            with contextlib.suppress(Exception):  # else the lease ends by itself
                await self._later(job.row, RELEASED)

    async def release_all(self) -> None:
        """Nobody else is there, so every lease belongs to a process that is gone."""
        async with self.services.database.write() as session:
            leased = update(Outbox).where(col(Outbox.lease_until).is_not(None))
            await session.exec(leased.values(lease_until=None))

    async def distrust_leftovers(self) -> None:
        """What has waited longer than a moment may come from a backup: Slack may have it already.

        Whoever takes such a row looks first, as after a try whose outcome nobody heard.
        """
        now = self.services.clock.now()
        queued = col(Outbox.queued_at)
        old = or_(queued < now - LEFT_OVER, queued > now + LEFT_OVER)  # or the clock was put back
        waiting = (col(Outbox.state) == OutboxState.PENDING, col(Outbox.attempted_at).is_(None))
        leftovers = update(Outbox).where(*waiting, old)
        async with self.services.database.write() as session:
            await session.exec(leftovers.values(attempted_at=Outbox.queued_at))

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
            self._quiet.clear()
            await asyncio.sleep(IDLE_POLL)
            self._wake.set()

    async def _claimable(self) -> bool:
        async with self.services.database.read() as session:
            query = select(Outbox.id).where(col(Outbox.state) == OutboxState.PENDING).limit(1)
            return (await session.exec(query)).first() is not None

    async def _claim(self, room: int) -> list[Job]:
        ends = steady() + LEASE.total_seconds()
        if room <= 0:  # the end of a row makes room, and wakes
            self._upcoming = math.inf
            return []
        real, found = await self._look(room)
        wanted = {row.id: row for row in found if self._may_begin(row)}
        if not wanted:
            return []
        marked = self.services.clock.now()
        rows = await self._lease(list(wanted), real, marked)
        seen: dict[int, asyncio.Task[CaseFacts | None]] = {}
        jobs = [Job(row, _tried(wanted.pop(row.id), row, marked), seen, ends) for row in rows]
        for lost in wanted.values():  # to another replica, which asks for its own right to call
            if lost.kind in METHODS:
                self.limits.give_back(METHODS[lost.kind])
        return jobs

    async def _look(self, room: int) -> tuple[datetime, list[Outbox]]:
        """What may be claimed, with the time by which leases go; notes when more may be.

        One statement without the write lock: most wake-ups find nothing.
        """
        async with self.services.database.read() as session:
            now = self.services.database.now(self.services.clock.real())
            claimable = self._claimable_rows().limit(room).subquery()
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
        self._upcoming = self.limits.now() + min(waits, default=math.inf)
        return real, [row for *_, row in found if row is not None]

    def _claimable_rows(self) -> Any:
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
        query = select(Outbox).where(*self._free(), *self._wanted(), first, ready)
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
                    (untried, self.services.slack.time.now()), else_=Outbox.attempted_slack
                ),
            )
            .returning(Outbox)
            .execution_options(synchronize_session=False)
        )
        async with self.services.database.write() as session:
            rows = (await session.exec(change)).scalars().all()
        return sorted(rows, key=lambda row: (row.priority, row.id))

    def _may_begin(self, row: Outbox) -> bool:
        """False while the method that the row is for is at its limit; then the kind waits."""
        if row.kind in self._waiting:
            return False
        method = METHODS.get(row.kind)
        wait = self.limits.take(method) if method else 0.0
        if wait > 0:
            self._waiting[row.kind] = self.limits.now() + wait
            self.services.delayed(row, wait)
            self._wake.set()  # others may have stood behind
        return wait <= 0

    def _free(self) -> list[Any]:
        """What makes a row one that nobody holds and that need not wait for its time."""
        machine, store = self.services.clock.real(), self.services.database
        real, beyond = store.now(machine), store.now(machine, LONGEST + MARGIN)
        not_before, lease = col(Outbox.not_before), col(Outbox.lease_until)
        return [
            col(Outbox.state) == OutboxState.PENDING,
            or_(not_before.is_(None), not_before <= real, not_before > beyond),
            or_(lease.is_(None), lease <= real),
        ]

    def _wanted(self) -> list[Any]:
        """Of free rows, those that this process could begin now."""
        now = self.limits.now()
        self._waiting = {k: until for k, until in self._waiting.items() if until > now}
        return [
            col(Outbox.kind).not_in(sorted(self._waiting)),
            col(Outbox.id).not_in([job.row.id for job in self._running.values() if job.left]),
        ]

    async def _real(self) -> datetime:
        """The time by which leases and waits go."""
        async with self.services.database.read() as session:
            return await self.services.database.time(session, self.services.clock.real())

    async def _deliver(self, job: Job) -> None:
        row = job.row
        structlog.contextvars.bind_contextvars(
            outbox=row.id, kind=row.kind, lane=row.lane, correlation=row.correlation
        )
        _granted.set({METHODS[row.kind]} if row.kind in METHODS else set())
        _deadline.set(job.ends - CALL_TIMEOUT)
        try:
            await self._bring_about(job)
        except TakenOver:
            log.warning("delivery_taken_over", claim=row.claims)
            self.wake()

    async def _bring_about(self, job: Job) -> None:
        row = job.row
        untried = {} if job.tried_before else {"attempted_at": None, "attempted_slack": None}
        try:
            learned = await self._performers[row.kind](self, job)
        except TakenOver:
            raise
        except Later as later:
            await self._limited(row, later, untried)
        except SlackRateLimited as limited:
            self.services.delayed(row, limited.retry_after)
            await self._later(row, limited.retry_after, error=str(limited), **untried)
        except (SlackUnknown, MailAway, MailUnknown, Away) as unknown:
            await self._retry(row, str(unknown))
        except SlackRefused as refused:
            await self._refused(row, refused)
        except Exception as fault:
            if is_away(fault):  # no try of the effect
                say_broken(fault, "delivery")
                await self._later(row, STORE_PAUSE)
                return
            log.error("delivery_failed", exc_info=fault)
            await self._retry(row, type(fault).__name__)  # its words may be a customer's
        else:
            await self._done(row, learned)

    async def _limited(self, row: Outbox, later: Later, untried: Mapping[str, Any]) -> None:
        """One channel's limit makes its row wait; a method's limit makes every row of the kind."""
        self.services.delayed(row, later.seconds)
        if later.everywhere:
            self._waiting[row.kind] = self.limits.now() + later.seconds
        await self._later(row, 0.0 if later.everywhere else later.seconds, **untried)

    async def _refused(self, row: Outbox, refused: SlackRefused) -> None:
        if refused.code in MENDABLE and not _said_at_once(row, refused.code):
            await self._retry(row, str(refused))
            return
        log.warning("delivery_refused", code=refused.code, method=refused.method)

        async def doubt(session: AsyncSession) -> None:
            await self.services.doubt(session, row, refused.code)

        await self._set(
            row,
            also=doubt,
            state=OutboxState.REFUSED,
            error=str(refused),
            lease_until=None,
            done_at=self.services.clock.now(),
        )
        self.wake()

    async def _retry(self, row: Outbox, error: str) -> None:
        attempts = row.attempts + 1
        wait = min(BACKOFF_MAX, BACKOFF_FIRST * 2.0 ** min(attempts - 1, 10))
        wait *= random.uniform(0.5, 1.0)  # noqa: S311 - so that lanes do not try again all at once
        level = log.error if attempts == ALERT_AFTER else log.warning
        level("delivery_will_retry", error=error, attempts=attempts, wait=round(wait, 2))
        await self._later(row, wait, error=error, attempts=attempts)
        if attempts >= ALERT_AFTER:
            await self.services.troubled(row)

    async def _later(self, row: Outbox, seconds: float, **values: Any) -> None:
        not_before = await self._real() + min(timedelta(seconds=seconds), LONGEST)
        await self._set(row, lease_until=None, not_before=not_before, **values)
        self.wake()

    async def _set(self, row: Outbox, also: Also | None = None, **values: Any) -> None:
        """Change the row, and do what goes with that. Raises TakenOver when it is not ours."""
        async with holding(self.services.database, row, **values) as session:
            if also is not None:
                await also(session)
        for name, value in values.items():
            setattr(row, name, value)

    async def _done(self, row: Outbox, learned: EffectResult) -> None:
        values = {
            "state": OutboxState.DONE,
            "error": "",
            "lease_until": None,
            "result": learned.result,
            "done_at": self.services.clock.now(),
        }
        try:
            async with holding(self.services.database, row, **values) as session:
                if learned.save is not None:
                    await learned.save(session)
        except Exception:
            if learned.witness is not None:
                async with self.services.database.write() as session:
                    await learned.witness(session)
            raise
        log.info("delivered")
        self.wake()


def _said_at_once(row: Outbox, code: str) -> bool:
    """Without its channel a case is hardly seen: whoever can mend that hears of it now."""
    return row.kind in CHANNELS and code not in UNHEARD


def _tried(before: Outbox, row: Outbox, marked: datetime) -> bool:
    """Whether an earlier try may have taken effect: as it was seen, or since that look."""
    unchanged = row.claims == before.claims + 1 and row.attempted_at == marked
    return before.attempted_at is not None or not unchanged


def _aware(instant: datetime) -> datetime:
    """The least of several instants comes from SQLite without its zone."""
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)

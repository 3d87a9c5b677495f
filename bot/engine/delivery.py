"""From the outbox to Slack: claim, perform, record what was learned.

Lanes run side by side, a lane runs in order. A row is claimed with a lease and marked as attempted
before the call, so that the next try after a crash looks first. The holder of a lease makes no call
that could outlive it. What became of a row is recorded only by its latest claim: the count of
claims is compared in the transaction that records it.

A row ends as DONE or as REFUSED (by Slack, for good); a row that is neither is tried again without
limit, after a wait that grows to five minutes. A limit of Slack's and a store that is away are no
tries. An effect may therefore be performed twice, and each performer makes that harmless: it looks
for what an earlier try left (``bot/slack/find_earlier.py``), or shows the same again. Performers
stand above the engine and are listed in ``bot/registry.py``.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import steady
from bot.engine.directory import Directory
from bot.engine.leases import TakenOver, holding_lease
from bot.engine.outbox_claims import LONGEST_WAIT, METHODS, ClaimServices, Job, OutboxClaims
from bot.engine.request_gate import RequestGate
from bot.engine.unit_of_work import WorkServices
from bot.errors import is_away, say_broken
from bot.rules.states import OutboxState
from messages.clients.helpdesks import Away
from messages.clients.slack import CALL_TIMEOUT, SlackRateLimited, SlackRefused, SlackUnknown
from messages.clients.slack_limits import Limits
from messages.clients.smtp import MailAway, MailUnknown
from storage.models import Outbox

RELEASED = 2.0  # seconds that Slack may still be busy with a call that a stop has cut short
STORE_PAUSE = 1.0  # seconds before the next try when the store cannot be reached
IN_FLIGHT = 40  # effects under way at once in this process
POLL = 5.0  # seconds; the net beneath the wake-up
IDLE_POLL = 0.02  # seconds between looks while a caller waits until all is delivered
BACKOFF_FIRST = 1.0  # seconds before the second try at most; doubled for each one after
ALERT_AFTER = 5  # failed tries after which an administrator should know
PATIENCE = 1.5  # seconds worth waiting for a rate limit without giving the row back
# Refusals that pass once a token, a scope or Slack itself is repaired; the row is tried again.
RECOVERABLE_ERRORS = frozenset(
    {
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
        "missing_scope", "no_permission", "org_login_required", "accesslimited", "access_denied",
        "team_access_not_granted", "request_timeout", "team_added_to_org", "restricted_action",
    }
)  # fmt: skip
CHANNELS = frozenset({"create_channel", "problem_channel"})
# Refusals of a token, or that pass by themselves: no person could be told, or needs to be.
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

    ``result`` is kept in the row, so it must be JSON. If ``save`` raises, the row does not end: it
    is tried again when its lease does. ``witness`` is for effects that cannot be looked for: it
    leaves what happened for the row's next holder to find, where ours was taken over. It records no
    outcome.
    """

    result: dict[str, Any] = field(default_factory=dict)
    save: Callable[[AsyncSession], Awaitable[None]] | None = None
    witness: Callable[[AsyncSession], Awaitable[None]] | None = None


class Later(Exception):
    """A rate limit of ours says to wait ``seconds``.

    ``everywhere``: it is the method's own limit, not that of one channel.
    """

    def __init__(self, seconds: float, *, everywhere: bool = False) -> None:
        super().__init__(f"{seconds:.1f} s")
        self.seconds = seconds
        self.everywhere = everywhere


class DeliveryServices(ClaimServices, WorkServices, Protocol):
    """What delivery and its performers need of the process that they run in.

    The engine only hands ``reading`` on, to performers of the floors above.
    """

    @property
    def people(self) -> Directory:
        """The directory."""

    @property
    def reading(self) -> Any:
        """The queries."""

    @property
    def gate(self) -> RequestGate:
        """The requests that wait for their acknowledgement."""

    async def troubled(self, row: Outbox) -> None:
        """React to a row that has failed ``ALERT_AFTER`` times or more, at each failure."""

    async def doubt(self, session: AsyncSession, row: Outbox, code: str) -> None:
        """React to Slack's refusal for good, in the transaction that records it.

        What it raises undoes the record, and the row is performed again after its lease.
        """


Also = Callable[[AsyncSession], Awaitable[None]]
Performer = Callable[["Delivery", Job], Awaitable[EffectResult]]


class Delivery:
    """The worker that makes Slack show what the store decided."""

    def __init__(self, services: DeliveryServices, performers: Mapping[str, Performer]) -> None:
        self.services = services
        self.limits = Limits()
        self.claims = OutboxClaims(services, lambda: self.limits, self._wake_up)
        self._performers = performers
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._running: dict[asyncio.Task[None], Job] = {}
        self._stopping = False

    def wake(self) -> None:
        """Look for rows to claim at once: some may have been queued."""
        self._quiet.clear()
        self._wake_up()

    def _wake_up(self) -> None:
        self._wake.set()

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call Slack within its limits.

        Raises Later when the wait is longer than ``PATIENCE``, SlackUnknown without calling when
        too little of the row's lease is left for an answer, and what ``Slack.call`` raises. A limit
        that Slack itself names is kept for all rows from then on.
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
                await self.services.gate.wait_until_idle()
                room = IN_FLIGHT - len(self._running)
                for job in await self.claims.claim_rows(room, self._in_hand()):
                    task = asyncio.create_task(self._deliver(job))
                    self._running[task] = job
                    task.add_done_callback(self._ended)
                await self._rest()
            except Exception as fault:  # noqa: BLE001 - what waits is never left for good
                say_broken(fault, "delivery")
                await asyncio.sleep(STORE_PAUSE)

    def _in_hand(self) -> list[int]:
        """The ids of the rows that are being performed under a lease that has not ended."""
        return [job.row.id for job in self._running.values() if job.left]

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._wake.set()
        if not task.cancelled() and (fault := task.exception()):
            say_broken(fault, "delivery")  # another try follows when the lease ends

    async def _rest(self) -> None:
        quiet = not self._running and not self._wake.is_set()
        self.claims.delivered.tell(at_once=quiet)
        if quiet:
            self._quiet.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self.claims.seconds_until_next())

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
        self.claims.delivered.tell(at_once=True)
        for job in cut.values():
            with contextlib.suppress(Exception):  # else the lease ends by itself
                await self._later(job.row, RELEASED)

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
            if not await self.claims.any_pending():
                return
            self._quiet.clear()
            await asyncio.sleep(IDLE_POLL)
            self._wake.set()

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
        """Perform a row and record how that ended: one branch for each kind of outcome.

        A try that Slack's limits stopped leaves no trace (``untried``), unless an earlier one has.
        """
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
            self.claims.unanswered(row.kind)
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
            self.claims.hold_kind(row.kind, later.seconds)
        await self._later(row, 0.0 if later.everywhere else later.seconds, **untried)

    async def _refused(self, row: Outbox, refused: SlackRefused) -> None:
        """End the row as REFUSED, or try again where the cause can be repaired outside.

        Rows that wait for it (``after``) are free from then on; what needs its channel is refused
        next.
        """
        if refused.code in RECOVERABLE_ERRORS and not _said_at_once(row, refused.code):
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
        """Count a failed try and give the row back.

        The wait is random, doubles with each try and ends at ``LONGEST_WAIT``.
        """
        attempts = row.attempts + 1
        wait = min(LONGEST_WAIT.total_seconds(), BACKOFF_FIRST * 2.0 ** min(attempts - 1, 10))
        wait *= random.uniform(0.5, 1.0)  # noqa: S311 - so that lanes do not try again all at once
        level = log.error if attempts == ALERT_AFTER else log.warning
        level("delivery_will_retry", error=error, attempts=attempts, wait=round(wait, 2))
        await self._later(row, wait, error=error, attempts=attempts)
        if attempts >= ALERT_AFTER:
            await self.services.troubled(row)

    async def _later(self, row: Outbox, seconds: float, **values: Any) -> None:
        not_before = await self.claims.retry_instant(seconds)
        await self._set(row, lease_until=None, not_before=not_before, **values)
        self.wake()

    async def _set(self, row: Outbox, also: Also | None = None, **values: Any) -> None:
        """Change the row, and do what goes with that. Raises TakenOver when it is not ours."""
        async with holding_lease(self.services.database, row, **values) as session:
            if also is not None:
                await also(session)
        for name, value in values.items():
            setattr(row, name, value)

    async def _done(self, row: Outbox, learned: EffectResult) -> None:
        """End the row as DONE, in one transaction with what the effect taught.

        Where that fails, for instance by TakenOver, the witness has its say in a transaction of its
        own.
        """
        values = {
            "state": OutboxState.DONE,
            "error": "",
            "lease_until": None,
            "result": learned.result,
            "done_at": self.services.clock.now(),
        }
        try:
            async with holding_lease(self.services.database, row, **values) as session:
                if learned.save is not None:
                    await learned.save(session)
        except Exception:
            if learned.witness is not None:
                async with self.services.database.write() as session:
                    await learned.witness(session)
            raise
        self.claims.delivered.note(row)
        self.wake()
        await self.claims.answered(row.kind)


def _said_at_once(row: Outbox, code: str) -> bool:
    """True for a refused channel: those who can repair the cause must hear of it now.

    Without its channel a case is hardly seen.
    """
    return row.kind in CHANNELS and code not in UNHEARD

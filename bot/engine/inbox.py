"""Deliveries from outside: stored under their identity, then carried out once.

A delivery is accepted by one insert; only then is Slack told so. What was accepted is carried out,
what is asked of one case in order, each in one transaction together with the mark that it is done;
so a crash at any moment leaves it either to do or done, and a redelivery finds its key and changes
nothing. A store that is away is no try of a request: it is carried out when the store is back.

A fault of the use case is tried ``ATTEMPTS_MAX`` times in all, one that no retry can cure (an
intent that cannot be read) once; then the person is told a reference to the log. People are checked
before the transaction, since Slack may have to be asked. Rows of a finished request stay, as the
memory of its key. ``bot/registry.py`` has the use cases; ``inbox_loop`` runs this.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Protocol

import structlog
from pydantic import ValidationError
from sqlalchemy import case, exists, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.actors import SYSTEM, Actor, ReplyTo
from bot.engine.intent import AllowanceKind, Intent, named_colleagues
from bot.engine.leases import TakenOver, holding_lease, take_lease
from bot.engine.request_gate import RequestGate
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import UserError, is_away, new_reference
from bot.rules.states import InboxState
from storage.models import Inbox
from storage.receiving import Intake

LEASE = timedelta(seconds=30)  # after this another replica may carry out what one had begun
ATTEMPTS_MAX = 3  # tries of an intent when its use case fails by a fault of ours
UNCHECKED = "unchecked"  # the refusal of a person while Slack cannot tell who they are
CHECKS_MAX = 5  # tries to find that out
NO_PAUSE = timedelta()
CHECK_PAUSE = timedelta(seconds=1)  # before the second try; each further one waits so much longer
CRASHES_MAX = 10  # processes that may end with an intent in hand before it counts as the reason

DONE: Mapping[str, Any] = {"state": InboxState.DONE, "lease_until": None}

log = structlog.get_logger()

UseCase = Callable[[UnitOfWork, Any], Awaitable["Answer | None"]]
Spend = Callable[[UnitOfWork, AllowanceKind | None], Awaitable[None]]  # raises UserError
Tell = Callable[[ReplyTo, "Answer"], Awaitable[None]]
# What the buttons of the message that led here become: the verb, its fields, and the answer.
Close = Callable[[ReplyTo, str, Mapping[str, Any], "Answer | None"], Awaitable[None]]
Refused = Callable[[str, str, UserError, int | None], None]


class Members(Protocol):
    """What is asked about people before a request is carried out."""

    async def require_member(self, user_id: str) -> None:
        """Raise UserError for a person who is no full member, or who cannot be checked."""

    async def refused(self, user_id: str) -> str | None:
        """The refusal of giving a person a part in a case, if there is one."""


class InboxServices(WorkServices, Protocol):
    """What the inbox needs of the process."""

    @property
    def people(self) -> Members:
        """The directory."""

    @property
    def gate(self) -> RequestGate:
        """The requests that wait for their acknowledgement."""

    def wake(self) -> None:
        """Deliver what was committed."""


class Answer(dict[str, Any]):
    """What the person who acted is privately told: ``{"text": "notice:…", "extra": {…}}``.

    ``case`` is the number of the case it is about, where there is one. All of it is JSON and is
    kept in the request's row. A refusal is ``refusal:<key>`` with its facts, a fault ``trouble``
    with ``extra["reference"]``.
    """


class InboxWorker:
    """Accepts intents and carries them out, oldest first."""

    def __init__(
        self,
        services: InboxServices,
        use_cases: Mapping[str, UseCase],
        intents: Mapping[str, type[Intent]],
        tell: Tell,
        spend: Spend | None = None,
        close: Close | None = None,
        refused: Refused | None = None,
    ) -> None:
        """Carry out by these tables; ``tell`` answers the person.

        ``spend`` counts a request against a person's allowance, ``close`` puts away a form,
        ``refused`` hears who was refused which verb, why, and the case that they named; without
        them none of it is done.
        """
        self._services = services
        self._use_cases = use_cases
        self._intents = intents
        self._tell = tell
        self._spend = spend or _spend_nothing
        self._close = close
        self._refused = refused or _not_noted
        self._intake = Intake(services.database)
        self._name = new_reference()
        self._cut_off = False  # the store went away; what it says is ours may not be in hand
        self.in_hand: Inbox | None = None

    async def accept(self, intent: Intent, actor: Actor, key: str, reply: ReplyTo) -> bool:
        """Store the intent under ``key``; False when that key was accepted before.

        Durable on return, but not carried out yet. The key is the delivery's identity, the same
        when Slack sends it again; ``reply`` is stored with it, so a restart can still answer.
        Permissions are not checked here.
        """
        row = {  # no object of the table: that alone would cost as much as all else here
            "key": key,
            "verb": intent.verb,
            "actor": actor.user_id,
            "source": actor.source,
            "lane": lane_of(intent),
            "intent": intent.model_dump(mode="json"),
            "reply": reply.as_json(),
            "state": InboxState.PENDING,
            "attempts": 0,
            "answer": {},
            "correlation": new_reference(),
            "received_at": self._services.clock.now(),
        }
        if not await self._intake.store(row):
            log.info("delivery_seen_before", key=key, verb=intent.verb)
            return False
        log.info("delivery_accepted", key=key, verb=intent.verb, correlation=row["correlation"])
        return True

    async def drain(self, enough: Callable[[], bool] = lambda: False) -> int:
        """Carry out what waits until ``enough``; answers how many were carried out.

        Raises what goes wrong with the store itself; then the next call takes up what was left.
        """
        if self._cut_off:
            await self._take_up()
        done = 0
        try:
            while not enough() and (row := await self._next()) is not None:
                self.in_hand = row
                await self._carry_out(row)
                self.in_hand = None
                done += 1
        except Exception:
            self._cut_off = True
            raise
        return done

    async def release(self, *, all_of_them: bool = False) -> None:
        """Give back what is in hand; with ``all_of_them`` every lease there is.

        That is for a process that is alone on its database. A transaction that was cut short has
        changed nothing. A process that died keeps its name on what it held: the next that takes the
        row counts that as a crash.
        """
        leased = update(Inbox).where(col(Inbox.state) == InboxState.PENDING)
        ours = leased.where(col(Inbox.holder) == self._name).values(lease_until=None, holder="")
        async with self._services.database.write() as session:
            await session.exec(leased.values(lease_until=None) if all_of_them else ours)

    async def _take_up(self) -> None:
        """Free what a store that went away left with us, and tell what was committed after all.

        The commit may have succeeded while its answer was lost: the row then is DONE under our
        claim, and its stored answer goes to the person now.
        """
        await self.release()
        async with self._services.database.read() as session:
            row = await session.get(Inbox, self.in_hand.id) if self.in_hand else None
        ours = self.in_hand.claims if self.in_hand else None
        self.in_hand, self._cut_off = None, False
        if row is not None and row.state == InboxState.DONE and row.claims == ours:
            self._services.wake()
            await self._answer(row, Answer(row.answer) if row.answer else None)

    async def _next(self) -> Inbox | None:
        await self._services.gate.wait_until_idle()
        return await self._claim()

    async def _claim(self) -> Inbox | None:
        """Lease the oldest request that is free, in one statement."""
        oldest = self._claimable().with_for_update(skip_locked=True, of=Inbox).scalar_subquery()
        abandoned = col(Inbox.holder).not_in(("", self._name))  # they never gave it back
        claim = update(Inbox).where(col(Inbox.id) == oldest)
        claim = claim.values(
            lease_until=self._services.database.now(self._services.clock.real(), LEASE),
            claims=Inbox.claims + 1,
            crashes=Inbox.crashes + case((abandoned, 1), else_=0),
            holder=self._name,
        )
        claim = claim.returning(Inbox).execution_options(synchronize_session=False)
        async with self._services.database.write() as session:
            return (await session.exec(claim)).scalars().one_or_none()

    def _claimable(self) -> Any:
        """Return a query for the oldest request that no process holds and with a free lane."""
        now = self._services.database.now(self._services.clock.real())
        earlier = aliased(Inbox)
        before = exists().where(
            col(earlier.lane) == Inbox.lane,
            col(earlier.id) < Inbox.id,
            col(earlier.state) == InboxState.PENDING,
        )
        return (
            select(Inbox.id)
            .where(
                col(Inbox.state) == InboxState.PENDING,
                or_(col(Inbox.lane) == "", ~before),
                or_(col(Inbox.lease_until).is_(None), col(Inbox.lease_until) <= now),
            )
            .order_by(col(Inbox.id))
            .limit(1)
        )

    async def _carry_out(self, row: Inbox) -> None:
        try:
            await self._conclude(row)
        except TakenOver:
            log.info("delivery_taken_over", key=row.key)

    async def _conclude(self, row: Inbox) -> None:
        """Carry out the request and tell the person.

        Raises TakenOver when another claim has the row. A refusal ends it as a success does.
        ``unchecked`` alone is tried again, up to ``CHECKS_MAX`` times, each a second later than the
        one before.
        """
        structlog.contextvars.bind_contextvars(correlation=row.correlation, verb=row.verb)
        try:
            answer = await self._perform(row) if row.crashes < CRASHES_MAX else await self._end(row)
            log.info("carried_out", key=row.key, given_up=row.crashes >= CRASHES_MAX)
        except TakenOver:
            raise
        except UserError as refusal:
            if refusal.key == UNCHECKED and row.attempts < CHECKS_MAX:
                await self._again(row, row.attempts + 1, (row.attempts + 1) * CHECK_PAUSE)
                return
            answer = Answer(text=f"refusal:{refusal.key}", extra=_plain(refusal.facts))
            await self._finish(row, answer)
            self._refused(row.actor, row.verb, refusal, row.intent.get("case"))
            log.info("refused", key=row.key, reason=refusal.key)
        except Exception as fault:
            if is_away(fault):
                raise  # the use case is not wrong: it stays to be done
            answer = await self._broken(row, fault)
            if answer is None:
                return  # it is tried again
        finally:
            structlog.contextvars.clear_contextvars()
        self._services.wake()
        await self._answer(row, answer)

    async def _answer(self, row: Inbox, answer: Answer | None) -> None:
        """Tell the person what came of it, and close the message whose button led here."""
        reply = ReplyTo(**row.reply)
        if reply.pressed and self._close is not None:
            await self._close(reply, row.verb, row.intent, answer)
        elif answer:
            await self._tell(reply, answer)

    async def _perform(self, row: Inbox) -> Answer | None:
        """Check the actor and the people named, then run the use case in one transaction.

        That transaction first takes the row as done, which locks it, then counts the allowance; a
        refusal rolls both back. The answer is stored in it too.
        """
        intent = self._intents[row.verb].model_validate(row.intent)
        if row.actor != SYSTEM:  # by whatever way it came in
            await self._services.people.require_member(row.actor)
        policy = self._services.policy
        if policy.keeps_from(row.actor, row.verb):
            raise UserError("auditor_only_reads")
        actor = Actor(row.actor, row.source)
        for user in named_colleagues(
            intent
        ).values():  # may ask Slack, so not inside the transaction
            if key := await self._services.people.refused(user):
                raise UserError(key, user=user)
            if policy.audits(user):
                raise UserError("auditor_has_no_part", user=user)
        async with self.transaction() as session:
            await take_lease(session, row, **DONE)  # what the use case does stands or falls with it
            work = UnitOfWork.join(session, self._services, actor, row.correlation)
            await self._spend(work, intent.allowance)
            answer = await self._use_cases[row.verb](work, intent)
            if answer:
                await _keep_answer(session, row, answer)
        return answer

    def transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        """The transaction of a use case."""
        return self._services.database.write()

    async def _finish(self, row: Inbox, answer: Answer | None) -> None:
        async with holding_lease(self._services.database, row, **DONE, answer=dict(answer or {})):
            pass

    async def _broken(self, row: Inbox, fault: Exception) -> Answer | None:
        attempts = row.attempts + 1
        final = attempts >= ATTEMPTS_MAX or isinstance(fault, ValidationError | KeyError)
        log.error("intent_failed", key=row.key, attempt=attempts, final=final, exc_info=fault)
        if final:
            return await self._end(row)
        await self._again(row, attempts, NO_PAUSE)
        return None

    async def _end(self, row: Inbox) -> Answer:
        """Give the request up for good; the person gets its reference."""
        if row.crashes >= CRASHES_MAX:
            log.error("intent_given_up", key=row.key, crashes=row.crashes)
        answer = Answer(text="trouble", extra={"reference": row.correlation})
        await self._finish(row, answer)
        return answer

    async def _again(self, row: Inbox, attempts: int, pause: timedelta) -> None:
        """Give the request back; it is free again after ``pause``."""
        async with self._services.database.write() as session:
            now = await self._services.database.time(session, self._services.clock.real())
            until = now + pause if pause else None
            await take_lease(session, row, lease_until=until, holder="", attempts=attempts)


def lane_of(intent: Intent) -> str:
    """Return the lane in which an intent is carried out in order: ``case:7``, ``problem:3``.

    It is read off the fields ``case`` and ``problem`` alone; empty for any other intent, which
    waits for nothing.
    """
    for about in ("case", "problem"):
        number = getattr(intent, about, None)
        if isinstance(number, int):
            return f"{about}:{number}"
    return ""


async def _keep_answer(session: AsyncSession, row: Inbox, answer: Answer) -> None:
    change = update(Inbox).where(col(Inbox.id) == row.id).values(answer=dict(answer))
    await session.exec(change)


def _plain(facts: Mapping[str, object]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in facts.items()}


def _plain_value(value: object) -> Any:
    if isinstance(value, list | tuple):
        return [_plain_value(each) for each in value]
    simple = (str, int, float, bool, type(None))
    return value if isinstance(value, simple) else str(value)


async def _spend_nothing(work: UnitOfWork, allowance: AllowanceKind | None) -> None:
    """Nothing is limited by person."""


def _not_noted(who: str, verb: str, refusal: UserError, case: int | None) -> None:
    """No record is kept of refusals."""

"""A unit of work: one transaction in which a use case loads, decides, saves and queues.

Nothing here talks to Slack; what must be said is left in the outbox for delivery. A unit of work
comes from ``UnitOfWork.begin``, or from ``UnitOfWork.join`` where the transaction is open already.

All of it commits or none of it. A case is locked before anything that hangs on it is changed, so
that changes to one case follow one another. ``bot/effects.py`` has the effects that a case or a
problem may leave.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import TimeSource
from bot.engine.actors import Actor
from bot.engine.wiring import Wiring
from bot.errors import UserError
from bot.rules.learning.drills import may_leave
from bot.rules.policy.load import Policy
from bot.rules.states import OutboxState
from storage.database import Database
from storage.in_hand import held_case, hold_case, know_time, require_locks
from storage.models import Case, Outbox, TimelineEvent
from storage.sessions.drills import sees_drills
from storage.wakeups import note_changed


class WorkServices(Protocol):
    """What a unit of work takes from the process in which it is begun."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def policy(self) -> Policy:
        """The policy in force."""

    @property
    def customers(self) -> object:
        """The channels to customers outside Slack, None without any.

        The engine only hands them on: ``bot.customers.channels.customer_channels`` reads them.
        """

    @property
    def wiring(self) -> Wiring:
        """What reacts to what happens in it."""


@dataclass(frozen=True, slots=True)
class Standalone:
    """What a unit of work needs where the app does not run: in administrators' commands."""

    database: Database
    policy: Policy
    clock: TimeSource
    customers: object = None
    wiring: Wiring = field(default_factory=Wiring)


@dataclass(slots=True)
class UnitOfWork:
    """What a use case works with. ``now`` is the one instant at which everything in it happens.

    ``now`` is read when the unit is made, aware UTC by the time of the cases, and ``policy`` too is
    that moment's. ``creating`` and ``unclaimed`` are memory of this transaction alone.
    """

    session: AsyncSession
    now: datetime
    policy: Policy
    actor: Actor
    correlation: str = ""
    customers: object = None  # as the services have them
    wiring: Wiring = field(default_factory=Wiring)
    creating: dict[str, int] = field(default_factory=dict)  # lane to the row that makes its channel
    # By lane, once asked: what is rendered when sent and waits unclaimed, kind to priority.
    unclaimed: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def begin(
        cls, services: WorkServices, actor: Actor, correlation: str = ""
    ) -> AsyncIterator["UnitOfWork"]:
        """Open a write transaction; it commits at the end of the block, or rolls back if it raises.

        ``correlation`` joins the effects that are queued to the request that led to them. It waits
        its turn among those that no person waits for (``Database.write_patiently``).
        """
        async with services.database.write_patiently() as session:
            yield cls.join(session, services, actor, correlation)

    @classmethod
    def join(
        cls, session: AsyncSession, services: WorkServices, actor: Actor, correlation: str = ""
    ) -> "UnitOfWork":
        """A unit of work inside a transaction that the caller has opened, and will end."""
        require_locks(session)
        now, policy, customers = services.clock.now(), services.policy, services.customers
        know_time(session, now)
        return cls(session, now, policy, actor, correlation, customers, services.wiring)

    async def case(self, number: int) -> Case:
        """Return the case, locked against other writers until the end of the transaction.

        It is as it stands once the lock is had, though the session may have read it before. From
        here on what hangs on it is read once (``storage.in_hand``). Raises UserError
        ``no_such_case``. Permissions are not checked: see ``authorize_case``.
        """
        if (known := held_case(self.session, number)) is not None:
            return known
        query = sees_drills(select(Case).where(col(Case.number) == number).with_for_update())
        case = (await self.session.exec(query)).one_or_none()
        if case is None:
            raise UserError("no_such_case")
        hold_case(self.session, case)
        return case

    def take_locked(self, rows: Iterable[object]) -> None:
        """Take the cases among ``rows`` in hand; this transaction has locked all of them."""
        for row in rows:
            if isinstance(row, Case):
                hold_case(self.session, row)

    def changed(self, case: Case) -> None:
        """Note that the case is not what it was: its card, and open Homes, are drawn again."""
        case.version += 1
        case.changed_at = self.now
        self.session.add(case)
        note_changed(self.session, case.number)

    def note(
        self,
        case: Case,
        verb: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        why: str = "",
        actor: Actor | None = None,
    ) -> TimelineEvent:
        """Append to the case's timeline. Values must be JSON.

        ``before`` and ``after`` are what changed, by the names that the texts of ``verb`` read;
        ``why`` is a person's own words. ``actor`` stands in for the unit's own in this entry alone.
        """
        who = actor or self.actor
        event = TimelineEvent(
            case_number=case.number,
            at=self.now,
            actor=who.user_id,
            verb=verb,
            before=dict(before or {}),
            after=dict(after or {}),
            why=why,
            source=who.source,
        )
        self.session.add(event)
        return event

    async def queue(
        self,
        kind: str,
        lane: str,
        payload: Mapping[str, Any] | None = None,
        *,
        case: Case | None = None,
        after: int | None = None,
        priority: int = 50,
    ) -> int:
        """Leave an effect in the outbox; answers its row's id.

        ``after`` is a row that must be done first. Lower ``priority`` goes earlier.
        """
        row = self.leave(kind, lane, payload, case=case, after=after, priority=priority)
        await self.session.flush()
        return row.id

    def leave(
        self,
        kind: str,
        lane: str,
        payload: Mapping[str, Any] | None = None,
        *,
        case: Case | None = None,
        after: int | None = None,
        priority: int = 50,
    ) -> Outbox:
        """Queue as ``queue`` does, for a row that no other waits for; it has no id yet.

        Such rows are stored in one go when the transaction ends, or at the next flush. What a drill
        may not do (``bot.rules.learning.drills``) stands in the outbox as dropped.
        """
        refused = bool(case and case.drill and not may_leave(kind, payload, case.drill_for))
        row = Outbox(
            lane=lane,
            kind=kind,
            case_number=case.number if case else None,
            payload=dict(payload or {}),
            after=after,
            priority=priority,
            correlation=self.correlation,
            queued_at=self.now,
            state=OutboxState.DROPPED if refused else OutboxState.PENDING,
            done_at=self.now if refused else None,
        )
        self.session.add(row)
        return row

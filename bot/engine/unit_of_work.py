"""A unit of work: one transaction in which a use case loads, decides, saves and queues.

Nothing here talks to Slack; what must be said is left in the outbox for delivery.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.actors import Actor
from bot.errors import UserError
from bot.rules.policy.load import Policy
from storage.models import Case, Outbox, TimelineEvent

if TYPE_CHECKING:
    from bot.customers.channels import Customers


@dataclass(slots=True)
class UnitOfWork:
    """What a use case works with. ``now`` is the one instant at which everything in it happens.

    ``customers`` is how customers are reached outside Slack; None: not at all.
    """

    session: AsyncSession
    now: datetime
    policy: Policy
    actor: Actor
    correlation: str = ""
    customers: "Customers | None" = None
    creating: dict[int, int] = field(default_factory=dict)  # case to the row that makes its channel
    # By case, once asked: what is rendered when sent and waits with nobody at it, kind to priority.
    unclaimed: dict[int, dict[str, int]] = field(default_factory=dict)

    async def case(self, number: int) -> Case:
        """The case, held against other writers until the end of the transaction.

        Raises UserError ``no_such_case``.
        """
        query = select(Case).where(col(Case.number) == number).with_for_update()
        case = (await self.session.exec(query)).one_or_none()
        if case is None:
            raise UserError("no_such_case")
        return case

    def changed(self, case: Case) -> None:
        """Note that the case is not what it was: its card will be drawn again."""
        case.version += 1
        case.changed_at = self.now
        self.session.add(case)

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
        """Append to the case's timeline. Values must be JSON."""
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
        """As ``queue``, for a row that no other waits for: all of them are stored in one go."""
        row = Outbox(
            lane=lane,
            kind=kind,
            case_number=case.number if case else None,
            payload=dict(payload or {}),
            after=after,
            priority=priority,
            correlation=self.correlation,
            queued_at=self.now,
        )
        self.session.add(row)
        return row

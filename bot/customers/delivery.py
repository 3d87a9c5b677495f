"""What becomes of a message that the app sends: delivered, failed, still waiting.

A mail and a reply in a ticket differ in how they are handed over (``bot/mail/deliver.py``,
``bot/tickets/deliver.py``). What it means for the case once they are, and how long is tried, is the
same and stands here. Only what was delivered counts.

The functions of the first part run in the transaction that ends the outbox's row, with the case
locked, so a message is recorded as delivered exactly once. Those of the second run around the call.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.reactions import MessageDelivered, MessageFailed, ResolutionDelivered, react
from bot.core.steps import follow_merged, refresh_card
from bot.customers.updates import complete_update, record_answer
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.leases import holding_lease
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import MessageState
from bot.rules.words import MessageKind
from storage.models import Case, ConnectMessage, Mail, SentMessage, TicketReply

TELL_AFTER = 3  # failed tries after which the author should know that the message waits
GIVE_UP = timedelta(hours=24)  # a message that could not be handed over for so long is refused

Save = Callable[[AsyncSession], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Shipment:
    """A message on its way by one route, as the route's own table has it in ``row``.

    ``medium`` is the courier's; ``about`` says where it goes in timeline entries and notices
    (``recipient``, or ``desk``), ``reference`` is what the timeline adds of a failure. Both must be
    JSON. ``receipt`` is the id of the broadcast's recipient that it is for.
    """

    row: Mail | TicketReply | ConnectMessage
    medium: str
    kind: str
    text: str
    about: Mapping[str, Any]
    reference: Mapping[str, Any] = field(default_factory=dict)
    receipt: int | None = None


# -- in the transaction that ends the row


async def record_delivery(work: UnitOfWork, case: Case, shipment: Shipment) -> None:
    """Record that the message was delivered: the customer counts as answered from now."""
    row = shipment.row
    row.state, row.at = MessageState.SENT, work.now
    work.session.add(row)
    message = await load_message(work.session, row)
    await react(work, MessageDelivered(case, message, shipment.receipt))
    if message is not None:
        await _count_message(work, case, message, shipment)


async def _count_message(
    work: UnitOfWork, case: Case, message: SentMessage, shipment: Shipment
) -> None:
    """Let the message count as its author's; a resolution may end the case.

    It counts from now, not from when it was queued: ``sent_at`` is set again.
    """
    message.state, message.sent_at = MessageState.SENT, work.now
    work.session.add(message)
    source = work.actor.source
    work = replace(work, actor=Actor(message.sent_by, source))
    await record_answer(work, case, message)
    if message.kind != MessageKind.RESOLUTION:
        await complete_update(work, case, message)
        return
    after = {**shipment.about, "kind": message.kind, "message": message.id}
    work.note(case, f"{shipment.medium}_delivered", after=after, actor=Actor(SYSTEM, source))
    await effects.queue_post(work, case, "notice:update_sent", {"message": message.id})
    await react(work, ResolutionDelivered(case))
    await refresh_card(work, case)


async def record_refusal(work: UnitOfWork, case: Case, shipment: Shipment, reason: str) -> None:
    """Record that the message was never sent: the clocks did not stop, and its author is told."""
    await record_failure(work, case, shipment, MessageState.REFUSED, reason)
    await refresh_card(work, case)


async def record_failure(
    work: UnitOfWork, case: Case, shipment: Shipment, state: MessageState, reason: str
) -> SentMessage | None:
    """Record why the customer does not have the message, and tell its author and the owner.

    Of a merged case they hear it of the case in which it goes on, where they can write again.
    ``state`` is REFUSED or BOUNCED. Answers the message that a person wrote, None for any other.
    The clocks are not touched here: a bounce's caller withdraws their events. The notice carries
    ``topic`` (the kind), ``reason``, ``text``, ``came_back``, ``human`` and what ``about`` has.
    """
    row = shipment.row
    row.state, row.reason = state, reason
    work.session.add(row)
    said = {**shipment.about, "kind": shipment.kind, **shipment.reference}
    work.note(case, f"{shipment.medium}_{state}", after=said, why=reason)
    message = await load_message(work.session, row)
    if message is not None:
        message.state, message.reason = state, reason
        work.session.add(message)
    await react(work, MessageFailed(case, message, shipment.receipt, reason))
    extra = {
        "topic": shipment.kind, **shipment.about, "reason": reason, "text": shipment.text,
        "came_back": state is MessageState.BOUNCED, "human": message is not None,
    }  # fmt: skip
    notice, home = f"notice:{shipment.medium}_failed", await follow_merged(work.session, case)
    for user in {home.owner, message.sent_by if message else home.owner}:
        await effects.queue_dm(work, user, notice, home, extra, priority=effects.BREACH)
    return message


async def load_message(
    session: AsyncSession, row: Mail | TicketReply | ConnectMessage
) -> SentMessage | None:
    """The message that a person wrote and this row carries; None where no person wrote it."""
    return await session.get(SentMessage, row.sent_message) if row.sent_message else None


# -- around the call that hands the message over


def begin_work(delivery: Delivery, session: AsyncSession, job: Job) -> UnitOfWork:
    """Join the transaction as the app itself; the source is the kind of the outbox's row."""
    actor = Actor(SYSTEM, job.row.kind)
    return UnitOfWork.join(session, delivery.services, actor, job.row.correlation)


def conclude(
    delivery: Delivery,
    job: Job,
    result: dict[str, Any],
    record: Callable[[UnitOfWork], Awaitable[None]],
    witness: Save | None = None,
) -> EffectResult:
    """Return the end of the row: ``record`` runs in the same transaction that marks it done.

    ``result`` is kept in the row and must be JSON. ``witness`` is that of ``EffectResult``.
    """

    async def save(session: AsyncSession) -> None:
        await record(begin_work(delivery, session, job))

    return EffectResult(result, save, witness)


async def may_try_again(
    delivery: Delivery, job: Job, case: int | None, shipment: Shipment, reason: str
) -> bool:
    """False for a message that has waited for ``GIVE_UP``, which is to be refused.

    Counted from when it was queued, by the time of the cases. After the try number ``TELL_AFTER``
    its author is told, in a transaction of its own, that it waits and why. Raises TakenOver when
    another claim has the row.
    """
    if delivery.services.clock.now() - job.row.queued_at > GIVE_UP:
        return False
    if job.row.attempts + 1 == TELL_AFTER and case is not None:
        async with holding_lease(delivery.services.database, job.row) as session:
            await _tell_delay(begin_work(delivery, session, job), case, shipment, reason)
    return True


async def _tell_delay(work: UnitOfWork, number: int, shipment: Shipment, reason: str) -> None:
    case = await work.case(number)
    message = await load_message(work.session, shipment.row)
    if message is not None:
        extra = {**shipment.about, "reason": reason}
        await effects.queue_dm(
            work, message.sent_by, f"notice:{shipment.medium}_waits", case, extra
        )

"""Messages that a correction leaves without a right recipient: what was not handed over is held
back.

A row of the outbox that no lease names is not being performed, so dropping it in the transaction of
the correction stops it for good. Its author is told and writes again: words that were approved for
one recipient never go to another by themselves.
"""

from collections.abc import Sequence

from sqlmodel import col, select

from bot import effects
from bot.core.reactions import MessageFailed, react
from bot.customers.delivery import Shipment, load_message
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import MessageState, OutboxState
from messages.kit.texts import t
from storage.models import Case, Outbox


async def lock_unclaimed(work: UnitOfWork, case: Case, kind: str) -> Sequence[Outbox]:
    """The case's rows of this kind that wait and that no lease names, locked, the oldest first."""
    query = select(Outbox).where(
        col(Outbox.case_number) == case.number,
        col(Outbox.kind) == kind,
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.lease_until).is_(None),
    )
    return (await work.session.exec(query.order_by(col(Outbox.id)).with_for_update())).all()


def drop_row(work: UnitOfWork, row: Outbox) -> None:
    """Give the row up, which the caller has locked: nothing performs it any more."""
    row.state, row.done_at = OutboxState.DROPPED, work.now
    work.session.add(row)


async def withhold_message(work: UnitOfWork, case: Case, row: Outbox, shipment: Shipment) -> None:
    """Hold back a person's message, of which the case and ``row`` are locked; tell its author.

    It ends as refused, and counts for nothing. Timeline ``message_withheld``: ``kind`` and what the
    shipment's ``reference`` has, its words as the why. The notice carries ``kind``, ``by`` (who
    corrected the case) and ``text``.
    """
    drop_row(work, row)
    reason = t(work.policy.languages[0], "withheld.corrected")
    shipment.row.state, shipment.row.reason = MessageState.REFUSED, reason
    message = await load_message(work.session, shipment.row)
    assert message is not None  # a person wrote it
    message.state, message.reason = MessageState.REFUSED, reason
    work.session.add_all([shipment.row, message])
    said = {"kind": shipment.kind, **shipment.reference}
    work.note(case, "message_withheld", after=said, why=shipment.text)
    await react(work, MessageFailed(case, message, shipment.receipt, reason))
    extra = {"kind": shipment.kind, "by": work.actor.user_id, "text": shipment.text}
    await effects.queue_dm(
        work, message.sent_by, "notice:message_withheld", case, extra, priority=effects.BREACH
    )

"""How far a broadcast got: what mail servers and customers say of each of its lines.

A line (``BroadcastRecipient``) goes from planned to queued, then delivered or failed; a failed one
may be queued again, and one that is not sent is left. Reactions to the messages of cases and mails
come here, in the transaction of what happened, where a case is locked before the problem and the
problem before the line.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot import effects
from bot.core.reactions import (
    BroadcastReplied,
    CustomerWrote,
    MessageDelivered,
    MessageFailed,
)
from bot.customers.channels import BY_HAND
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.problems.steps import (
    lock_problem,
    note_problem,
    reschedule_update_clock,
    tell_problem,
)
from bot.rules.states import RecipientState
from storage.models import Affected, Broadcast, BroadcastRecipient, Case, Problem


async def record_delivery(work: UnitOfWork, event: MessageDelivered) -> None:
    """Note on the broadcast's line that the message was delivered, when it carries one.

    Reacts to MessageDelivered, in the transaction that ends the message's row.
    """
    number = await _carried_line(work, event)
    if number is not None:
        problem, receipt, _ = await _standing(work, number)
        await line_delivered(work, problem, receipt)


async def _carried_line(work: UnitOfWork, event: MessageDelivered | MessageFailed) -> int | None:
    """The id of the broadcast's line that a message carries; None for any other message.

    A mail's row knows its line; a reply in a ticket is found by its message.
    """
    case, message = event.case, event.message
    if event.receipt is not None or case is None or message is None or case.problem is None:
        return event.receipt
    query = select(BroadcastRecipient.id).where(
        col(BroadcastRecipient.case_number) == case.number,
        col(BroadcastRecipient.sent_message) == message.id,
    )
    return (await work.session.exec(query)).first()


async def line_delivered(work: UnitOfWork, problem: Problem, receipt: BroadcastRecipient) -> None:
    """Note that the customer has the line, as of now, and redraw the card.

    The caller has locked the line.
    """
    receipt.state, receipt.delivered_at, receipt.reason = RecipientState.DELIVERED, work.now, ""
    work.session.add(receipt)
    await work.session.flush()
    await effects.queue_card(work, problem)


async def record_failure(work: UnitOfWork, event: MessageFailed) -> None:
    """Note on the broadcast's line that the message did not reach the customer, and tell it.

    The channel reads ``problem:receipt_failed``: ``customer``, ``reason``, ``recipient``,
    ``broadcast``; of a withheld customer (``_withheld``) it reads nothing. When a broadcast reached
    no customer at all, the problem's clock goes on as before it.
    """
    number, reason = await _carried_line(work, event), event.reason
    if number is None:
        return
    problem, receipt, row = await _standing(work, number)
    receipt.state, receipt.reason, receipt.delivered_at = RecipientState.FAILED, reason, None
    work.session.add(receipt)
    await work.session.flush()
    customer = await work.session.get(Affected, receipt.affected)
    extra = {
        "customer": customer.customer if customer else "", "reason": reason,
        "recipient": receipt.recipient, "broadcast": row.id,
    }  # fmt: skip
    note_problem(work, problem, "receipt_failed", reason, customer=extra["customer"])
    if not await _withheld(work, customer):  # the case hears of its own message
        await tell_problem(work, problem, "problem:receipt_failed", extra)
    await _reached_nobody(work, problem, row)
    await effects.queue_card(work, problem)


async def _reached_nobody(work: UnitOfWork, problem: Problem, row: Broadcast) -> None:
    """Take the promise back when every line failed, unless the clock has moved on since.

    The cycle before goes on with its own due instant; thresholds up to now are not said again.
    """
    counted = await broadcast_progress(work, row)
    none = counted["failed"] == counted["count"]
    ended = row.before.get("due")  # nothing, where no cycle was ended
    if none and ended and problem.next_update_at == row.next_update_at:
        problem.cycle_began_at = datetime.fromisoformat(row.before["began"])
        problem.next_update_at = datetime.fromisoformat(row.before["due"])
        problem.promised = bool(row.before["promised"])
        problem.heard_to = work.now
        reschedule_update_clock(work, problem)


def begin_cycle(work: UnitOfWork, problem: Problem, row: Broadcast) -> None:
    """Let the problem's clock run to the promise that was broadcast; without one it goes on.

    The cycle that it ends is kept in ``row.before``: ``began``, ``due`` (ISO 8601 or None),
    ``promised``, for the case that the broadcast reaches no one.
    """
    if not row.promises:
        return
    row.before = {
        "began": problem.cycle_began_at.isoformat(),
        "due": problem.next_update_at.isoformat() if problem.next_update_at else None,
        "promised": problem.promised,
    }
    problem.cycle_began_at, problem.next_update_at = work.now, row.next_update_at
    problem.promised, problem.heard_to = True, None
    reschedule_update_clock(work, problem)
    work.session.add(row)


async def record_mail_reply(work: UnitOfWork, event: BroadcastReplied) -> None:
    """Post in the problem's channel what a customer without a case answered, word for word.

    A doubtful reply (its sender could not be verified) is marked as such there, and does not count
    as an answer. The post's ``extra``: ``customer``, ``sender``, ``summary``, ``doubtful``, and
    ``subject``, ``note`` and ``files`` as of a mail about a case.
    """
    mail, doubtful = event.mail, event.doubtful
    problem, receipt, _ = await _standing(work, event.receipt)
    if not doubtful:
        await _answered(work, problem, receipt)
    customer = await work.session.get(Affected, receipt.affected)
    extra = {
        "customer": customer.customer if customer else "", "sender": mail.sender,
        "summary": mail.text, "doubtful": doubtful, "subject": mail.subject, "note": mail.note,
        "files": [asdict(file) for file in mail.files],
    }  # fmt: skip
    note_problem(work, problem, "receipt_replied", customer=extra["customer"])
    if not await _withheld(work, customer):
        await tell_problem(work, problem, "problem:replied", extra)


async def _withheld(work: UnitOfWork, line: Affected | None) -> bool:
    """True for a customer on the list only by the word of a case which is restricted by now.

    Nothing more is said of them in the problem's channel.
    """
    if line is None or line.removed_at is None or line.case_number is None:
        return False
    case = await work.session.get(Case, line.case_number)
    return case is not None and case.sensitive


async def record_case_reply(work: UnitOfWork, event: CustomerWrote) -> None:
    """Take what the customer of a case wrote as the answer to the last broadcast they got there.

    Only the first answer counts; what they wrote is in the case and not repeated here.
    """
    case = event.case
    if case.problem is None:
        return
    query = select(BroadcastRecipient).where(
        col(BroadcastRecipient.case_number) == case.number,
        col(BroadcastRecipient.state) == RecipientState.DELIVERED,
    )
    receipt = (await work.session.exec(query.order_by(col(BroadcastRecipient.id).desc()))).first()
    if receipt is None or receipt.replied_at is not None:
        return
    problem, receipt, _ = await _standing(work, receipt.id)
    await _answered(work, problem, receipt)


async def _answered(work: UnitOfWork, problem: Problem, receipt: BroadcastRecipient) -> None:
    """Note when the customer first answered; who answers has the message, so it was delivered."""
    receipt.replied_at = receipt.replied_at or work.now
    if (
        receipt.state is not RecipientState.DELIVERED
    ):  # who answers has it, whatever the servers say
        receipt.state, receipt.delivered_at = RecipientState.DELIVERED, work.now
    work.session.add(receipt)
    await work.session.flush()
    await effects.queue_card(work, problem)


async def broadcast_progress(work: UnitOfWork, row: Broadcast) -> dict[str, Any]:
    """How far a broadcast got, as counts: ``count``, ``delivered``, ``failed``, ``by_hand``.

    ``count`` is of all receivers, ``by_hand`` of those that still wait for a person. Lines that
    were left out do not count.
    """
    query = select(BroadcastRecipient).where(
        col(BroadcastRecipient.broadcast) == row.id,
        col(BroadcastRecipient.state) != RecipientState.LEFT,
    )
    found = (await work.session.exec(query)).all()
    states = {
        name.value: sum(r.state is name for r in found)
        for name in (RecipientState.DELIVERED, RecipientState.FAILED)
    }
    by_hand = sum(r.state is RecipientState.QUEUED and r.route == BY_HAND for r in found)
    return {"count": len(found), **states, "by_hand": by_hand}


async def lines_in_state(
    work: UnitOfWork, row: Broadcast, state: RecipientState
) -> Sequence[BroadcastRecipient]:
    """The broadcast's lines in one state, oldest first.

    They are not locked: the caller holds the problem, without which no line is changed.
    """
    query = select(BroadcastRecipient).where(
        col(BroadcastRecipient.broadcast) == row.id, col(BroadcastRecipient.state) == state
    )
    return (await work.session.exec(query.order_by(col(BroadcastRecipient.id)))).all()


async def load_line(work: UnitOfWork, number: int) -> tuple[BroadcastRecipient, Broadcast]:
    """The line, locked, with its broadcast, which is not. Raises UserError ``no_such_receipt``."""
    receipt = await work.session.get(BroadcastRecipient, number, with_for_update=True)
    row = await work.session.get(Broadcast, receipt.broadcast) if receipt else None
    if receipt is None or row is None:
        raise UserError("no_such_receipt")
    return receipt, row


async def _standing(work: UnitOfWork, number: int) -> tuple[Problem, BroadcastRecipient, Broadcast]:
    """A line with its broadcast and problem; problem and line are locked, in this order.

    The problem may be resolved: answers and bounces come later too.
    """
    query = select(Broadcast.problem).join(
        BroadcastRecipient, col(BroadcastRecipient.broadcast) == col(Broadcast.id)
    )
    problem = await lock_problem(
        work,
        (await work.session.exec(query.where(col(BroadcastRecipient.id) == number))).one(),
        must_be_open=False,
    )
    receipt, row = await load_line(work, number)
    return problem, receipt, row

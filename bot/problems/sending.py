"""What becomes of a broadcast for each customer: queued, delivered, failed, answered.

A customer with a live case is written to in its thread, and the message counts for its clocks.
Others get a mail of their own; one without an address is written to by hand, by the owner of the
line. The customer of a living legal case is left out. What is heard of a line afterwards is in
``receipts``.

Sending is one transaction: each line is queued, handed to a person or left out, or none is. A
line's text is never changed; a second try sends the same words to where the customer is reached
now.
"""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import field_validator
from pydantic_core import PydanticCustomError
from sqlmodel import col, select

from bot import effects
from bot.core.access import require_permission, roles_of
from bot.core.steps import as_utc
from bot.customers import legal, updates
from bot.customers.channels import BY_HAND, BY_MAIL, customer_channels
from bot.customers.outgoing import BY_US
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Line, Url
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.mail.queue import require_mail
from bot.problems import snapshot as problem_snapshot
from bot.problems.receipts import (
    begin_cycle,
    broadcast_progress,
    line_delivered,
    lines_in_state,
    load_line,
)
from bot.problems.steps import OnProblem, lock_problem, note_problem, problem_answer
from bot.rules.lifecycle import LIVE
from bot.rules.permissions import MANAGERS
from bot.rules.problems import audience
from bot.rules.problems.facts import AffectedFacts
from bot.rules.states import ApprovalState, MessageState, RecipientState
from bot.rules.words import MessageKind
from storage.models import Affected, Broadcast, BroadcastRecipient, Case, Mail, Problem

Cases = Mapping[int, Case]


async def hold_cases(work: UnitOfWork, broadcast: int) -> dict[int, Case]:
    """The cases of a broadcast's receivers, locked in ascending order, by number.

    Called before the problem is locked: everywhere cases come first.
    """
    query = (
        select(Affected.case_number)
        .join(BroadcastRecipient, col(BroadcastRecipient.affected) == col(Affected.id))
        .where(
            col(BroadcastRecipient.broadcast) == broadcast, col(Affected.case_number).is_not(None)
        )
    )
    numbers = sorted({n for n in (await work.session.exec(query)).all() if n is not None})
    return {number: await work.case(number) for number in numbers}


async def send_all(work: UnitOfWork, problem: Problem, row: Broadcast, cases: Cases) -> None:
    """Queue every line that was planned; those who are no longer affected are left out.

    Reads what is known of the customers now (address, owner, case), never the words anew. ``cases``
    are those of ``hold_cases``, so that each can be written to.
    """
    now = {each.id: each for each in await problem_snapshot.load_affected(work.session, problem)}
    quiet = await legal.living_legal_cases(work)
    for receipt in await lines_in_state(work, row, RecipientState.PLANNED):
        about = now.get(receipt.affected)
        if about is None:
            receipt.state = RecipientState.LEFT
            work.session.add(receipt)
            continue
        if await legal.withhold_customer(work, problem, receipt, about, quiet):
            continue
        await _send(work, problem, row, receipt, about, cases)


async def _send(
    work: UnitOfWork,
    problem: Problem,
    row: Broadcast,
    receipt: BroadcastRecipient,
    about: AffectedFacts,
    cases: Cases,
) -> None:
    """Queue one line by the customer's route, or ask its owner to send it.

    Route, recipient and owner are stored on the line as they are now. A case that is no longer live
    is passed over. The line's ``case_number`` is the case in which it is written, None for a mail
    of its own; replies are found by it.
    """
    case = cases.get(about.case) if about.case else None
    if case is not None and case.status not in LIVE:
        case = None
    receipt.case_number = case.number if case else None
    tried = receipt.route if receipt.state is RecipientState.FAILED else ""
    receipt.owner, receipt.state, receipt.reason = about.owner, RecipientState.QUEUED, ""
    receipt.recipient = audience.recipient_line(about)
    receipt.route = _route(work, case, about, tried)
    work.session.add(receipt)
    await work.session.flush()
    if receipt.route == BY_HAND:
        await _ask_to_send(work, problem, receipt, about)
    elif case is not None:
        await _by_case(work, row, receipt, case, route=receipt.route)
    else:
        await _by_mail(work, receipt, about.email)


def _route(work: UnitOfWork, case: Case | None, about: AffectedFacts, tried: str) -> str:
    """Where the customer already reads: the case's ticket, else mail; else by hand.

    A help desk that took nothing (``tried``) is not tried again. Answers ``mail``, ``hand`` or the
    help desk's name, which is the route of a courier.
    """
    if (channels := customer_channels(work)) is None:
        return BY_HAND
    desk = case.helpdesk if case is not None and case.ticket else ""
    if desk != tried and desk in channels.helpdesks:
        return desk
    return BY_MAIL if channels.mails and about.email else BY_HAND


async def _by_case(
    work: UnitOfWork,
    row: Broadcast,
    receipt: BroadcastRecipient,
    case: Case,
    *,
    route: str,
    link: str = "",
) -> None:
    """Send in the case's own thread, as any update: it counts for the case once it has arrived.

    ``row.approver`` is who approved it. A promise that has passed by now is not made again.
    Timeline of a queued one: ``message``, ``kind``, ``broadcast``, ``route``.
    """
    promised = as_utc(row.next_update_at) if row.promises else work.now
    message = await updates.record_message(
        work,
        case,
        kind=MessageKind.UPDATE,
        text=receipt.text,
        recipient=receipt.recipient or case.customer,
        route=route,
        link=link,
        promised=promised if promised > work.now else None,
        override=True,
        approved_by=row.approver,
        receipt=receipt.id,
    )
    receipt.sent_message = message.id
    work.session.add(receipt)
    if message.state is not MessageState.QUEUED:
        await updates.complete_update(work, case, message)
        return
    said = {"message": message.id, "kind": message.kind, "broadcast": row.id, "route": route}
    updates.note_queued(work, case, message, said)


async def _by_mail(work: UnitOfWork, receipt: BroadcastRecipient, email: str) -> None:
    """Queue a mail of its own: a customer without a case is not given one by our writing.

    Its lane is the line's (``mailbox:r12``); answers come back by ``record_mail_reply``.
    """
    customers = require_mail(work)
    assert customers.mailer is not None  # require_mail() says so
    row = await work.queue("mail", f"mailbox:r{receipt.id}", priority=effects.INTERACTIVE)
    work.session.add(
        Mail(
            direction="out",
            kind=MessageKind.UPDATE.value,
            message_id=customers.signer.message_id(row, customers.mailer.domain),
            recipient=email,
            text=receipt.text,
            receipt=receipt.id,
            outbox_id=row,
            state=MessageState.QUEUED,
            at=work.now,
        )
    )


async def _ask_to_send(
    work: UnitOfWork, problem: Problem, receipt: BroadcastRecipient, about: AffectedFacts
) -> None:
    """Ask the line's owner by DM to send it.

    The button of ``problem:by_hand`` records that it was sent. ``extra``: ``receipt`` (the line's
    id), ``customer``, ``text``, ``recipient``.
    """
    extra = {
        "receipt": receipt.id, "customer": about.customer, "text": receipt.text,
        "recipient": receipt.recipient,
    }  # fmt: skip
    await effects.queue_dm(work, receipt.owner, "problem:by_hand", problem, extra)


class RetryReceipts(OnProblem):
    """Send a broadcast again to those whom it did not reach; only one that was sent can be."""

    verb: ClassVar[str] = "retry_receipts"
    broadcast: Hidden[int]


class SentByHand(OnProblem):
    """A person sent a customer's broadcast themselves.

    ``route`` is how, one of those by which people write; ``link`` is where it can be read.
    """

    verb: ClassVar[str] = "sent_by_hand"
    receipt: Hidden[int]
    route: Line
    link: Url = ""

    @field_validator("route")
    @classmethod
    def _by_hand(cls, route: str) -> str:
        """A route by which the app itself sends would send the words once more."""
        if route in BY_US:
            raise PydanticCustomError("enum", "choice")
        return route


async def record_sent_by_hand(work: UnitOfWork, intent: SentByHand) -> Answer | None:
    """Record that a line was sent by hand; it counts as delivered from now.

    The owner of the line records it, or a manager. In a live case it counts as an update too. Locks
    the case, then the problem, then the line. Raises UserError ``no_such_receipt``,
    ``not_your_receipt`` (``user``: the owner), ``sent_already``.
    """
    await require_permission(work, None, "sent_by_hand")
    number = select(BroadcastRecipient.case_number).where(
        col(BroadcastRecipient.id) == intent.receipt
    )
    case_number = (await work.session.exec(number)).first()
    case = await work.case(case_number) if case_number else None
    problem = await lock_problem(work, intent.problem, must_be_open=False)
    receipt, row = await load_line(work, intent.receipt)
    if row.problem != problem.number or receipt.route != BY_HAND:
        raise UserError("no_such_receipt")
    if receipt.owner != work.actor.user_id and not MANAGERS & await roles_of(work, None):
        raise UserError("not_your_receipt", user=receipt.owner)
    if receipt.state is RecipientState.LEFT:
        raise UserError("no_such_receipt")
    if receipt.state is not RecipientState.QUEUED:
        raise UserError("sent_already")
    receipt.link = intent.link
    if case is not None and case.status in LIVE:
        await _by_case(work, row, receipt, case, route=intent.route, link=intent.link)
    await line_delivered(work, problem, receipt)
    note_problem(work, problem, "sent_by_hand", intent.link, receipt=receipt.id)
    return problem_answer("noted", problem)


async def retry_receipts(work: UnitOfWork, intent: RetryReceipts) -> Answer | None:
    """Send once more to those whom it did not reach, at the address they have now.

    A line that a ticket refused goes by mail, or by hand. Where every line had failed and the
    promise lies ahead, the problem's clock begins anew. A notice of a known issue that has gone on
    since is not repeated. Raises UserError ``no_such_broadcast``, ``problem_resolved``,
    ``notice_outdated``, ``nothing_failed``.
    """
    await require_permission(work, None, "retry_receipts")
    cases = await hold_cases(work, intent.broadcast)
    problem = await lock_problem(work, intent.problem, or_known=True)
    row = await work.session.get(Broadcast, intent.broadcast, with_for_update=True)
    if row is None or row.problem != problem.number or row.state != ApprovalState.SENT:
        raise UserError("no_such_broadcast")
    if not row.promises and row.step != problem.step:
        raise UserError("notice_outdated")
    failed = await lines_in_state(work, row, RecipientState.FAILED)
    now = {each.id: each for each in await problem_snapshot.load_affected(work.session, problem)}
    again = [each for each in failed if each.affected in now]
    if not again:
        raise UserError("nothing_failed")
    if (
        len(failed) == (await broadcast_progress(work, row))["count"]
        and row.next_update_at > work.now
    ):
        begin_cycle(work, problem, row)  # no one was reached, so nothing was promised until now
    quiet = await legal.living_legal_cases(work)
    for receipt in again:
        about = now[receipt.affected]
        if not await legal.withhold_customer(work, problem, receipt, about, quiet):
            await _send(work, problem, row, receipt, about, cases)
    note_problem(work, problem, "retry_receipts", count=len(again))
    await effects.queue_card(work, problem)
    return problem_answer("retried", problem, count=len(again))

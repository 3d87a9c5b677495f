"""What passes between us and the customer, and the technical lead's word on the work."""

from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from bot import effects
from bot.core.access import require, roles_of
from bot.core.reactions import CustomerAnswered, CustomerWrote, MessageQueued, react
from bot.core.steps import (
    admitted,
    advance,
    answer,
    begin_investigating,
    clear_hold,
    finish,
    must_fit,
    utc,
)
from bot.customers.check import PROMISING
from bot.customers.clearance import clear_message
from bot.customers.delivery import BY_MAIL, QUEUED, SENT
from bot.engine.inbox import Answer
from bot.engine.intent import Future, Hidden, Line, OnCase, OptionalText, Past, Text, Url
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.mail.queue import send
from bot.rules.lifecycle import OPEN
from bot.rules.permissions import MANAGERS, PERMISSIONS
from bot.rules.sla import EventKind
from bot.rules.words import ClockKind, HoldReason, MessageKind
from bot.sla import clocks
from bot.tickets import link as ticket_link
from storage.models import Case, SentMessage

PICKED_TO = timedelta(minutes=1)  # how fine a time can be chosen in a form


class Update(OnCase):
    """Record what a human sent to the customer, word for word, or send it.

    The desk sends it by the routes ``mail`` and, into the case's ticket, that of its help desk.

    ``link`` is where it can be read, when they sent it themselves; ``sent_at`` None means now.
    """

    verb: ClassVar[str] = "update"
    kind: MessageKind
    text: Text
    recipient: Line
    route: Line
    link: Url = ""
    next_update_at: Future[datetime | None] = None
    sent_at: Past[datetime | None] = None
    workaround: OptionalText = ""
    draft: Hidden[int | None] = None  # the stored draft that the form was filled from
    reply: Hidden[int | None] = None  # the answer in a ticket that it was filled from


class CustomerReplied(OnCase):
    """Record that the customer wrote, and when."""

    verb: ClassVar[str] = "customer_replied"
    summary: Text
    at: Past[datetime | None] = None


class StatusReport(OnCase):
    """The technical lead's ten-second answer to a check-in."""

    verb: ClassVar[str] = "status"
    standing: Annotated[str, StringConstraints(pattern="^(on_track|blocked|need_help|eta_moved)$")]
    remark: OptionalText = ""


async def update(work: UnitOfWork, intent: Update) -> Answer | None:
    """Record a customer message word for word; the clocks go on from the instant it was sent.

    By the route ``mail``, or that of a help desk, the desk sends it, and it counts once the mail
    server or the help desk has taken it.
    """
    case = await work.case(intent.case)
    roles = await require(work, case, "update")
    must_fit(case, "update")
    promised = _promise(work, intent)
    cleared = await clear_message(work, case, intent, intent.kind)
    if cleared.waits:
        return cleared.waits
    if intent.kind is MessageKind.WORKAROUND and intent.workaround:
        case.workaround_note = intent.workaround
    sent = happened(work, case, intent.sent_at)
    message = await record(
        work,
        case,
        kind=intent.kind,
        text=intent.text,
        recipient=intent.recipient,
        route=intent.route,
        link=intent.link,
        promised=promised,
        override=bool(roles & MANAGERS),
        mitigates=bool(intent.workaround),
        approved_by=cleared.approved_by,
        sent=sent,
    )
    if message.state == QUEUED:
        verb = "mail_queued" if message.route == BY_MAIL else "ticket_queued"
        work.note(case, verb, after=_said(message))
        await finish(work, case)
    else:
        await counted(work, case, message)
    return None


async def counted(work: UnitOfWork, case: Case, message: SentMessage) -> None:
    """The customer has the message: what follows from it for the case, and who hears of it."""
    before = case.status
    await begin_investigating(work, case)
    mitigated = await _mitigate(work, case, message)
    after = {"status": case.status, **_said(message)}
    work.note(case, "update", before={"status": before}, after=after)
    extra = {"message": message.id, "mitigated": mitigated}
    await effects.post(work, case, "notice:update_sent", extra)
    await finish(work, case)


def _promise(work: UnitOfWork, intent: Update) -> datetime | None:
    if intent.next_update_at is None:
        if intent.kind in PROMISING:
            raise UserError("next_update_required")
        return None
    promised = utc(intent.next_update_at)
    if promised <= work.now:
        raise UserError("next_update_in_past")
    return promised


async def record(
    work: UnitOfWork,
    case: Case,
    *,
    kind: MessageKind,
    text: str,
    recipient: str,
    route: str,
    link: str = "",
    promised: datetime | None = None,
    override: bool = False,
    mitigates: bool = False,
    approved_by: str | None = None,
    sent: datetime | None = None,
) -> SentMessage:
    """Store a message as it was sent; one that a human sent counts at once.

    ``promised`` is when the customer was told to hear next; ``override`` lets it be later than
    the policy asks. ``mitigates``: it tells a workaround. ``sent`` is when it went out, which
    decides whether it was in time, however late we hear of it (R8). By the route ``mail``, or that
    of a help desk, it is left for delivery and counts for nothing yet. Raises UserError
    ``no_mail``, ``no_address``, ``no_ticket``, ``no_desk``.
    """
    by_us = route == BY_MAIL or route in ticket_link.ROUTES
    at = work.now if by_us else sent or work.now
    message = SentMessage(
        case_number=case.number,
        kind=kind.value,
        language=case.language,
        text=text,
        sent_by=work.actor.user_id,
        sent_at=at,
        recipient=recipient,
        route=route,
        link=link,
        next_update_at=promised,
        state=QUEUED if by_us else SENT,
        evidence={"override": override, "mitigates": mitigates, "approved_by": approved_by},
    )
    work.session.add(message)
    await work.session.flush()
    if by_us:
        await (send if route == BY_MAIL else ticket_link.leave)(work, case, message)
        await react(work, MessageQueued(case))
    else:
        await answered(work, case, message)
    return message


async def answered(work: UnitOfWork, case: Case, message: SentMessage) -> None:
    """Tell the clocks that a human answered the customer, and note which events say so."""
    before = await clocks.newest(work, case)
    if case.status in OPEN and not await clocks.exists(work, case, ClockKind.NEXT_UPDATE):
        # Begun by this message, which is no cycle of it.
        await clocks.begin(work, case, ClockKind.NEXT_UPDATE, at=message.sent_at)
    promise: dict[str, Any] = {}
    if message.next_update_at:
        override = message.evidence["override"]
        promise = {"promised_at": message.next_update_at, "override_approved": override}
    await clocks.happen(work, case, EventKind.AGENT_PUBLIC, at=message.sent_at, **promise)
    events = await clocks.since(work, case, before)
    message.evidence = {**message.evidence, "events": events}
    work.session.add(message)
    await react(work, CustomerAnswered(case))


async def _mitigate(work: UnitOfWork, case: Case, message: SentMessage) -> bool:
    """The customer can work again when somebody who may say so says it."""
    if message.kind != MessageKind.WORKAROUND or not message.evidence["mitigates"]:
        return False
    roles = await roles_of(work, case)
    if not roles & PERMISSIONS["mitigate"] or not await advance(work, case, "mitigate"):
        return False
    await clocks.stop(work, case, ClockKind.WORKAROUND)
    return True


def _said(message: SentMessage) -> dict[str, Any]:
    promised = message.next_update_at
    return {
        "message": message.id,
        "kind": message.kind,
        "recipient": message.recipient,
        "route": message.route,
        "link": message.link or None,
        "next_update_at": promised.isoformat() if promised else None,
        "approved_by": message.evidence.get("approved_by"),
    }


async def customer_replied(work: UnitOfWork, intent: CustomerReplied) -> Answer | None:
    """Record that the customer wrote: a reply is owed, and we wait for them no longer."""
    case = await admitted(work, intent.case, "customer_replied")
    must_fit(case, "customer_replied")
    at = happened(work, case, intent.at)
    await react(work, CustomerWrote(case))
    await heard(work, case, at, intent.summary)
    return None


async def heard(work: UnitOfWork, case: Case, at: datetime, summary: str) -> None:
    """The customer wrote at ``at``: pauses for them end there, and a reply is owed from then."""
    waited = (
        case.hold_reason == HoldReason.WAITING_CUSTOMER
        and case.hold_since is not None
        and case.hold_since <= at
    )
    if waited:
        clear_hold(case)  # the clocks' own pause ends with the message, at its instant
    await customer_wrote(work, case, at)
    said = {"at": at.isoformat(), "hold_ended": waited}
    work.note(case, "customer_replied", after=said, why=summary)
    extra = {**said, "summary": summary}
    await effects.post(work, case, "notice:customer_replied", extra, part=effects.HEARD)
    await finish(work, case)


def happened(work: UnitOfWork, case: Case, said: datetime | None) -> datetime:
    """When something that a person tells of happened; what they do not say happened now.

    Raises UserError ``not_yet_happened``.
    """
    at = utc(said) if said else work.now
    if at > work.now:
        raise UserError("not_yet_happened")
    if work.now - at < PICKED_TO:
        at = work.now  # the form's clock has no seconds: "this minute" means now
    return max(at, case.received_at)  # what came before the escalation is not judged by its clocks


async def customer_wrote(work: UnitOfWork, case: Case, at: datetime) -> None:
    """Tell the clocks that the customer wrote: a human reply is owed from then."""
    if not await clocks.exists(work, case, ClockKind.NEXT_REPLY):
        await clocks.begin(work, case, ClockKind.NEXT_REPLY, at=case.received_at)
    await clocks.happen(work, case, EventKind.CUSTOMER_MESSAGE, at=at)


async def status(work: UnitOfWork, intent: StatusReport) -> Answer | None:
    """The answer to a check-in; the owner hears of it only when something is wrong."""
    case = await admitted(work, intent.case, "status")
    must_fit(case, "status")
    if await clocks.running(work, case, ClockKind.CHECK_IN):
        await clocks.stop(work, case, ClockKind.CHECK_IN)
        await clocks.begin(work, case, ClockKind.CHECK_IN)
    said = {"standing": intent.standing}
    work.note(case, "status", after=said, why=intent.remark)
    extra = {**said, "remark": intent.remark, "by": work.actor.user_id}
    if intent.standing != "on_track" and case.owner != work.actor.user_id:
        await effects.dm(work, case.owner, "notice:status_given", case, extra)
    await finish(work, case)
    return answer(case, "notice:status_given", **extra)

"""What passes between us and the customer, and the technical lead's word on the work."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from bot import clocks, effects
from bot.cases.access import require
from bot.cases.approving import clearance
from bot.cases.common import (
    admitted,
    advance,
    answer,
    begin_investigating,
    clear_hold,
    finish,
    must_be,
    utc,
)
from bot.composing import PROMISING
from bot.errors import UserError
from bot.inbox import Answer
from bot.intents import CustomerReplied, StatusReport, Update
from bot.rules.lifecycle import LIVE, OPEN
from bot.rules.permissions import MANAGERS, PERMISSIONS
from bot.rules.sla import EventKind
from bot.rules.words import ClockKind, HoldReason, MessageKind, Role
from bot.work import Work
from storage.models import Case, SentMessage

PICKED_TO = timedelta(minutes=1)  # how fine a time can be chosen in a form


async def update(work: Work, intent: Update) -> Answer | None:
    """Record a customer message word for word; the clocks go on from this instant."""
    case = await work.case(intent.case)
    roles = await require(work, case, "update")
    must_be(case, "update", LIVE)
    promised = _promise(work, intent)
    before = case.status
    cleared = await clearance(work, case, intent, intent.kind)
    if cleared.waits:
        return cleared.waits
    sent = happened(work, case, intent.sent_at)
    message = await record(
        work,
        case,
        kind=intent.kind,
        text=intent.text,
        recipient=intent.recipient,
        route=intent.route,
        promised=promised,
        override=bool(roles & MANAGERS),
        sent=sent,
    )
    await begin_investigating(work, case)
    mitigated = await _mitigate(work, case, intent, roles)
    _note(work, case, message, before, cleared.approved_by)
    extra = {"message": message.id, "mitigated": mitigated}
    await effects.post(work, case, "notice:update_sent", extra)
    await finish(work, case)
    return None


def _promise(work: Work, intent: Update) -> datetime | None:
    if intent.next_update_at is None:
        if intent.kind in PROMISING:
            raise UserError("next_update_required")
        return None
    promised = utc(intent.next_update_at)
    if promised <= work.now:
        raise UserError("next_update_in_past")
    return promised


async def record(
    work: Work,
    case: Case,
    *,
    kind: MessageKind,
    text: str,
    recipient: str,
    route: str,
    promised: datetime | None = None,
    override: bool = False,
    sent: datetime | None = None,
) -> SentMessage:
    """Store a message as it was sent and tell the clocks that a human answered the customer.

    ``promised`` is when the customer was told to hear next; ``override`` lets it be later than
    the policy asks. ``sent`` is when it went out, which decides whether it was in time, however
    late we hear of it (R8).
    """
    at = sent or work.now
    message = SentMessage(
        case_number=case.number,
        kind=kind.value,
        language=case.language,
        text=text,
        sent_by=work.actor.user_id,
        sent_at=at,
        recipient=recipient,
        route=route,
        next_update_at=promised,
    )
    work.session.add(message)
    await work.session.flush()
    if case.status in OPEN and not await clocks.exists(work, case, ClockKind.NEXT_UPDATE):
        await clocks.begin(
            work, case, ClockKind.NEXT_UPDATE, at=at
        )  # by this message, which is no cycle
    promise: dict[str, Any] = (
        {"promised_at": promised, "override_approved": override} if promised else {}
    )
    await clocks.happen(work, case, EventKind.AGENT_PUBLIC, at=at, **promise)
    return message


async def _mitigate(work: Work, case: Case, intent: Update, roles: Set[Role]) -> bool:
    """Keep the workaround; the customer can work again when somebody who may say so says it."""
    if intent.kind is not MessageKind.WORKAROUND or not intent.workaround:
        return False
    case.workaround_note = intent.workaround
    if not roles & PERMISSIONS["mitigate"] or not await advance(work, case, "mitigate"):
        return False
    await clocks.stop(work, case, ClockKind.WORKAROUND)
    return True


def _note(
    work: Work, case: Case, message: SentMessage, before: str, approved_by: str | None
) -> None:
    promised = message.next_update_at
    work.note(
        case,
        "update",
        before={"status": before},
        after={
            "status": case.status,
            "message": message.id,
            "kind": message.kind,
            "recipient": message.recipient,
            "route": message.route,
            "next_update_at": promised.isoformat() if promised else None,
            "approved_by": approved_by,
        },
    )


async def customer_replied(work: Work, intent: CustomerReplied) -> Answer | None:
    """Record that the customer wrote: a reply is owed, and we wait for them no longer."""
    case = await admitted(work, intent.case, "customer_replied")
    must_be(case, "customer_replied", LIVE)
    at = happened(work, case, intent.at)
    waited = (
        case.hold_reason == HoldReason.WAITING_CUSTOMER
        and case.hold_since is not None
        and case.hold_since <= at
    )
    if waited:
        clear_hold(case)  # the clocks' own pause ends with the message, at its instant
    await customer_wrote(work, case, at)
    said = {"at": at.isoformat(), "hold_ended": waited}
    work.note(case, "customer_replied", after=said, why=intent.summary)
    await effects.post(work, case, "notice:customer_replied", {**said, "summary": intent.summary})
    await finish(work, case)
    return None


def happened(work: Work, case: Case, said: datetime | None) -> datetime:
    """When something that a person tells of happened; what they do not say happened now.

    Raises UserError ``not_yet_happened``.
    """
    at = utc(said) if said else work.now
    if at > work.now:
        raise UserError("not_yet_happened")
    if work.now - at < PICKED_TO:
        at = work.now  # the form's clock has no seconds: "this minute" means now
    return max(at, case.received_at)  # what came before the escalation is not judged by its clocks


async def customer_wrote(work: Work, case: Case, at: datetime) -> None:
    """Tell the clocks that the customer wrote: a human reply is owed from then."""
    if not await clocks.exists(work, case, ClockKind.NEXT_REPLY):
        await clocks.begin(work, case, ClockKind.NEXT_REPLY, at=case.received_at)
    await clocks.happen(work, case, EventKind.CUSTOMER_MESSAGE, at=at)


async def status(work: Work, intent: StatusReport) -> Answer | None:
    """The answer to a check-in; the owner hears of it only when something is wrong."""
    case = await admitted(work, intent.case, "status")
    must_be(case, "status", OPEN)
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

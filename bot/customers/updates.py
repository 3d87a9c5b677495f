"""What people tell the customer, and the technical lead's answer to a check-in.

``record_message`` is the one way by which a customer message is stored; resolutions and broadcasts
use it too. Whether the message may go out has been decided before (``clearance``).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from bot import effects
from bot.core.access import named_for, require_permission, role_holders, roles_of
from bot.core.granted import promise_offers
from bot.core.reactions import CustomerAnswered, MessageQueued, react
from bot.core.steps import (
    authorize_case,
    begin_investigating,
    case_answer,
    case_facts,
    plan_outreach,
    read_promise,
    refresh_card,
    require_status,
    try_transition,
)
from bot.customers.channels import find_courier
from bot.customers.clearance import clear_message
from bot.customers.incoming import read_reported_time
from bot.customers.money import JUDGED
from bot.customers.outgoing import BY_US
from bot.engine.inbox import Answer
from bot.engine.intent import Future, Hidden, Line, Mark, OnCase, OptionalText, Past, Text, Url
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.facts import CaseFacts
from bot.rules.letters import PROMISING, fits_case, is_refused, parts_to_confirm
from bot.rules.lifecycle import LIVE, OPEN
from bot.rules.money.concessions import Judgement
from bot.rules.permissions import MANAGERS, PERMISSIONS
from bot.rules.sla import EventKind
from bot.rules.states import MessageState
from bot.rules.tone.first_response import Part, find_gaps
from bot.rules.words import ClockKind, MessageKind, Role
from bot.sla import clock_history, clocks
from storage.models import Case, SentMessage


class Update(OnCase):
    """Record what a human sent to the customer, word for word, or send it.

    By a route that has a courier (``COURIERS`` in ``bot/wiring.py``) the app sends it.

    ``link`` is where it can be read, when they sent it themselves; ``sent_at`` None means now.
    ``workaround`` describes how the customer can work meanwhile, where the kind is a workaround.
    ``already_sent``: it went out exactly like this, so it is recorded with whatever is wrong in it.
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
    already_sent: bool = False
    draft: Hidden[int | None] = None  # the stored draft that the form was filled from
    reply: Hidden[int | None] = None  # the answer in a ticket that it was filled from


class StatusReport(OnCase):
    """The technical lead's ten-second answer to a check-in."""

    verb: ClassVar[str] = "status"
    standing: Annotated[str, StringConstraints(pattern="^(on_track|blocked|need_help|eta_moved)$")]
    remark: OptionalText = ""
    # By when it should be cleared, or is ready.
    expected: Annotated[date | None, Mark.FUTURE, Mark.LOCAL_DATE] = None


async def send_update(work: UnitOfWork, intent: Update) -> Answer | None:
    """Record a customer message word for word; the clocks go on from the instant it was sent.

    By a route that has a courier the app sends it, and it counts once it was delivered. The case is
    locked. A first response that the app sends must confirm all that it should; one that was sent
    elsewhere is marked. Raises UserError ``wrong_status``, ``letter_unfit`` (``kind``),
    ``first_response_lacks`` (``gaps``: values of ``Part``),
    ``next_update_required``, ``next_update_in_past``, ``not_yet_happened``, and as
    ``clear_message`` and ``record_message`` do. While a second person is asked, only the draft is
    stored, with the timeline's ``ask_approval``.
    """
    case = await work.case(intent.case)
    roles = await require_permission(work, case, "update")
    require_status(case, "update")
    known = await _must_fit(work, case, intent.kind)
    promised = _promise(work, intent)
    gaps = find_gaps(intent.text, known.language, parts_to_confirm(intent.kind, known))
    lacking = [part.value for part in gaps if part is not Part.NEXT_UPDATE]  # a field of its own
    if lacking and intent.route in BY_US and not intent.already_sent:
        raise UserError("first_response_lacks", gaps=lacking)
    cleared = await clear_message(work, case, intent, intent.kind)
    if cleared.waits:
        return cleared.waits
    if intent.kind is MessageKind.WORKAROUND and intent.workaround:
        case.workaround_note = intent.workaround
    sent = read_reported_time(work, case, intent.sent_at)
    message = await record_message(
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
        faults=cleared.faults,
        gaps=gaps,
        money=cleared.money,
    )
    await tell_of_faults(work, case, message)
    if message.state is MessageState.QUEUED:
        note_queued(work, case, message, _said(message))
        await refresh_card(work, case)
    else:
        await complete_update(work, case, message)
    return None


async def _must_fit(work: UnitOfWork, case: Case, kind: MessageKind) -> CaseFacts:
    """Answer what is known of the case, to which the letter must fit.

    One that is not this case's to send is refused, and on an ended case all but its ends. Raises
    UserError ``letter_unfit`` (``kind``), ``wrong_status``.
    """
    known = await case_facts(work, case)
    if is_refused(kind, known):
        raise UserError("letter_unfit", kind=kind.value)
    if known.status not in LIVE and not fits_case(kind, known):
        raise UserError("wrong_status", verb="update", status=case.status)
    return known


def note_queued(
    work: UnitOfWork, case: Case, message: SentMessage, said: Mapping[str, Any]
) -> None:
    """Record that the message waits for its courier; ``said`` must be JSON."""
    courier = find_courier(work, message.route)
    assert courier is not None  # else it would not wait
    work.note(case, f"{courier.medium}_queued", after=said)


async def complete_update(work: UnitOfWork, case: Case, message: SentMessage) -> None:
    """Move the case on and tell its channel, now that the customer has the message.

    Not for resolutions, which end the case by ``ResolutionDelivered``.
    """
    before = case.status
    await begin_investigating(work, case)
    mitigated = await _mitigate(work, case, message)
    if case.workaround_note:
        await plan_outreach(work, case)
    after = {"status": case.status, **_said(message)}
    work.note(case, "update", before={"status": before}, after=after)
    extra = {"message": message.id, "mitigated": mitigated}
    await effects.queue_post(work, case, "notice:update_sent", extra)
    await refresh_card(work, case)


def _promise(work: UnitOfWork, intent: Update) -> datetime | None:
    """Return the promised instant in UTC, None where the kind needs none.

    Raises UserError ``next_update_required`` or ``next_update_in_past``.
    """
    if intent.next_update_at is None:
        if intent.kind in PROMISING:
            raise UserError("next_update_required")
        return None
    return read_promise(work, intent.next_update_at)


async def record_message(
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
    receipt: int | None = None,
    faults: Sequence[Mapping[str, str]] = (),
    gaps: Sequence[str] = (),
    money: Judgement | None = None,
) -> SentMessage:
    """Store a message as it was sent; one that a person sent themselves counts at once.

    ``promised`` is when the customer was told to hear next; ``override`` lets it be later than the
    policy asks. ``mitigates``: it tells a workaround. ``sent`` is when it went out, which decides
    whether it was in time, however late it is recorded (R8). ``receipt`` is the id of the
    broadcast's recipient that it is for; ``faults`` is what is wrong in a message that went out
    before it was looked at (``Clearance``), ``gaps`` what a first response does not confirm.
    ``money`` is what its offers rest on, which are promised by it. By a route that has a courier it
    is queued and counts for nothing yet. Raises UserError ``no_mail``,
    ``no_address``, ``no_ticket``, ``no_desk``.
    """
    courier = find_courier(work, route)
    at = work.now if courier else sent or work.now
    message = SentMessage(
        case_number=case.number, kind=kind.value, language=case.language, text=text,
        sent_by=work.actor.user_id, sent_at=at, recipient=recipient, route=route, link=link,
        next_update_at=promised, state=MessageState.QUEUED if courier else MessageState.SENT,
        evidence={
            "override": override, "mitigates": mitigates, "approved_by": approved_by,
            "faults": [dict(each) for each in faults], "gaps": list(gaps),
        },
    )  # fmt: skip
    work.session.add(message)
    await work.session.flush()
    if money is not None:
        promised_by_it = await promise_offers(work, case, money, at, message=message.id)
        message.evidence = {**message.evidence, JUDGED: promised_by_it}
    if courier:
        await courier.queue_message(work, case, message, receipt)
        await react(work, MessageQueued(case))
    else:
        await record_answer(work, case, message)
    return message


async def tell_of_faults(work: UnitOfWork, case: Case, message: SentMessage) -> None:
    """Tell the case's owner, and in a legal case Legal, of a message that went out with faults.

    Where the owner sent it themselves, support leads hear of it, unless the case is restricted.
    Nothing happens for a message without faults.
    """
    if not message.evidence.get("faults"):
        return
    holders = await role_holders(work.session, case)
    lawyers = {holders[Role.LEGAL]} if case.legal and Role.LEGAL in holders else set()
    people = {case.owner, *lawyers} - {work.actor.user_id}
    if not people and not case.sensitive:
        people = {*named_for(work.policy, Role.SUPPORT_LEAD)} - {work.actor.user_id}
    for user in sorted(people):
        extra = {"message": message.id}
        await effects.queue_dm(work, user, "notice:sent_with_faults", case, extra)


async def record_answer(work: UnitOfWork, case: Case, message: SentMessage) -> None:
    """Tell the clocks that a person answered the customer.

    The ids of the clock events stand in ``message.evidence["events"]``, so that a bounce can
    withdraw them. In an open case the clock of updates begins with the first answer; a promise sets
    when its next cycle is due.
    """
    before = await clock_history.newest_event(work, case)
    if case.status in OPEN and not await clock_history.has_clock(work, case, ClockKind.NEXT_UPDATE):
        # Begun by this message, which is no cycle of it.
        await clocks.begin_clock(work, case, ClockKind.NEXT_UPDATE, at=message.sent_at)
    promise: dict[str, Any] = {}
    if message.next_update_at:
        override = message.evidence["override"]
        promise = {"promised_at": message.next_update_at, "override_approved": override}
    await clocks.append_event(work, case, EventKind.AGENT_PUBLIC, at=message.sent_at, **promise)
    events = await clock_history.events_since(work, case, before)
    message.evidence = {**message.evidence, "events": events}
    work.session.add(message)
    await react(work, CustomerAnswered(case))


async def _mitigate(work: UnitOfWork, case: Case, message: SentMessage) -> bool:
    """Note that the customer can work again, when one who may say so says it."""
    if message.kind != MessageKind.WORKAROUND or not message.evidence["mitigates"]:
        return False
    roles = await roles_of(work, case)
    if not roles & PERMISSIONS["mitigate"] or not await try_transition(work, case, "mitigate"):
        return False
    await clocks.stop_clock(work, case, ClockKind.WORKAROUND)
    return True


def _said(message: SentMessage) -> dict[str, Any]:
    """Return what the timeline keeps of a message, as JSON: its id in place of its words."""
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


async def report_status(work: UnitOfWork, intent: StatusReport) -> Answer | None:
    """Record the answer to a check-in; channel and owner hear when something is wrong, or no more.

    What is wrong stands on the card until “On track”. The check-in clock starts anew if it ran.
    ``standing`` is one of ``on_track``, ``blocked``, ``need_help``, ``eta_moved``. Timeline
    ``status``: ``standing``, ``expected`` (ISO 8601 date or None); the remark is the why.
    """
    case = await authorize_case(work, intent.case, "status")
    require_status(case, "status")
    if await clock_history.is_running(work, case, ClockKind.CHECK_IN):
        await clocks.stop_clock(work, case, ClockKind.CHECK_IN)
        await clocks.begin_clock(work, case, ClockKind.CHECK_IN)
    expected = intent.expected.isoformat() if intent.expected else None
    said = {"standing": intent.standing, "expected": expected}
    work.note(case, "status", after=said, why=intent.remark)
    extra = {**said, "remark": intent.remark, "by": work.actor.user_id}
    wrong, was_wrong = intent.standing != "on_track", case.standing is not None
    case.standing = {**extra, "at": work.now.isoformat()} if wrong else None
    if wrong or was_wrong:
        await effects.queue_post(work, case, "notice:status_given", extra)
        if case.owner != work.actor.user_id:
            await effects.queue_dm(work, case.owner, "notice:status_given", case, extra)
    await refresh_card(work, case)
    return case_answer(case, "notice:status_given", **extra)

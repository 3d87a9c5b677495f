"""What the customer writes, by whatever route it reaches us, and what follows for the case."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar

from bot import effects
from bot.core.reactions import CustomerWrote, react
from bot.core.steps import (
    as_utc,
    authorize_case,
    clear_hold,
    end_hold,
    follow_merged,
    refresh_card,
    require_status,
)
from bot.engine.inbox import Answer
from bot.engine.intent import OnCase, Past, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.lifecycle import LIVE
from bot.rules.sla import EventKind
from bot.rules.words import WAITS_FOR_CUSTOMER, ClockKind, HoldReason
from bot.sla import clock_history, clocks
from storage.models import Case

PICKED_TO = timedelta(minutes=1)  # how fine a time can be chosen in a form


class CustomerReplied(OnCase):
    """Record that the customer wrote, and when."""

    verb: ClassVar[str] = "customer_replied"
    summary: Text
    at: Past[datetime | None] = None


async def customer_replied(work: UnitOfWork, intent: CustomerReplied) -> Answer | None:
    """Record that the customer wrote: a reply is owed, and a hold that waits for them ends.

    For what a person heard by telephone or elsewhere; mail and tickets come by
    ``take_customer_message``. Raises UserError ``wrong_status``, ``not_yet_happened``.
    """
    case = await authorize_case(work, intent.case, "customer_replied")
    require_status(case, "customer_replied")
    at = read_reported_time(work, case, intent.at)
    await take_customer_message(work, case, at, intent.summary)
    return None


async def take_customer_message(
    work: UnitOfWork,
    case: Case,
    at: datetime,
    words: str,
    about: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Take in what the customer of a case wrote at ``at``.

    ``about`` is what a notice tells besides, as ``describe_mail`` gives it.

    A merged case hears it in the case in which it goes on, which is locked then. In a live case a
    reply is owed from then. Where the case has ended, its channel and its owner
    are told, who may reopen it. The case must be locked; the timeline entry ``customer_replied``
    has ``at`` (ISO 8601), in a live case ``hold_ended``, and the words as its reason.
    """
    goes_on = await follow_merged(work.session, case)
    if goes_on is not case:
        case = await work.case(goes_on.number)
        at, about = max(at, case.received_at), MappingProxyType({})
    await react(work, CustomerWrote(case, words))
    if case.status in LIVE:
        await _owe_reply(work, case, at, words, about)
        return
    work.note(case, "customer_replied", after={"at": at.isoformat()}, why=words)
    extra = {**about, "summary": words, "at": at.isoformat()}
    await effects.queue_post(work, case, "notice:mail_after_end", extra, part=effects.HEARD)
    await effects.queue_dm(work, case.owner, "notice:mail_after_end", case, extra)
    await refresh_card(work, case)


async def _owe_reply(
    work: UnitOfWork, case: Case, at: datetime, words: str, about: Mapping[str, Any]
) -> None:
    """Start the clock of the reply at ``at``, and end a hold that waited for the customer.

    Those are the holds of ``WAITS_FOR_CUSTOMER``. One that began after ``at`` goes on: the customer
    wrote before they were waited for.
    """
    waited = (
        case.hold_reason in WAITS_FOR_CUSTOMER
        and case.hold_since is not None
        and case.hold_since <= at
    )
    if waited and case.hold_reason != HoldReason.WAITING_CUSTOMER:
        await end_hold(work, case, at=at)
    elif waited:
        clear_hold(case)  # the clocks' own pause ends with the message, at its instant
    await start_reply_clock(work, case, at)
    said = {"at": at.isoformat(), "hold_ended": waited}
    work.note(case, "customer_replied", after=said, why=words)
    extra = {**about, **said, "summary": words}
    await effects.queue_post(work, case, "notice:customer_replied", extra, part=effects.HEARD)
    await refresh_card(work, case)


async def start_reply_clock(work: UnitOfWork, case: Case, at: datetime) -> None:
    """Tell the clocks that the customer wrote: a person's reply is owed from ``at``.

    The clock itself begins when the case was received; further messages while a reply is owed do
    not move what is due.
    """
    if not await clock_history.has_clock(work, case, ClockKind.NEXT_REPLY):
        await clocks.begin_clock(work, case, ClockKind.NEXT_REPLY, at=case.received_at)
    await clocks.append_event(work, case, EventKind.CUSTOMER_MESSAGE, at=at)


def read_reported_time(work: UnitOfWork, case: Case, said: datetime | None) -> datetime:
    """Return the instant of something that a person reports; without one, now.

    A time without a zone is taken as UTC. Raises UserError ``not_yet_happened``, and
    ``before_the_case`` for one before the case was received: its clocks judge nothing earlier.
    """
    at = as_utc(said) if said else work.now
    if at > work.now:
        raise UserError("not_yet_happened")
    if work.now - at < PICKED_TO:
        at = work.now  # the form's clock has no seconds: "this minute" means now
    if case.received_at - at >= PICKED_TO and at < work.now:
        raise UserError("before_the_case")  # what happens now is none: our clock was put back
    return max(at, case.received_at)

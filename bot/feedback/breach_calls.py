"""The conversation that a broken promise asks for: a brief for the caller, and its result.

Voice before text: a missed promise of SEV1 or SEV2 opens one ``BreachTalk`` a case; further misses
join it until a conversation with the customer is recorded. ``BreachTalk.clocks`` maps the name of a
missed clock to its due time as an ISO string. Surveys that a miss hurries are planned in
``bot.feedback.surveys``.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints
from sqlmodel import col, select

from bot import effects
from bot.core.access import roles_of
from bot.core.granted import promise_offers
from bot.core.snapshot import account_facts
from bot.core.steps import (
    authorize_case,
    begin_investigating,
    plan_playbooks,
    read_promise,
    refresh_card,
)
from bot.customers import money, updates
from bot.engine.inbox import Answer
from bot.engine.intent import Future, Hidden, OnCase, OptionalLine, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.feedback import surveys
from bot.rules.lifecycle import OPEN
from bot.rules.money import matrix
from bot.rules.money.masking import mask_offers
from bot.rules.money.matrix import UNLIMITED
from bot.rules.money.offers import find_offers
from bot.rules.permissions import MANAGERS
from bot.rules.sla import ClockState
from bot.rules.words import ClockKind, Language, MessageKind, Role, Severity
from messages.kit.dates import format_letter_moment
from messages.kit.texts import t
from storage.in_hand import account_of
from storage.models import BreachTalk, Case

PROMISES = frozenset(
    {ClockKind.FIRST_RESPONSE, ClockKind.NEXT_REPLY, ClockKind.NEXT_UPDATE, ClockKind.WORKAROUND,
     ClockKind.RESOLUTION}
)  # fmt: skip
UPDATES = frozenset({ClockKind.FIRST_RESPONSE, ClockKind.NEXT_UPDATE})
GRAVE = Severity.SEV2
CALL_WITHIN = {Severity.SEV1: timedelta(hours=1), Severity.SEV2: timedelta(hours=4)}
ROUTES = {"call": "phone", "meeting": "meeting", "message": "chat"}  # how a conversation was had
RETRACTED = "retracted"  # how a conversation ends that turned out not to be owed


async def breach_happened(work: UnitOfWork, case: Case, state: ClockState) -> frozenset[str]:
    """React to a clock that ran out, in the transaction that locked the case.

    A missed first response or update brings the next pulse forward, at any severity. The brief goes
    to the owner only for SEV1 and SEV2 and for the clocks in ``PROMISES``; while one is open, the
    miss is added to it and nothing further is sent. Its extra carries ``talk`` (id), ``clock``,
    ``cycle``, ``due`` (ISO), ``until`` (when the
    call is due), ``own_limit`` and ``next_limit``. Answers the user ids of those who
    were told of the miss by it.
    """
    plan_playbooks(work, case)
    kind = state.clock.partition(":")[0]
    if kind in UPDATES:
        await surveys.hurry_pulse(work, case)
    if kind not in PROMISES or case.severity > GRAVE:
        return frozenset()
    due = state.breached_at or work.now
    call = await waiting_call(work, case)
    if call is not None:
        call.clocks = {**call.clocks, state.clock: due.isoformat()}
        work.session.add(call)
        return frozenset()
    clocks: dict[str, Any] = {state.clock: due.isoformat()}
    call = BreachTalk(case_number=case.number, clocks=clocks, caller=case.owner, opened_at=work.now)
    within = CALL_WITHIN[Severity(case.severity)]
    call.call_by, call.next_at = work.now + within, work.now + within * 3 / 4
    work.session.add(call)
    await work.session.flush()
    work.note(case, "breach_brief", after={"talk": call.id, "clock": state.clock})
    extra = {
        "talk": call.id,
        "clock": state.clock,
        "cycle": state.cycle,
        "due": due.isoformat(),
        "until": call.call_by.isoformat(),
        **await describe_authority(work, case),
    }
    await effects.queue_dm(
        work, case.owner, "notice:breach_brief", case, extra, priority=effects.BREACH
    )
    return frozenset({case.owner})


async def describe_authority(work: UnitOfWork, case: Case) -> dict[str, Any]:
    """What the owner may still offer alone, and what a director may, in whole euro.

    0 means nothing and None means no limit. ``own_limit`` is what a letter of the owner would be
    held to: what is left, not the limit itself.
    """
    allowed = await money.money_allowance(work.session, work.policy, case, case.owner, work.now)
    above = matrix.own_limit(work.policy.concessions, {Role.DIRECTOR})
    return {"own_limit": _whole(allowed.own), "next_limit": _whole(above)}


def _whole(limit: Decimal) -> int | None:
    """Whole euro; None where there is no limit."""
    return None if limit == UNLIMITED else int(limit)


async def waiting_call(work: UnitOfWork, case: Case) -> BreachTalk | None:
    """The case's conversation that is still to be had; None where none is owed."""
    query = select(BreachTalk).where(
        col(BreachTalk.case_number) == case.number, col(BreachTalk.talked_at).is_(None)
    )
    return (await work.session.exec(query)).first()


async def breach_retracted(work: UnitOfWork, case: Case, clock: str) -> None:
    """Take a clock out of the open brief, because the promise was kept after all.

    When no clock is left, the conversation ends as ``RETRACTED`` and can no longer be recorded. A
    retry, or a conversation that has taken place, finds nothing to change.
    """
    call = await waiting_call(work, case)
    if call is None or clock not in call.clocks:
        return
    call.clocks = {name: due for name, due in call.clocks.items() if name != clock}
    if not call.clocks:
        call.talked_at, call.way, call.next_at = work.now, RETRACTED, None
    work.session.add(call)


class RecordCall(OnCase):
    """The conversation after a broken promise: with whom, how it went, what was offered."""

    verb: ClassVar[str] = "breach_talk"
    talk: Hidden[int]
    way: Annotated[str, StringConstraints(pattern="^(call|meeting|message|not_reached)$")]
    outcome: Text
    offered: OptionalLine = ""
    next_update_at: Future[datetime | None] = None


async def record_breach_call(work: UnitOfWork, intent: RecordCall) -> Answer | None:
    """Record how the conversation went, and post it in the case's channel.

    ``not_reached`` keeps the conversation open, so that it can be recorded again. A customer who
    was reached and was told when we speak next has had their update. Raises UserError
    ``next_update_in_past``,
    ``no_such_talk`` for one of another case or one that was retracted, and ``talked_already`` when
    the customer was reached before. The post's extra carries ``by``, ``way``, ``outcome``,
    ``offered`` and ``promised`` (ISO 8601), each empty for nothing.
    """
    case = await authorize_case(work, intent.case, "breach_talk")
    call = await work.session.get(BreachTalk, intent.talk)
    if call is None or call.case_number != case.number or call.way == RETRACTED:
        raise UserError("no_such_talk")
    if call.talked_at is not None:
        raise UserError("talked_already")
    reached = intent.way != "not_reached"
    told = intent.next_update_at if reached else None
    promised = read_promise(work, told) if told else None
    call.talked_by, call.way = work.actor.user_id, intent.way
    call.outcome, call.offered = intent.outcome, intent.offered
    call.talked_at = work.now if reached else None
    if reached:
        call.next_at = None
    work.session.add(call)
    if reached and intent.offered:
        await _promise_offered(work, case, call)
    after = {"talk": call.id, "way": intent.way, "offered": mask_offers(intent.offered) or None}
    work.note(case, "breach_talk", after=after, why=mask_offers(intent.outcome))
    if promised is not None and case.status in OPEN:
        await _count_as_update(work, case, intent.way, promised)
    extra = {
        "by": work.actor.user_id, "way": intent.way, "outcome": intent.outcome,
        "offered": intent.offered, "promised": promised.isoformat() if promised else "",
    }  # fmt: skip
    await effects.queue_post(work, case, "notice:breach_talked", extra)
    await refresh_card(work, case)
    return None


async def _promise_offered(work: UnitOfWork, case: Case, call: BreachTalk) -> None:
    """Bind what was offered to what was approved; what nothing covers counts as it was written."""
    user = work.actor.user_id
    allowed = await money.money_allowance(work.session, work.policy, case, user, work.now)
    judged = allowed.judge_offers(find_offers(call.offered))
    if not judged.uncovered:
        await promise_offers(work, case, judged, work.now, talk=call.id)


async def _count_as_update(work: UnitOfWork, case: Case, way: str, promised: datetime) -> None:
    """Record that the customer heard from us, and when they do next.

    What was said stays with the conversation: the message, which the customer may read on their
    page, says only that we spoke and what was promised.
    """
    account = await account_of(work.session, case)
    zone = work.policy.zone_of(account_facts(account) if account else None)
    language = Language(case.language)
    said = format_letter_moment(promised, language, zone, work.now, zoned=True)
    managing = bool(await roles_of(work, case) & MANAGERS)
    await updates.record_message(
        work,
        case,
        kind=MessageKind.UPDATE,
        text=t(language, "customer.called", next_update=said),
        recipient=case.contact_name or case.customer,
        route=ROUTES[way],
        promised=promised,
        override=managing,
    )
    await begin_investigating(work, case)

"""Resolving a case: described, told to the customer, and everybody comfortable with it."""

from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints
from sqlmodel import col, select

from bot import effects
from bot.cases.reopen import back_to_work, forget_confirmations
from bot.core import notify
from bot.core.access import require_permission, role_holders
from bot.core.reactions import CaseResolved, ResolutionDelivered, react
from bot.core.steps import (
    authorize_case,
    case_answer,
    case_facts,
    end_hold,
    refresh_card,
    require_status,
    try_transition,
)
from bot.customers.clearance import clear_message
from bot.customers.updates import record_message
from bot.engine.actors import SYSTEM
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Line, OnCase, OptionalText, Text, Url
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules import lifecycle
from bot.rules.lifecycle import OPEN
from bot.rules.policy.model import MatrixEvent
from bot.rules.sla import ClockState
from bot.rules.states import MessageState
from bot.rules.words import ClockKind, MessageKind, Notice, ResolutionType, Role, Status
from bot.sla import clocks
from storage.models import Case, Confirmation, TimelineEvent

CUSTOMER = "customer"
CONFIRMING = (Role.ESCALATION_MANAGER, Role.TECHNICAL_LEAD)  # colleagues who must be comfortable
ENDED = (ClockKind.RESOLUTION, ClockKind.WORKAROUND, ClockKind.NEXT_UPDATE, ClockKind.CHECK_IN)


class Resolve(OnCase):
    """Describe the fix or workaround and record the notice sent to the customer."""

    verb: ClassVar[str] = "resolve"
    type: ResolutionType
    note: Text
    text: Text
    recipient: Line
    route: Line = "email"
    link: Url = ""
    draft: Hidden[int | None] = None  # the stored draft that the form was filled from

    @property
    def next_update_at(self) -> None:
        """A resolution promises no further message."""


class Confirm(OnCase):
    """Say whether a party is comfortable with the resolution's quality."""

    verb: ClassVar[str] = "confirm"
    party: Hidden[
        Annotated[str, StringConstraints(pattern="^(customer|escalation_manager|technical_lead)$")]
    ]
    comfortable: Hidden[bool]
    remark: OptionalText = ""


async def resolve_case(work: UnitOfWork, intent: Resolve) -> Answer | None:
    """Describe what ended the trouble; resolved once the colleagues concerned are comfortable."""
    case = await authorize_case(work, intent.case, "resolve")
    require_status(case, "resolve")
    before = case.status
    cleared = await clear_message(work, case, intent, MessageKind.RESOLUTION)
    if cleared.waits:
        return cleared.waits
    case.resolution_type, case.resolution_note = intent.type.value, intent.note
    if intent.type is ResolutionType.WORKAROUND and not case.workaround_note:
        case.workaround_note = intent.note
    await forget_confirmations(work, case)  # they were about an earlier resolution
    message = await record_message(
        work,
        case,
        kind=MessageKind.RESOLUTION,
        text=intent.text,
        recipient=intent.recipient,
        route=intent.route,
        link=intent.link,
        approved_by=cleared.approved_by,
    )
    on_its_way = message.state is MessageState.QUEUED
    for role in await _confirming_roles(work, case):
        await _store(work, case, role.value, comfortable=True)
    resolved = not on_its_way and await _complete(work, case)
    work.note(
        case,
        "resolve",
        before={"status": before},
        after={
            "status": case.status,
            "type": intent.type.value,
            "message": message.id,
            "approved_by": cleared.approved_by,
        },
        why=intent.note,
    )
    if not on_its_way:
        await effects.queue_post(work, case, "notice:update_sent", {"message": message.id})
    reply = None
    if resolved:
        await announce_resolution(work, case)
    elif not on_its_way or set(lifecycle.missing_confirmations(await case_facts(work, case))) - {
        CUSTOMER
    }:
        reply = await _ask_colleagues(work, case)
    await refresh_card(work, case)
    return reply


async def _confirming_roles(work: UnitOfWork, case: Case) -> list[Role]:
    """The actor's roles whose comfort the resolution needs."""
    people = {**await role_holders(work.session, case), Role.ESCALATION_MANAGER: case.owner}
    return [role for role in CONFIRMING if people.get(role) == work.actor.user_id]


async def _store(
    work: UnitOfWork, case: Case, party: str, *, comfortable: bool, remark: str = ""
) -> dict[str, Any]:
    """Keep a party's latest word; answers what is said of it."""
    said = Confirmation(
        case_number=case.number,
        party=party,
        comfortable=comfortable,
        by=work.actor.user_id,
        at=work.now,
        remark=remark,
    )
    await work.session.merge(said)
    await work.session.flush()
    return {
        "party": party,
        "comfortable": comfortable,
        "by": work.actor.user_id,
        "remark": remark,
    }


async def _ask_colleagues(work: UnitOfWork, case: Case) -> Answer:
    """Ask those whose word is missing, and tell the actor for whom the case waits."""
    missing = lifecycle.missing_confirmations(await case_facts(work, case))
    people = await role_holders(work.session, case)
    waiting = {party: people[Role(party)] for party in missing if party != CUSTOMER}
    for party, user in waiting.items():
        extra = {"party": party, "by": work.actor.user_id}
        await effects.queue_dm(work, user, "notice:confirmation_asked", case, extra)
    return case_answer(case, "notice:resolution_waits", waiting=waiting)


async def _complete(work: UnitOfWork, case: Case) -> bool:
    """Resolve the case if nothing stands against it; answers whether it did."""
    if not await try_transition(work, case, "resolve"):
        return False
    case.resolved_at = work.now
    await end_hold(work, case)
    for kind in ENDED:
        await clocks.stop_clock(work, case, kind)
    await clocks.begin_clock(work, case, ClockKind.CUSTOMER_CONFIRMATION)
    await clocks.begin_clock(work, case, ClockKind.POSTMORTEM_HELD)
    await react(work, CaseResolved(case))
    return True


async def complete_resolution(work: UnitOfWork, event: ResolutionDelivered) -> None:
    """Resolve the case if the delivery of that message was all it waited for, and announce it."""
    if event.case.status in OPEN and await _complete(work, event.case):
        await announce_resolution(work, event.case)


async def announce_resolution(work: UnitOfWork, case: Case) -> None:
    """Tell all stakeholders once, and make the agenda from which everybody learns.

    Whoever is involved is invited to the meeting, when there is one, by the same message.
    """
    await effects.queue_post(work, case, "notice:resolved", {"agenda": True})
    await effects.queue_document(work, case, "postmortem")
    meeting = await clocks.is_running(work, case, ClockKind.POSTMORTEM_HELD)
    invited = await people_involved(work, case) if meeting else set()
    people = await notify.find_audience(work, case, MatrixEvent.RESOLVED)
    notify.add_hearer(people, case.reporter, notify.Hears(Role.REPORTER, Notice.DM))
    people.pop(work.actor.user_id, None)
    for user, hears in people.items():
        extra = {"invited": user in invited}
        await notify.tell_audience(work, case, "resolved", {user: hears}, extra)
    for user in sorted(invited - set(people)):
        await effects.queue_dm(work, user, "notice:postmortem_invitation", case)


async def post_agenda(work: UnitOfWork, case: Case) -> None:
    """Post the agenda with the facts as they are, here and as a file."""
    await effects.queue_post(work, case, "notice:review")
    await effects.queue_document(work, case, "postmortem")


async def people_involved(work: UnitOfWork, case: Case) -> set[str]:
    """Everybody with a role and everybody on the timeline; always the one who escalated."""
    query = select(TimelineEvent.actor).where(col(TimelineEvent.case_number) == case.number)
    acted = set((await work.session.exec(query)).all())
    roles = (await role_holders(work.session, case)).values()
    return {case.reporter, case.owner, *roles, *acted} - {SYSTEM}


async def confirm_resolution(work: UnitOfWork, intent: Confirm) -> Answer | None:
    """Record whether a party is comfortable; the last yes moves the case on, a no holds it."""
    case = await authorize_case(work, intent.case, "confirm")
    require_status(case, "confirm")
    if case.resolution_type is None:
        raise UserError("nothing_to_confirm")
    await _may_speak_for(work, case, intent.party)
    before = case.status
    said = await _store(
        work, case, intent.party, comfortable=intent.comfortable, remark=intent.remark
    )
    await _move(work, case, intent)
    work.note(
        case,
        "confirm",
        before={"status": before},
        after={
            "party": intent.party,
            "comfortable": intent.comfortable,
            "status": case.status,
        },
        why=intent.remark,
    )
    if before in OPEN and case.status not in OPEN:
        await announce_resolution(work, case)  # which says that everybody is comfortable
    elif before in OPEN or case.status not in OPEN:  # else reopened, which says it
        await effects.queue_post(work, case, "notice:confirmation_given", said)
    await refresh_card(work, case)
    return None


async def _move(work: UnitOfWork, case: Case, intent: Confirm) -> None:
    unfixed = intent.party == CUSTOMER and not intent.comfortable
    if unfixed and case.status in lifecycle.RESOLVED:
        await require_permission(work, case, "reopen")
        await back_to_work(work, case, intent.remark)
        return
    if case.status in OPEN:
        await _complete(work, case)
    if case.status == Status.RESOLVED and await try_transition(work, case, "review"):
        await clocks.stop_clock(work, case, ClockKind.CUSTOMER_CONFIRMATION)


async def _may_speak_for(work: UnitOfWork, case: Case, party: str) -> None:
    """A colleague's comfort is their own to state; the customer's is recorded by anyone."""
    if party == CUSTOMER:
        return
    if Role(party) not in await _confirming_roles(work, case):
        raise UserError("not_your_confirmation", party=party)


async def give_up_waiting(work: UnitOfWork, case: Case) -> bool:
    """The customer stayed silent for as long as the policy waits: on to the review."""
    before = case.status
    if not await try_transition(work, case, "give_up_waiting"):
        return False
    await clocks.cancel_clocks(work, case, ClockKind.CUSTOMER_CONFIRMATION)
    work.note(case, "give_up_waiting", before={"status": before}, after={"status": case.status})
    await refresh_card(work, case)
    return True


async def end_wait(work: UnitOfWork, case: Case, state: ClockState) -> bool:
    """Give up waiting when it was the customer's confirmation that did not come in time.

    Answers True where the case moved on.
    """
    silent = state.clock == ClockKind.CUSTOMER_CONFIRMATION
    return silent and await give_up_waiting(work, case)

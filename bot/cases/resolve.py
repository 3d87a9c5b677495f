"""Resolving a case: described, told to the customer, and everyone comfortable with it.

Three things may come in any order, and the last of them resolves the case: the customer has the
message (``complete_resolution`` when delivery reports it), and the escalation manager and the
technical lead, where the case has them, are comfortable (``confirm_resolution``). The customer's
own word then moves it to the review, or the policy's silence does (``end_wait``). The postmortem
itself is in ``close``.

A confirmation is one row a party; a new resolution forgets those of the one before.
"""

from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from bot import effects
from bot.cases import action_items
from bot.cases.reopen import back_to_work, forget_confirmations
from bot.core import notify
from bot.core.access import require_permission, role_holders
from bot.core.involved import list_involved
from bot.core.reactions import CaseResolved, CaseReviewed, ResolutionDelivered, react
from bot.core.steps import (
    authorize_case,
    case_answer,
    case_facts,
    end_hold,
    refresh_card,
    require_status,
    severity_of,
    try_transition,
)
from bot.customers.clearance import clear_message
from bot.customers.updates import record_message, tell_of_faults
from bot.engine.inbox import Answer
from bot.engine.intent import (
    LINE_MAX,
    Future,
    Hidden,
    Line,
    LocalDate,
    OnCase,
    OptionalText,
    SlackUser,
    Text,
    Url,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules import lifecycle
from bot.rules.lifecycle import OPEN
from bot.rules.policy.model import MatrixEvent
from bot.rules.sla import ClockState
from bot.rules.states import MessageState
from bot.rules.words import (
    ActionType,
    ClockKind,
    MessageKind,
    Notice,
    ResolutionType,
    Role,
    Status,
)
from bot.sla import clock_history, clocks
from messages.kit.texts import t
from storage.in_hand import rows_about
from storage.models import ActionItem, Case, Confirmation

CUSTOMER = "customer"
CONFIRMING = (Role.ESCALATION_MANAGER, Role.TECHNICAL_LEAD)  # colleagues who must be comfortable
ENDED = (ClockKind.RESOLUTION, ClockKind.WORKAROUND, ClockKind.NEXT_UPDATE, ClockKind.CHECK_IN)


class Resolve(OnCase):
    """Describe the fix or workaround, and send the customer's notice or record that it was sent.

    ``note`` says what ended the trouble, ``text`` is the customer's message, word for word. By a
    route with a courier the app sends it. After a workaround the fix goes on as an action item:
    ``fix_owner`` and ``fix_due`` are by default the technical lead, else the owner, and the
    policy's target for action items. ``already_sent`` as in ``Update``.
    """

    verb: ClassVar[str] = "resolve"
    type: ResolutionType
    note: Text
    text: Text
    recipient: Line
    route: Line = "email"
    link: Url = ""
    already_sent: bool = False
    fix_owner: SlackUser | None = None
    fix_due: Future[LocalDate | None] = None
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
    """Describe what ended the trouble; resolved once the colleagues concerned are comfortable.

    The actor's own comfort is taken as given. Where a second person has to approve the message,
    nothing of the resolution is stored: the answer says who was asked, and the draft has the form's
    fields. A message that the app sends resolves nothing before it is delivered.

    Timeline ``resolve``: ``status``, ``type``, ``message`` (id), ``approved_by`` (user id or None);
    the note is the why. Raises UserError ``wrong_status``, and as ``clear_message`` and
    ``record_message``.
    """
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
        work, case, kind=MessageKind.RESOLUTION, text=intent.text, recipient=intent.recipient,
        route=intent.route, link=intent.link, approved_by=cleared.approved_by,
        faults=cleared.faults,
    )  # fmt: skip
    await tell_of_faults(work, case, message)
    on_its_way = message.state is MessageState.QUEUED
    for role in await _confirming_roles(work, case):
        await _store(work, case, role.value, comfortable=True)
    resolved = not on_its_way and await _complete(work, case)
    work.note(
        case,
        "resolve",
        before={"status": before},
        after={
            "status": case.status, "type": intent.type.value, "message": message.id,
            "approved_by": cleared.approved_by,
        },
        why=intent.note,
    )  # fmt: skip
    if not on_its_way:
        await effects.queue_post(work, case, "notice:update_sent", {"message": message.id})
    reply = None
    if intent.type is ResolutionType.WORKAROUND:
        await _keep_fix(work, case, intent)
    if resolved:
        await announce_resolution(work, case)
    elif not on_its_way or set(lifecycle.missing_confirmations(await case_facts(work, case))) - {
        CUSTOMER
    }:
        reply = await _ask_colleagues(work, case)
    await refresh_card(work, case)
    return reply


async def _keep_fix(work: UnitOfWork, case: Case, intent: Resolve) -> None:
    """Give the fix that a workaround leaves to do an owner and a day, as an action item.

    None is added where an earlier one of this kind is still open: a second resolution is the same
    trouble. Raises UserError ``due_in_past``.
    """
    title = fix_title(work, case)
    items = await rows_about(work.session, ActionItem, case.number)
    if any(item.title == title and item.done_at is None for item in items):
        return
    due = intent.fix_due or action_items.action_due(work.policy, severity_of(case), work.now)
    action_items.require_future(work, due)
    lead = (await role_holders(work.session, case)).get(Role.TECHNICAL_LEAD, case.owner)
    owner = intent.fix_owner or lead
    await action_items.give_action(work, case, title, ActionType.PRODUCT, owner, due)


def fix_title(work: UnitOfWork, case: Case) -> str:
    """What the action item of a fix is called, in the team's language."""
    return t(work.policy.languages[0], "task.fix", note=case.workaround_note)[:LINE_MAX]


async def _confirming_roles(work: UnitOfWork, case: Case) -> list[Role]:
    """Of the roles that must be comfortable with the resolution, those that the actor has."""
    people = {**await role_holders(work.session, case), Role.ESCALATION_MANAGER: case.owner}
    return [role for role in CONFIRMING if people.get(role) == work.actor.user_id]


async def _store(
    work: UnitOfWork, case: Case, party: str, *, comfortable: bool, remark: str = ""
) -> dict[str, Any]:
    """Keep a party's latest word in place of any before; answers what is said of it.

    As JSON: ``party``, ``comfortable``, ``by``, ``remark``.
    """
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
    """Ask those who have not spoken, and tell the actor for whom the case waits.

    The answer's ``waiting`` maps a party to the user id of who speaks for it.
    """
    missing = lifecycle.missing_confirmations(await case_facts(work, case))
    people = await role_holders(work.session, case)
    waiting = {party: people[Role(party)] for party in missing if party != CUSTOMER}
    for party, user in waiting.items():
        extra = {"party": party, "by": work.actor.user_id}
        await effects.queue_dm(work, user, "notice:confirmation_asked", case, extra)
    return case_answer(case, "notice:resolution_waits", waiting=waiting)


async def _complete(work: UnitOfWork, case: Case) -> bool:
    """Resolve the case if nothing stands against it; answers whether it did.

    Ends a hold and fulfils the clocks of ``ENDED`` as of now; those of the customer's confirmation
    and of the postmortem begin, where the policy has them. Announcing it is left to the caller.
    """
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
    """Resolve the case if the delivery of that message was all it waited for, and announce it.

    Reacts to ResolutionDelivered, in the transaction that ends the message's row. A case that is
    resolved or ended by then is left as it is.
    """
    if event.case.status in OPEN and await _complete(work, event.case):
        await announce_resolution(work, event.case)


async def announce_resolution(work: UnitOfWork, case: Case) -> None:
    """Tell all stakeholders once, and upload the agenda from which all learn.

    One DM to a person: ``extra`` has ``invited``, true for those involved when there is a meeting.
    Those involved who are no stakeholders by the policy's matrix get the invitation alone.
    """
    await effects.queue_post(work, case, "notice:resolved", {"agenda": True})
    await effects.queue_document(work, case, "postmortem")
    meeting = await clock_history.is_running(work, case, ClockKind.POSTMORTEM_HELD)
    invited = set(await list_involved(work.session, case)) if meeting else set()
    people = await notify.find_audience(work, case, MatrixEvent.RESOLVED)
    notify.add_hearer(people, case.reporter, notify.Hears(Role.REPORTER, Notice.DM))
    people.pop(work.actor.user_id, None)
    for user, hears in people.items():
        extra = {"invited": user in invited}
        await notify.tell_audience(work, case, "resolved", {user: hears}, extra)
    for user in sorted(invited - set(people)):
        await effects.queue_dm(work, user, "notice:postmortem_invitation", case)


async def post_agenda(work: UnitOfWork, case: Case) -> None:
    """Post the agenda in the channel and upload it as a file, with the facts as they are then."""
    await effects.queue_post(work, case, "notice:review")
    await effects.queue_document(work, case, "postmortem")


async def confirm_resolution(work: UnitOfWork, intent: Confirm) -> Answer | None:
    """Record whether a party is comfortable; the last yes moves the case on, a no holds it.

    The customer's no in a resolved case reopens it, which wants that permission too. Timeline
    ``confirm``: ``party``, ``comfortable``, ``status``; the remark is the why. Raises UserError
    ``wrong_status``, ``nothing_to_confirm``, ``what_is_missing``, ``not_your_confirmation``, and as
    ``reopen_case``.
    """
    case = await authorize_case(work, intent.case, "confirm")
    require_status(case, "confirm")
    if case.resolution_type is None:
        raise UserError("nothing_to_confirm")
    if not (intent.comfortable or intent.remark):
        raise UserError("what_is_missing")
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
        if not intent.comfortable:
            await _call_for_correction(work, case, said)
    await refresh_card(work, case)
    return None


async def _call_for_correction(work: UnitOfWork, case: Case, said: dict[str, Any]) -> None:
    """Tell the owner that the customer was told of a resolution which a colleague does not confirm.

    Nothing where the customer has not been told yet, or the owner says so themselves.
    """
    told = any(m.kind is MessageKind.RESOLUTION for m in (await case_facts(work, case)).sent)
    if told and said["party"] != CUSTOMER and case.owner != work.actor.user_id:
        await effects.queue_dm(
            work, case.owner, "notice:resolution_doubted", case, said, priority=effects.BREACH
        )


async def _move(work: UnitOfWork, case: Case, intent: Confirm) -> None:
    """Take the case as far as this word lets it: resolved, in review, or back to work."""
    unfixed = intent.party == CUSTOMER and not intent.comfortable
    if unfixed and case.status in lifecycle.RESOLVED:
        await require_permission(work, case, "reopen")
        await back_to_work(work, case, intent.remark)
        return
    if case.status in OPEN:
        await _complete(work, case)
    if case.status == Status.RESOLVED and await try_transition(work, case, "review"):
        await clocks.stop_clock(work, case, ClockKind.CUSTOMER_CONFIRMATION)
        await react(work, CaseReviewed(case))


async def _may_speak_for(work: UnitOfWork, case: Case, party: str) -> None:
    """Refuse a colleague's comfort to all but that colleague; the team records the customer's.

    Raises UserError ``not_your_confirmation``.
    """
    if party == CUSTOMER:
        return
    if Role(party) not in await _confirming_roles(work, case):
        raise UserError("not_your_confirmation", party=party)


async def give_up_waiting(work: UnitOfWork, case: Case) -> bool:
    """Move a resolved case to the review without the customer's confirmation.

    Their silence is no confirmation: closing codes that claim one stay refused. False where a party
    is uncomfortable or the case is not resolved.
    """
    before = case.status
    if not await try_transition(work, case, "give_up_waiting"):
        return False
    await clocks.cancel_clocks(work, case, ClockKind.CUSTOMER_CONFIRMATION)
    await react(work, CaseReviewed(case))
    work.note(case, "give_up_waiting", before={"status": before}, after={"status": case.status})
    await refresh_card(work, case)
    return True


async def end_wait(work: UnitOfWork, case: Case, state: ClockState) -> bool:
    """Give up waiting when it was the customer's confirmation that did not come in time.

    Called by the sweep with the case locked. Answers True where the case moved on, so that its
    clocks are computed anew.
    """
    silent = state.clock == ClockKind.CUSTOMER_CONFIRMATION
    return silent and await give_up_waiting(work, case)

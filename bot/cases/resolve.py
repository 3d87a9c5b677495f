"""Resolving a case: described, told to the customer, and everyone comfortable with it.

A technical lead other than the writer is asked first: until they confirm, the customer's letter is
kept (``bot/cases/resolution/letter.py``). The last of three things resolves the case: the customer
has the message (``complete_resolution`` when delivery reports it), and the escalation manager and
the technical lead, where the case has them, are comfortable (``confirm_resolution``). The
customer's own word then moves it to the review, or the customer's silence does (``silence``). The
postmortem itself is in ``close``.

A confirmation is one row a party; another resolution forgets those of the one before.
"""

from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from bot import effects
from bot.cases import action_items
from bot.cases.reopen import back_to_work, forget_confirmations
from bot.cases.resolution import letter
from bot.cases.resolution.announcement import announce_resolution
from bot.core.access import require_permission, role_holders
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
from bot.rules.states import MessageState
from bot.rules.words import (
    ActionType,
    ClockKind,
    MessageKind,
    ResolutionType,
    Role,
    Status,
)
from bot.sla import clocks
from messages.kit.texts import t
from storage.in_hand import rows_about
from storage.models import ActionItem, Case, Confirmation

CUSTOMER = "customer"
CONFIRMING = (Role.ESCALATION_MANAGER, Role.TECHNICAL_LEAD)  # colleagues who must be comfortable
ENDED = (ClockKind.RESOLUTION, ClockKind.WORKAROUND, ClockKind.NEXT_UPDATE, ClockKind.CHECK_IN)


class Resolve(OnCase):
    """Describe the fix or workaround, and send the customer's notice or record that it was sent.

    ``note`` says what ended the trouble, ``text`` is the customer's message, word for word. By a
    route with a courier the app sends it, once the technical lead has confirmed. After a workaround
    the fix goes on as an action item: ``fix_owner`` and ``fix_due`` are by default the technical
    lead, else the owner, and the policy's target for action items. ``already_sent`` as in
    ``Update``.
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

    The actor's own comfort is taken as given. Where a technical lead is asked first, the letter
    waits. Where a second person has to approve the message, nothing of the resolution is stored:
    the answer says who was asked, and the draft has the form's fields. A message that the app sends
    resolves nothing before it is delivered.

    Timeline ``resolve``: ``status``, ``type``, ``message`` (id; None while the letter waits),
    ``approved_by`` (user id or None); the note is the why. Raises UserError ``wrong_status``, and
    as ``clear_message``, ``keep_letter`` and ``record_message``.
    """
    case = await authorize_case(work, intent.case, "resolve")
    require_status(case, "resolve")
    if await _must_wait(work, case, intent):
        return await _wait_for_lead(work, case, intent)
    before = case.status
    cleared = await clear_message(work, case, intent, MessageKind.RESOLUTION)
    if cleared.waits:
        return cleared.waits
    letter.drop_letter(case)
    await _describe(work, case, intent)
    message = await record_message(
        work, case, kind=MessageKind.RESOLUTION, text=intent.text, recipient=intent.recipient,
        route=intent.route, link=intent.link, approved_by=cleared.approved_by,
        faults=cleared.faults, money=cleared.money,
    )  # fmt: skip
    await tell_of_faults(work, case, message)
    on_its_way = message.state is MessageState.QUEUED
    resolved = not on_its_way and await _complete(work, case)
    _note_resolution(work, case, intent, before, message.id, cleared.approved_by)
    if not on_its_way:
        await effects.queue_post(work, case, "notice:update_sent", {"message": message.id})
    reply: Answer | None = None
    if resolved:
        await announce_resolution(work, case)
    elif not on_its_way or set(lifecycle.missing_confirmations(await case_facts(work, case))) - {
        CUSTOMER
    }:
        reply = await _ask_colleagues(work, case)
    await refresh_card(work, case)
    return reply


def _is_same(case: Case, intent: Resolve) -> bool:
    """True for the resolution that the case has already, be it with another letter."""
    described = (case.resolution_type, case.resolution_note)
    return described == (intent.type.value, intent.note)


async def _must_wait(work: UnitOfWork, case: Case, intent: Resolve) -> bool:
    """True where the technical lead is asked before the customer is told."""
    if intent.already_sent or letter.is_free(case):
        return False
    known = await case_facts(work, case)
    if not _is_same(case, intent):
        known = replace(known, confirmations=())
    return bool(lifecycle.unheard_lead(known, work.actor.user_id))


async def _wait_for_lead(work: UnitOfWork, case: Case, intent: Resolve) -> Answer:
    """Keep the letter, and ask the technical lead and who else has to confirm."""
    await letter.keep_letter(work, case, intent)
    await _describe(work, case, intent)
    _note_resolution(work, case, intent, case.status)
    reply = await _ask_colleagues(work, case, intent.text)
    await refresh_card(work, case)
    return reply


async def _describe(work: UnitOfWork, case: Case, intent: Resolve) -> None:
    """Store the resolution with what was said of it, and the actor's own comfort.

    Of the same resolution a yes still counts; those who said no are asked again.
    """
    kept = [row for row in await rows_about(work.session, Confirmation, case.number)
            if row.comfortable and _is_same(case, intent)]  # fmt: skip
    case.resolution_type, case.resolution_note = intent.type.value, intent.note
    if intent.type is ResolutionType.WORKAROUND and not case.workaround_note:
        case.workaround_note = intent.note
    await forget_confirmations(work, case, but=[row.party for row in kept])
    for role in await _confirming_roles(work, case):
        await _store(work, case, role.value, comfortable=True)
    if intent.type is ResolutionType.WORKAROUND:
        await _keep_fix(work, case, intent)


def _note_resolution(
    work: UnitOfWork,
    case: Case,
    intent: Resolve,
    before: str,
    message: int | None = None,
    approved_by: str | None = None,
) -> None:
    """Note the resolution; without a ``message`` its letter waits for the technical lead."""
    said = {"type": intent.type.value, "message": message, "approved_by": approved_by}
    after = {"status": case.status, **said}
    work.note(case, "resolve", before={"status": before}, after=after, why=intent.note)


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


async def _ask_colleagues(work: UnitOfWork, case: Case, text: str = "") -> Answer:
    """Ask those who have not spoken, and tell the actor for whom the case waits.

    ``text`` is the letter that the customer gets once the technical lead says yes, empty where they
    have it. The answer's ``waiting`` maps a party to the user id of who speaks for it.
    """
    missing = lifecycle.missing_confirmations(await case_facts(work, case))
    people = await role_holders(work.session, case)
    waiting = {party: people[Role(party)] for party in missing if party != CUSTOMER}
    for party, user in waiting.items():
        extra = {"party": party, "by": work.actor.user_id, "text": text}
        await effects.queue_dm(work, user, "notice:confirmation_asked", case, extra)
    return case_answer(case, "notice:resolution_waits", waiting=waiting, untold=bool(text))


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
    before, reply = case.status, None
    said = await _store(
        work, case, intent.party, comfortable=intent.comfortable, remark=intent.remark
    )
    if case.letter and intent.party != CUSTOMER:
        await letter.hear_colleague(work, case, comfortable=intent.comfortable)
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
        if not intent.comfortable and intent.party != CUSTOMER:
            reply = await _call_for_correction(work, case, said)
    await refresh_card(work, case)
    return reply


async def _call_for_correction(work: UnitOfWork, case: Case, said: dict[str, Any]) -> Answer | None:
    """Tell the owner and the letter's writer that a colleague does not confirm the resolution.

    ``told`` says whether the customer knows of it already. The answer is for an actor who is one of
    the two.
    """
    extra = {**said, "told": await letter.was_told(work, case)}
    people = {case.owner, case.letter["by"] if case.letter else case.owner}
    for user in sorted(people - {work.actor.user_id}):
        await effects.queue_dm(
            work, user, "notice:resolution_doubted", case, extra, priority=effects.BREACH
        )
    mine = work.actor.user_id in people
    return case_answer(case, "notice:resolution_doubted", **extra) if mine else None


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

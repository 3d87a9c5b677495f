"""Action items are changed, and pass from one person to another who agrees to that."""

from typing import Any, ClassVar

from bot import effects
from bot.cases.action_items import (
    PROMISED,
    authorize_action,
    link_action,
    pass_action,
    plan_reminder,
    require_future,
)
from bot.core.involved import refuse_unasked
from bot.core.reactions import ActionChanged, react
from bot.core.steps import refresh_card
from bot.customers.channels import read_bug_key, tracker_of
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Hidden,
    Line,
    LocalDate,
    OnCase,
    OptionalLine,
    OptionalText,
    SlackUser,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.membership import USER_ID
from bot.rules.prose.vague_actions import is_vague
from bot.rules.words import ActionType
from storage.models import ActionItem, Case


class EditAction(OnCase):
    """What an action item says, what kind it is, by which day it is due, and its issue.

    All four as they shall be, changed or not; the form opens with what they are. ``due`` may be
    past only where it stays. ``bug`` is a key or an address; empty: it is linked to none.
    """

    verb: ClassVar[str] = "edit_action"
    action: Hidden[int]
    title: Line
    type: ActionType
    due: LocalDate
    bug: OptionalLine = ""


class ReassignAction(OnCase):
    """Offer an action item to another person; to its owner: take such an offer back.

    ``note`` is what the other needs to know; they read it with the offer.
    """

    verb: ClassVar[str] = "reassign_action"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    action: Hidden[int]
    user: SlackUser
    note: OptionalText = ""


class AnswerActionOffer(OnCase):
    """Take an action item that one was offered, or decline it with a reason.

    ``reason`` may be empty only where ``accept`` is true, which button and form carry unseen.
    """

    verb: ClassVar[str] = "answer_action_offer"
    action: Hidden[int]
    accept: Hidden[bool]
    reason: OptionalText = ""


async def edit_action(work: UnitOfWork, intent: EditAction) -> Answer | None:
    """Change an open item; its owner and who added it are told, but for the one who changed it.

    Of another issue no message tells: the item shows it. Reminders are planned anew. Nothing
    happens where nothing differs. Timeline ``edit_action``, before and after: ``title``, ``type``,
    ``due``; the issue as ``link_action``. Raises UserError ``due_in_past``, ``vague_action``, as
    ``read_bug_key``, ``_require_open`` and ``authorize_action``.
    """
    case, action = await authorize_action(work, intent.case, intent.action, "edit_action")
    _require_open(action)
    if intent.due != action.due:
        require_future(work, intent.due)
    if is_vague(intent.title):
        raise UserError("vague_action", title=intent.title)
    key = read_bug_key(tracker_of(work), intent.bug)
    linked = action.bug
    await link_action(work, case, action, intent.bug, key)
    before = _described(action)
    action.title, action.due = intent.title, intent.due
    if not {action.type, intent.type} & PROMISED:  # what was promised stays so, and nothing else is
        action.type = intent.type.value
    after = _described(action)
    if before != after:
        await _tell_changed(work, case, action, before, after)
    if before != after or action.bug != linked:
        await refresh_card(work, case)
    return None


async def _tell_changed(
    work: UnitOfWork, case: Case, action: ActionItem, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Plan its reminders, note the change, and tell its owner and who added it.

    ``before`` and ``after`` are as ``_described`` returns them.
    """
    action.next_reminder_at = plan_reminder(work, action.type, action.due)
    work.session.add(action)
    work.note(case, "edit_action", before=before, after={**after, "action": action.id})
    await react(work, ActionChanged(case, action))
    said = {"action": action.id, "by": work.actor.user_id, "was_due": before["due"]}
    people = {action.owner, *([] if case.sensitive else [action.created_by])}
    for user in sorted(people - {work.actor.user_id}):
        if USER_ID.fullmatch(user):
            await effects.queue_dm(work, user, "notice:action_changed", case, said)


def _described(action: ActionItem) -> dict[str, Any]:
    """What can be changed of an item, as JSON.

    ``due`` is ISO 8601 (``2026-03-31``), ``type`` the value of an ``ActionType``.
    """
    return {"title": action.title, "type": action.type, "due": action.due.isoformat()}


def _require_open(action: ActionItem) -> None:
    """Raise UserError ``action_done_already``, or ``action_waits_already`` for one to look at."""
    if action.done_at is not None:
        raise UserError("action_done_already")
    if action.reported_at is not None:
        raise UserError("action_waits_already", user=action.reported_by)


async def reassign_action(work: UnitOfWork, intent: ReassignAction) -> Answer | None:
    """Offer an open item to another person; until they accept its owner has it, and both know.

    Who wants it themselves has it at once. Offering it again ends the offer before, as offering it
    to its owner does; who had that offer is told. Timeline ``reassign_action``: ``action``,
    ``title``, ``user``; the note is the why. Raises UserError ``action_is_theirs``, as
    ``_require_open`` and ``authorize_action``.
    """
    case, action = await authorize_action(work, intent.case, intent.action, "reassign_action")
    _require_open(action)
    to, actor, before = intent.user, work.actor.user_id, action.offered_to
    if to == (before or action.owner):
        raise UserError("action_is_theirs", user=to)
    if to == actor and actor != action.owner:
        await _take_over(work, case, action, actor)
    else:
        action.offered_to, action.offered_by = ("", "") if to == action.owner else (to, actor)
        work.session.add(action)
        after = {"action": action.id, "title": action.title, "user": to}
        work.note(case, "reassign_action", after=after, why=intent.note)
        await _tell_offered(work, case, action, intent.note)
    if before and before != actor:
        said = {"action": action.id, "by": actor}
        await effects.queue_dm(work, before, "notice:action_offer_over", case, said)
    await refresh_card(work, case)
    return None


async def _tell_offered(work: UnitOfWork, case: Case, action: ActionItem, note: str) -> None:
    """Ask who is offered the item, and tell its owner who is asked; not the actor."""
    said = {
        "action": action.id, "by": action.offered_by, "user": action.offered_to, "note": note,
    }  # fmt: skip
    for user in (action.offered_to, action.owner if action.offered_to else ""):
        if user and user != work.actor.user_id:
            name = "action_offered" if user == action.offered_to else "action_passing"
            await effects.queue_dm(work, user, f"notice:{name}", case, said)


async def answer_action_offer(work: UnitOfWork, intent: AnswerActionOffer) -> Answer | None:
    """Take over an item that one was offered, or decline, which its owner and who offered it hear.

    Timeline ``answer_action_offer``: ``action``, ``title``, ``accept``; the reason is the why.
    Raises UserError ``no_such_case``, ``no_such_action``, ``action_not_offered``,
    ``refusal_needs_reason``.
    """
    case, actor = await work.case(intent.case), work.actor.user_id
    action = await work.session.get(ActionItem, intent.action)
    if action is None or action.case_number != case.number:
        raise await refuse_unasked(work, case, "no_such_action")
    if action.offered_to != actor or action.done_at is not None:
        raise await refuse_unasked(work, case, "action_not_offered")
    if not intent.accept and not intent.reason:
        raise UserError("refusal_needs_reason")
    people = {action.owner, action.offered_by} - {actor}
    if intent.accept:
        await _take_over(work, case, action, actor, tell=people)
    else:
        action.offered_to = action.offered_by = ""
        work.session.add(action)
        after = {"action": action.id, "title": action.title, "accept": False}
        work.note(case, "answer_action_offer", after=after, why=intent.reason)
        said = {"action": action.id, "user": actor, "reason": intent.reason}
        for user in sorted(people):
            await effects.queue_dm(work, user, "notice:action_declined", case, said)
    await refresh_card(work, case)
    return None


async def _take_over(
    work: UnitOfWork, case: Case, action: ActionItem, actor: str, *, tell: set[str] | None = None
) -> None:
    """Make the actor its owner, who knows; ``tell`` hear so, by default who had it."""
    people = {action.owner} if tell is None else tell
    await pass_action(work, case, action, actor)
    for user in sorted(people):
        said = {"action": action.id, "user": actor}
        await effects.queue_dm(work, user, "notice:action_taken", case, said)


ACTION_CHANGE_VERBS = (
    (EditAction, edit_action),
    (ReassignAction, reassign_action),
    (AnswerActionOffer, answer_action_offer),
)

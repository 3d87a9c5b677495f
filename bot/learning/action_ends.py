"""How action items end: looked at by another than their owner, or dropped with a reason.

Both can be taken back. What waits to be looked at is set in ``bot/cases/action_items.py``.
"""

from typing import Any, ClassVar

from bot import effects
from bot.cases.action_items import PROMISED, authorize_action, plan_reminder
from bot.core.access import require_permission
from bot.core.reactions import ActionChanged, react
from bot.core.steps import refresh_card
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase, OptionalText, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.membership import USER_ID
from storage.models import ActionItem, Case


class VerifyAction(OnCase):
    """What a look at an action item found: it is done, or not yet, with what is missing.

    ``action`` is its id, which button and form carry unseen, as they do ``accept``: whether it is
    done. ``remark`` may be empty only where it is.
    """

    verb: ClassVar[str] = "verify_action"
    action: Hidden[int]
    accept: Hidden[bool]
    remark: OptionalText = ""


class DropAction(OnCase):
    """An action item is not done any more, for a reason that all of the case read.

    ``action`` is its id, which the button carries unseen.
    """

    verb: ClassVar[str] = "drop_action"
    action: Hidden[int]
    reason: Text


class ReopenAction(OnCase):
    """An action item that was dropped, or is said to be done, goes on.

    ``action`` is its id. The button stands where its end is told, so a mistake is one press away.
    """

    verb: ClassVar[str] = "reopen_action"
    action: Hidden[int]


async def verify_action(work: UnitOfWork, intent: VerifyAction) -> Answer | None:
    """Close an item that is said to be done, or give it back to its owner, who hears of either.

    Neither who has it nor who said that it is done looks at it. Timeline ``verify_action``:
    ``action``, ``title``, ``accept``; the remark is the why. Raises UserError ``action_not_done``,
    ``action_done_already``, ``verify_your_own``, ``say_what_is_missing`` and as
    ``authorize_action``.
    """
    case, action = await authorize_action(work, intent.case, intent.action, "verify_action")
    if action.done_at is not None:
        raise UserError("action_done_already")
    if action.reported_at is None:
        raise UserError("action_not_done", user=action.owner)
    if work.actor.user_id in (action.owner, action.reported_by):
        raise UserError("verify_your_own")
    if not intent.accept and not intent.remark:
        raise UserError("say_what_is_missing")
    if intent.accept:
        action.done_at, action.next_reminder_at = work.now, None
        action.verifier = work.actor.user_id
    else:
        _go_on(work, action)
    after = {"action": action.id, "title": action.title, "accept": intent.accept}
    work.note(case, "verify_action", after=after, why=intent.remark)
    await react(work, ActionChanged(case, action))
    name = "action_verified" if intent.accept else "action_returned"
    said = {"action": action.id, "by": work.actor.user_id, "remark": intent.remark}
    await effects.queue_dm(work, action.owner, f"notice:{name}", case, said)
    await refresh_card(work, case)
    return None


def _go_on(work: UnitOfWork, action: ActionItem) -> None:
    """Make an item one that is to be done again, with its reminders; its day stays.

    What was said of its end is over: who said it, who looked, why it was dropped.
    """
    action.done_at = action.reported_at = None
    action.reported_by = action.verifier = action.dropped_why = ""
    action.next_reminder_at = plan_reminder(work, action.type, action.due)
    work.session.add(action)


async def drop_action(work: UnitOfWork, intent: DropAction) -> Answer | None:
    """End an item that is not done; the channel reads why, and its owner and who added it.

    Its owner may, but for what the customer was promised, and those with a role that does. Timeline
    ``drop_action``: ``action``, ``title``; the reason is the why. Raises UserError
    ``action_done_already`` and as ``authorize_action``.
    """
    case, action = await authorize_action(work, intent.case, intent.action, "drop_action")
    if action.type in PROMISED:
        await require_permission(work, case, "drop_action")
    if action.done_at is not None:
        raise UserError("action_done_already")
    action.done_at, action.dropped_why, action.next_reminder_at = work.now, intent.reason, None
    action.offered_to = action.offered_by = ""
    work.session.add(action)
    work.note(case, "drop_action", after=_named(action), why=intent.reason)
    await react(work, ActionChanged(case, action))
    said = {"action": action.id, "by": work.actor.user_id, "reason": intent.reason}
    await effects.queue_post(work, case, "notice:action_dropped", said)
    await _tell_both(work, case, action, "action_dropped", said)
    await refresh_card(work, case)
    return None


async def reopen_action(work: UnitOfWork, intent: ReopenAction) -> Answer | None:
    """Take back that an item was dropped, looked at, or said to be done: it is to be done again.

    Its evidence stays until it is said to be done again. Timeline ``reopen_action``: ``action``,
    ``title``. Raises UserError ``action_is_open`` and as ``authorize_action``.
    """
    case, action = await authorize_action(work, intent.case, intent.action, "reopen_action")
    if action.done_at is None and action.reported_at is None:
        raise UserError("action_is_open")
    _go_on(work, action)
    work.note(case, "reopen_action", after=_named(action))
    await react(work, ActionChanged(case, action))
    said = {"action": action.id, "by": work.actor.user_id}
    await effects.queue_post(work, case, "notice:action_reopened", said)
    if action.owner != work.actor.user_id:
        await effects.queue_dm(work, action.owner, "notice:action_reopened", case, said)
    await refresh_card(work, case)
    return None


def _named(action: ActionItem) -> dict[str, Any]:
    """The item as the timeline names it: its id and its title as it is now, as JSON."""
    return {"action": action.id, "title": action.title}


async def _tell_both(
    work: UnitOfWork, case: Case, action: ActionItem, name: str, said: dict[str, Any]
) -> None:
    """Tell its owner and who added it, but the actor, by DM; in a restricted case the owner."""
    people = {action.owner, *([] if case.sensitive else [action.created_by])}
    for user in sorted(people - {work.actor.user_id}):
        if USER_ID.fullmatch(user):
            await effects.queue_dm(work, user, f"notice:{name}", case, said)


ACTION_END_VERBS = (
    (VerifyAction, verify_action),
    (DropAction, drop_action),
    (ReopenAction, reopen_action),
)

"""Action items: what we will do differently, with one owner and one due date.

The due date is a day in the policy's time zone. Reminders go to the owner at 9:00 there, 7, 1 and 0
days before that day, then weekly until it is done (``bot/rules/daily_times.py``). Who says that it
is done shows by what; another than its owner looks at that (``bot/learning/action_ends.py``)
before it counts as done. An item may outlive its case: it can be done in any status.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import ClassVar

from bot import effects
from bot.core.access import (
    check_permission,
    exists_for,
    named_for,
    on_case,
    require_permission,
    role_holders,
)
from bot.core.lead_lists import manager_of, plan_overdue
from bot.core.reactions import ActionChanged, react
from bot.core.steps import authorize_case, refresh_card, require_status
from bot.core.unreachable import list_unfit
from bot.customers.channels import read_bug_key, tracker_of
from bot.duty.on_duty import first_there
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Future,
    Hidden,
    Line,
    LocalDate,
    OnCase,
    OptionalLine,
    SlackUser,
    Text,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules import daily_times
from bot.rules.local_time import known_zone, local_day
from bot.rules.membership import USER_ID
from bot.rules.policy.model import Policy
from bot.rules.prose.vague_actions import is_vague
from bot.rules.words import ActionType, Role, Severity
from storage.models import ActionItem, Case

PROMISED = frozenset({ActionType.OWED, ActionType.COMMITMENT})  # to the customer
ACTION_DAYS = timedelta(days=14)  # where the policy has no target for action items
VERIFY_WITHIN = timedelta(days=3)  # until who is asked to look is reminded


class AddAction(OnCase):
    """An action item: one owner, one due date.

    ``due`` may be today, by the policy's time zone, but no day before it. ``bug`` is its issue in
    the developers' tracker, a key or an address; empty: it is linked to none.
    """

    verb: ClassVar[str] = "action_item"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    title: Line
    type: ActionType
    owner: SlackUser
    due: Future[LocalDate]
    bug: OptionalLine = ""


class ActionDone(OnCase):
    """An action item is said to be done; ``evidence`` says by what that can be seen.

    ``action`` is its id, which the button or the form carries unseen.
    """

    verb: ClassVar[str] = "action_done"
    action: Hidden[int]
    evidence: Text


async def add_action(work: UnitOfWork, intent: AddAction) -> Answer | None:
    """Record an action item and tell its owner, unless they added it themselves.

    Timeline ``action_item``: ``action`` (id), ``title``, ``type``, ``owner``, ``due``
    (``2026-03-31``). The notice's ``extra`` has ``action`` alone, the rest is read when it is sent.
    Raises UserError ``wrong_status``, ``due_in_past``, ``vague_action``, and as ``read_bug_key``.
    """
    case = await authorize_case(work, intent.case, "action_item")
    require_status(case, "action_item")
    require_future(work, intent.due)
    if is_vague(intent.title):
        raise UserError("vague_action", title=intent.title)
    key = read_bug_key(tracker_of(work), intent.bug)  # before the item is given
    given = (intent.title, intent.type, intent.owner, intent.due)
    action = await give_action(work, case, *given)
    if intent.bug:
        await link_action(work, case, action, intent.bug, key)
    await refresh_card(work, case)
    return None


async def link_action(
    work: UnitOfWork, case: Case, action: ActionItem, typed: str, key: str
) -> None:
    """Link an action item to the issue that is named, instead of one before; empty: to none.

    ``key`` is that of ``typed`` where a tracker is set up (``read_bug_key``). Timeline
    ``link_action`` or ``unlink_action``: ``action``, ``title``, ``bug``.
    """
    name, before, was = key or typed, action.bug, action.bug_key
    if name == before:
        return
    action.bug, action.bug_key, action.bug_seen = name, key, {}
    work.session.add(action)
    verb = "link_action" if name else "unlink_action"
    said = {"action": action.id, "title": action.title, "bug": name or before}
    work.note(case, verb, after=said)
    await react(work, ActionChanged(case, action, was))


def require_future(work: UnitOfWork, due: date) -> None:
    """Refuse a day before today, in the policy's time zone: UserError ``due_in_past``."""
    if due < local_day(work.now, work.policy.timezone):
        raise UserError("due_in_past")


async def give_action(
    work: UnitOfWork, case: Case, title: str, kind: ActionType, owner: str, due: date
) -> ActionItem:
    """Store an action item with its reminders, and tell its owner, unless they are the actor.

    The timeline entry and the notice are those that ``add_action`` describes. Redrawing the card
    is left to the caller.
    """
    action = ActionItem(
        case_number=case.number,
        title=title,
        type=kind.value,
        owner=owner,
        due=due,
        created_by=work.actor.user_id,
        next_reminder_at=plan_reminder(work, kind, due),
    )
    work.session.add(action)
    await work.session.flush()
    await _tell_given(work, case, action)
    return action


def plan_reminder(work: UnitOfWork, kind: str, due: date) -> datetime:
    """What the customer was promised is said to be late on the day after, not a week later."""
    soon = daily_times.next_action_reminder(due, work.now, work.policy)
    if kind not in PROMISED:
        return soon
    return min(soon, daily_times.next_late_reminder(due, work.now, work.policy))


async def pass_action(work: UnitOfWork, case: Case, action: ActionItem, heir: str) -> None:
    """Give an open action item to another person; its day and its reminders stay.

    An offer of it is over. Record and notice are those of a new one. Redrawing the card is left to
    the caller.
    """
    action.owner, action.offered_to, action.offered_by = heir, "", ""
    work.session.add(action)
    await _tell_given(work, case, action)


async def _tell_given(work: UnitOfWork, case: Case, action: ActionItem) -> None:
    """Note who has the item now, and tell them by DM unless they are the actor."""
    said = {
        "action": action.id,
        "title": action.title,
        "type": action.type,
        "owner": action.owner,
        "due": action.due.isoformat(),
    }
    work.note(case, "action_item", after=said)
    if action.owner != work.actor.user_id:
        await effects.queue_dm(
            work, action.owner, "notice:action_given", case, {"action": action.id}
        )


def action_due(policy: Policy, severity: Severity, now: datetime) -> date:
    """The day by which an action item is due unless another is chosen: the policy's target.

    In the policy's time zone; ``ACTION_DAYS`` from today where the severity has no such target.
    """
    place = known_zone(policy.timezone)
    due = policy.action_by(severity, now)
    return due.astimezone(place).date() if due else now.astimezone(place).date() + ACTION_DAYS


async def authorize_action(
    work: UnitOfWork, number: int, which: int, verb: str
) -> tuple[Case, ActionItem]:
    """The case, locked, and its action item, for its owner and for a role that allows ``verb``.

    An owner's manager may reassign it.

    Raises UserError ``no_such_action`` (also for one of another case), ``no_such_case``,
    ``not_your_role``.
    """
    case = await work.case(number)
    action = await work.session.get(ActionItem, which)
    if action is not None and action.case_number != case.number:
        action = None
    if action is None or not await _is_theirs(work, case, action, verb):
        await require_permission(work, case, verb)
    if action is None:
        raise UserError("no_such_action")
    return case, action


async def _is_theirs(work: UnitOfWork, case: Case, action: ActionItem, verb: str) -> bool:
    """Whether the actor was given the item; on a restricted case, and is on it still.

    To reassign it, it is as good to be the manager of who was: they are told of what is overdue.
    """
    actor = work.actor.user_id
    managed = verb == "reassign_action" and manager_of(work, action.owner) == actor
    if action.owner != actor:
        return managed and await exists_for(work.session, work.policy, case, actor)
    return not case.sensitive or await on_case(work.session, case, actor)


async def finish_action(work: UnitOfWork, intent: ActionDone) -> Answer | None:
    """Record that an action item is said to be done; its owner may always say so.

    The channel is told, and by DM the one who is asked to look: ``extra`` has ``action``,
    ``evidence``, ``by``. Raises UserError ``action_done_already``, ``action_waits_already`` and as
    ``authorize_action``.
    """
    case, action = await authorize_action(work, intent.case, intent.action, "action_done")
    if action.done_at is not None:
        raise UserError("action_done_already")
    if action.reported_at is not None:
        raise UserError("action_waits_already", user=action.reported_by)
    action.evidence = intent.evidence
    await report_action(work, case, action, work.actor.user_id)
    await refresh_card(work, case)
    return None


async def report_action(work: UnitOfWork, case: Case, action: ActionItem, by: str) -> None:
    """Have a colleague of its owner look whether an item is done; its evidence is stored.

    ``by`` says that it is done. An offer of it is over. Timeline ``action_done``: ``action``,
    ``title``; the evidence is the why. Redrawing the card is left to the caller.
    """
    action.reported_at, action.reported_by = work.now, by
    action.offered_to = action.offered_by = ""
    action.verifier = await _choose_verifier(work, case, action)
    action.next_reminder_at = _verified_by(work)
    work.session.add(action)
    said = {"action": action.id, "title": action.title}
    work.note(case, "action_done", after=said, why=action.evidence)
    extra = {"action": action.id, "evidence": action.evidence, "by": by}
    await effects.queue_post(work, case, "notice:action_done", extra)
    if action.verifier and action.verifier != work.actor.user_id:
        await effects.queue_dm(work, action.verifier, "notice:action_done", case, extra)


def _verified_by(work: UnitOfWork) -> datetime:
    """The morning on which who is asked to look is reminded."""
    zone = work.policy.timezone
    return daily_times.morning_of_day(local_day(work.now + VERIFY_WITHIN, zone), zone)


async def _choose_verifier(work: UnitOfWork, case: Case, action: ActionItem) -> str:
    """Who looks whether it is done: who added it, the case's owner, its reporter, a support lead.

    The first of them who is there and may, did not do it and did not say that it is done; "" where
    there is none. Of a restricted case only those on it may, since others may not know of it.
    """
    leads = () if case.sensitive else named_for(work.policy, Role.SUPPORT_LEAD)
    wanted = [action.created_by, case.owner, case.reporter, *leads]
    people = [each for each in dict.fromkeys(wanted) if USER_ID.fullmatch(each)]
    gone = await list_unfit(work.session, people)
    for user in people:
        if user in gone or user in (action.owner, action.reported_by):
            continue
        with suppress(UserError):
            await check_permission(work.session, work.policy, user, "verify_action", case)
            return user
    return ""


async def remind_of_action(work: UnitOfWork, action: ActionItem, says: Sequence[Reminder]) -> None:
    """Remind the owner of an action item that is due soon or late, and set the next reminder.

    Of one that is said to be done who is asked to look is reminded instead, weekly. Called by the
    sweep with the item's row locked, after which the case is locked too. An item that was done
    meanwhile is only taken out of the sweep.
    """
    case = await work.case(action.case_number)
    work.session.add(action)
    if action.done_at is not None:
        action.next_reminder_at = None
    elif action.reported_at is not None:
        await _remind_verifier(work, case, action, says)
    else:
        action.next_reminder_at = plan_reminder(work, action.type, action.due)
        await effects.queue_reminder(
            work,
            case,
            get_reminder(says, "action_due"),
            {"action": action.id},
            known={Audience.OWNER: (action.owner,)},
            priority=effects.NUDGE,
        )
        await _tell_executive(work, case, action, says)
        if action.due <= local_day(work.now, work.policy.timezone):
            await plan_overdue(work, action.owner)


async def _remind_verifier(
    work: UnitOfWork, case: Case, action: ActionItem, says: Sequence[Reminder]
) -> None:
    """Remind who is asked to look whether it is done; another, where they have left.

    Where nobody can be asked nobody is reminded: the channel has read it. Next week is seen anew.
    """
    action.verifier = await _choose_verifier(work, case, action)
    action.next_reminder_at = work.now + daily_times.WEEK
    if not action.verifier:
        return
    extra = {"action": action.id, "evidence": action.evidence, "by": action.reported_by}
    await effects.queue_reminder(
        work,
        case,
        get_reminder(says, "action_unverified"),
        extra,
        known={Audience.ASKED: (action.verifier,)},
        priority=effects.NUDGE,
    )


async def _tell_executive(
    work: UnitOfWork, case: Case, action: ActionItem, says: Sequence[Reminder]
) -> None:
    """What the customer was promised and is late is told to the case's executive owner too.

    To the first whom the policy names and who is there, where the case has none.
    """
    today = local_day(work.now, work.policy.timezone)
    if action.type not in PROMISED or action.due >= today:
        return
    role = Role.EXECUTIVE_OWNER
    held = (await role_holders(work.session, case)).get(role)
    user = held or await first_there(work, () if case.sensitive else named_for(work.policy, role))
    if user and user != action.owner:
        await effects.queue_reminder(
            work,
            case,
            get_reminder(says, "commitment_late"),
            {"action": action.id},
            known={role: (user,)},
            priority=effects.NUDGE,
        )

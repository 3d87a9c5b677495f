"""What must hold before two cases become one, and the action items that go along."""

from collections.abc import Mapping

from sqlmodel import col, select

from bot.cases import action_items
from bot.core.access import role_holders
from bot.core.reactions import ActionChanged, react
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules import daily_times
from bot.rules.states import LIVING, MessageState, RecipientState
from bot.rules.words import ActionType
from storage.in_hand import rows_about
from storage.models import (
    ActionItem,
    Ask,
    Broadcast,
    BroadcastRecipient,
    Case,
    Draft,
    SentMessage,
)

ON_ITS_WAY = (MessageState.QUEUED, MessageState.HANDED)
MOVED = "→ {reference}"  # the evidence of an item that goes on in another case


async def require_same_people(work: UnitOfWork, child: Case, parent: Case) -> None:
    """Refuse where one of the two is restricted, unless both are, with the same people on them.

    Those are reporter, owner and all who have a role; an offer or a question makes no difference.
    Raises UserError ``merge_restricted``, ``merge_other_people``, both with the parent's
    ``reference``.
    """
    if child.sensitive != parent.sensitive:
        raise UserError("merge_restricted", reference=f"ESC-{parent.number}")
    if child.sensitive and await _people_on(work, child) != await _people_on(work, parent):
        raise UserError("merge_other_people", reference=f"ESC-{parent.number}")


async def _people_on(work: UnitOfWork, case: Case) -> set[str]:
    holders = await role_holders(work.session, case)
    return {case.reporter, case.owner, *holders.values()}


async def require_settled(work: UnitOfWork, child: Case) -> None:
    """Refuse while something of the child is under way that would end in the wrong case.

    Raises UserError ``merge_message_under_way`` (a message is being sent, or goes to many),
    ``merge_undecided`` (an approval or a question to an executive waits), ``merge_in_problem``
    (messages to all who have a problem reach the customer through the child).
    """
    if child.problem is not None:
        raise UserError("merge_in_problem", problem=f"PRB-{child.problem}")
    sent = await rows_about(work.session, SentMessage, child.number)
    if any(message.state in ON_ITS_WAY for message in sent) or await _among_many(work, child):
        raise UserError("merge_message_under_way")
    asked = await rows_about(work.session, Ask, child.number)
    waits = select(Draft.id).where(
        col(Draft.case_number) == child.number, col(Draft.state).in_(LIVING)
    )
    waiting = (await work.session.exec(waits.limit(1))).first()
    if waiting is not None or any(ask.answered_at is None for ask in asked):
        raise UserError("merge_undecided")


async def _among_many(work: UnitOfWork, child: Case) -> bool:
    """Whether a message to many is proposed for, approved for, or on its way to this case."""
    line, many = col(BroadcastRecipient.state), col(Broadcast.state)
    planned = (line == RecipientState.PLANNED) & many.in_(LIVING)
    query = select(BroadcastRecipient.id).join(
        Broadcast, col(Broadcast.id) == col(BroadcastRecipient.broadcast)
    )
    query = query.where(
        col(BroadcastRecipient.case_number) == child.number,
        planned | (line == RecipientState.QUEUED),
    )
    return (await work.session.exec(query.limit(1))).first() is not None


async def move_actions(work: UnitOfWork, child: Case, parent: Case) -> dict[str, int]:
    """Have the open action items go on in the parent; answers the ids there by those here.

    The item stays in the child's record, done, so that what was said of it stays true: its evidence
    is an arrow and the parent's reference. Title, type, owner and due day go along. The ids here
    are texts, since the answer is stored as JSON. Both cases are locked by the caller.
    """
    moved: dict[str, int] = {}
    for item in await rows_about(work.session, ActionItem, child.number):
        if item.done_at is None:
            given = (item.title, ActionType(item.type), item.owner, item.due)
            copy = await action_items.give_action(work, parent, *given)
            _carry_on(item, copy)
            await _end_item(work, item, child, parent)
            await react(work, ActionChanged(parent, copy))
            moved[str(item.id)] = copy.id
    return moved


async def return_actions(
    work: UnitOfWork, child: Case, parent: Case, moved: Mapping[str, int]
) -> None:
    """Take back the items that went along and are not done yet; those that are done stay done.

    ``moved`` is what ``move_actions`` answered. The item in the parent ends with the child's
    reference as its evidence; the one in the child is open again, and its next reminder is planned
    from now.
    """
    there = {item.id: item for item in await rows_about(work.session, ActionItem, parent.number)}
    for item in await rows_about(work.session, ActionItem, child.number):
        copy = there.get(moved.get(str(item.id), 0))
        if copy is not None and copy.done_at is None:
            kept = copy.model_copy()
            await _end_item(work, copy, parent, child)
            item.done_at = None
            item.next_reminder_at = daily_times.next_action_reminder(
                item.due, work.now, work.policy
            )
            _carry_on(kept, item)
            work.session.add(item)
            await react(work, ActionChanged(child, item))


def _carry_on(before: ActionItem, after: ActionItem) -> None:
    """Have one item stand where the other stood: to be done, or said to be done and looked at.

    It is linked to the other's issue, and has heard of it what the other had.
    """
    after.evidence, after.verifier = before.evidence, before.verifier
    after.reported_at, after.reported_by = before.reported_at, before.reported_by
    after.bug, after.bug_key, after.bug_seen = before.bug, before.bug_key, before.bug_seen


async def _end_item(work: UnitOfWork, item: ActionItem, case: Case, goes_on_in: Case) -> None:
    """Mark the item of ``case`` done now, with the other case as its evidence: no reminder comes.

    It is neither looked at nor offered here any more, nor linked to an issue.
    """
    was_key = item.bug_key
    item.bug, item.bug_key, item.bug_seen = "", "", {}
    item.reported_at, item.offered_to, item.offered_by = None, "", ""
    item.reported_by = item.verifier = ""
    item.done_at, item.next_reminder_at = work.now, None
    item.evidence = MOVED.format(reference=f"ESC-{goes_on_in.number}")
    work.session.add(item)
    await react(work, ActionChanged(case, item, was_key))

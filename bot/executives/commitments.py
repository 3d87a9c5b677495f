"""What a customer who threatens to cancel is promised: three commitments, each with its day.

Each is an action item of the kind ``commitment``; who is late with one is told, and the executive
owner with them (``bot/executives/due.py``).
"""

from typing import ClassVar

from bot import effects
from bot.cases.action_items import give_action, require_future
from bot.core.steps import authorize_case, case_answer, refresh_card, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Future, Line, LocalDate, OnCase, SlackUser
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.words import ActionType, Trigger
from storage.in_hand import rows_about
from storage.models import ActionItem, Case, Flagging

COMMITMENTS = 3


class Commit(OnCase):
    """Three things that we commit ourselves to, who does each, and by which day."""

    verb: ClassVar[str] = "commit"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    first: Line
    first_owner: SlackUser
    first_by: Future[LocalDate]
    second: Line
    second_owner: SlackUser
    second_by: Future[LocalDate]
    third: Line
    third_owner: SlackUser
    third_by: Future[LocalDate]


async def commit_dates(work: UnitOfWork, intent: Commit) -> Answer | None:
    """Record the commitments as action items, and tell the channel and those who do them.

    Timeline ``commit`` after the entries of the items: ``count``. Raises UserError
    ``wrong_status``, ``no_churn_threat``, ``committed_already``, ``same_commitment``,
    ``due_in_past``.
    """
    case = await authorize_case(work, intent.case, "commit")
    require_status(case, "commit")
    if not await _threatens_to_cancel(work, case):
        raise UserError("no_churn_threat")
    if await _still_open(work, case):
        raise UserError("committed_already")
    wanted = [
        (intent.first, intent.first_owner, intent.first_by),
        (intent.second, intent.second_owner, intent.second_by),
        (intent.third, intent.third_owner, intent.third_by),
    ]
    if len({title.casefold() for title, _, _ in wanted}) < COMMITMENTS:
        raise UserError("same_commitment")
    for _, _, due in wanted:
        require_future(work, due)
    made = [
        await give_action(work, case, title, ActionType.COMMITMENT, owner, due)
        for title, owner, due in wanted
    ]
    work.note(case, "commit", after={"count": len(made)})
    said = {"by": work.actor.user_id, "actions": [each.id for each in made]}
    await effects.queue_post(work, case, "notice:committed", said)
    await refresh_card(work, case)
    return case_answer(case, "notice:committed", **said)


async def _threatens_to_cancel(work: UnitOfWork, case: Case) -> bool:
    """By the flag, or by the reason for which the case was raised."""
    rows = await rows_about(work.session, Flagging, case.number)
    flagged = rows[-1].trigger if case.executive and rows else ""
    return Trigger.THREAT_TO_CANCEL in (case.trigger, flagged)


async def _still_open(work: UnitOfWork, case: Case) -> bool:
    """Whether the case has a commitment that is not done yet; then no further three are made."""
    items = await rows_about(work.session, ActionItem, case.number)
    return any(i.type == ActionType.COMMITMENT and i.done_at is None for i in items)

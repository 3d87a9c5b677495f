"""A customer who sees the ranking otherwise: it is recorded, and somebody owes them an answer.

The owner is asked at once, and again when the policy's time is over; then the support lead.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core.access import named_for
from bot.core.steps import authorize_case, refresh_card, require_status
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.words import Role
from storage.models import Case, Contest

REMINDERS = ("contest_waits", "contest_unanswered")  # in their order


class ContestPriority(OnCase):
    """Record that the customer contests the ranking, in their own ``words``."""

    verb: ClassVar[str] = "contest"
    words: Text


class AnswerContest(OnCase):
    """Record what the customer was told: ``contest`` None is the newest that waits."""

    verb: ClassVar[str] = "answer_contest"
    contest: Hidden[int | None] = None
    answer: Text


async def contest_priority(work: UnitOfWork, intent: ContestPriority) -> Answer | None:
    """Store the customer's words and ask the owner to answer them.

    Timeline ``contest``: ``contest`` (id), the words are the why. Channel and owner read
    ``notice:contested`` (``contest``, ``by``, ``text``, ``due``: by when). Raises UserError
    ``no_such_case``, ``not_your_role``, ``wrong_status``.
    """
    case = await authorize_case(work, intent.case, "contest")
    require_status(case, "contest")
    due = work.now + work.policy.answer_contest_within
    row = Contest(
        case_number=case.number, words=intent.words, by=work.actor.user_id, at=work.now, ask_at=due
    )
    work.session.add(row)
    await work.session.flush()
    work.note(case, "contest", after={"contest": row.id}, why=intent.words)
    said = _facts(row) | {"due": due.isoformat()}
    await effects.queue_post(work, case, "notice:contested", said)
    if case.owner != work.actor.user_id:
        await effects.queue_dm(work, case.owner, "notice:contested", case, said)
    await refresh_card(work, case)
    return None


def _facts(row: Contest) -> dict[str, Any]:
    return {"contest": row.id, "by": row.by, "text": row.words}


async def answer_contest(work: UnitOfWork, intent: AnswerContest) -> Answer | None:
    """Note what the customer was told, which ends the reminders.

    Timeline ``answer_contest``: ``contest`` (id), the answer is the why. The channel, and who
    recorded the contest, read ``notice:contest_answered`` (``by``, ``text``: the answer). Raises
    UserError ``no_such_case``, ``not_your_role``, ``wrong_status``, ``no_contest_waits``.
    """
    case = await authorize_case(work, intent.case, "answer_contest")
    require_status(case, "answer_contest")
    row = await _find_waiting(work, case, intent.contest)
    row.answer, row.answered_by, row.answered_at = intent.answer, work.actor.user_id, work.now
    row.ask_at = None
    work.session.add(row)
    work.note(case, "answer_contest", after={"contest": row.id}, why=intent.answer)
    said = {"by": work.actor.user_id, "text": intent.answer}
    await effects.queue_post(work, case, "notice:contest_answered", said)
    if row.by != work.actor.user_id:
        await effects.queue_dm(work, row.by, "notice:contest_answered", case, said)
    await refresh_card(work, case)
    return None


async def _find_waiting(work: UnitOfWork, case: Case, which: int | None) -> Contest:
    """The contest of this id, or the newest, while it waits. Raises ``no_contest_waits``."""
    query = select(Contest).where(
        col(Contest.case_number) == case.number, col(Contest.answered_at).is_(None)
    )
    rows = (await work.session.exec(query.order_by(col(Contest.id).desc()))).all()
    for row in rows:
        if which in (None, row.id):
            return row
    raise UserError("no_contest_waits")


async def remind_of_contests(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> None:
    """Remind of each contest of the case, which is locked, that has waited for long enough."""
    query = select(Contest).where(
        col(Contest.case_number) == case.number, col(Contest.ask_at) <= work.now
    )
    for row in (await work.session.exec(query.order_by(col(Contest.id)))).all():
        await _remind(work, case, row, says)


async def _remind(work: UnitOfWork, case: Case, row: Contest, says: Sequence[Reminder]) -> None:
    """Remind the owner that the customer waits for an answer; the second time, the lead.

    Of a restricted case the owner is reminded again instead. Each reminder comes the policy's time
    after the one before; after the second there is none.
    """
    lead = next(iter(named_for(work.policy, Role.SUPPORT_LEAD)), case.owner)
    known: dict[str, tuple[str, ...]] = {
        Audience.OWNER: (case.owner,),
        Role.SUPPORT_LEAD: (case.owner if case.sensitive else lead,),
    }
    reminder = get_reminder(says, REMINDERS[min(row.asked, 1)])
    row.asked += 1
    more = row.asked < len(REMINDERS)
    row.ask_at = work.now + work.policy.answer_contest_within if more else None
    work.session.add(row)
    said = _facts(row) | {"at": row.at.isoformat()}
    await effects.queue_reminder(work, case, reminder, said, known=known)

"""The decision log: what was decided on a case, instead of what, why, and how it came out.

After ``ASK_AFTER``, or on the day that was chosen, the one who decided is asked how it came out,
a week later again, then the owner. It is asked whatever the status of the case by then.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import on_case, require_permission
from bot.core.steps import authorize_case, require_status
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Future,
    Hidden,
    LocalDate,
    OnCase,
    OptionalText,
    SlackUser,
    Text,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.daily_times import morning_of_day
from bot.rules.facts import DecisionFacts
from bot.rules.local_time import local_day
from bot.rules.states import DecisionOutcome
from storage.models import Case, CaseDecision

ASK_AFTER = timedelta(days=30)
ASK_AGAIN = timedelta(days=7)
TIMES = 3  # that somebody is asked: the one who decided twice, then the owner


class RecordDecision(OnCase):
    """A decision on a case: ``options`` are what else there was, ``ask_on`` when it is looked at.

    ``decider`` is who decided it, the actor where nobody is named.
    """

    verb: ClassVar[str] = "decide"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    decision: Text
    options: OptionalText = ""
    why: Text
    decider: SlackUser | None = None
    ask_on: Future[LocalDate | None] = None


class JudgeDecision(OnCase):
    """How a decision came out; ``lesson`` is what we know now and did not then."""

    verb: ClassVar[str] = "judge_decision"
    decision: Hidden[int]
    outcome: DecisionOutcome
    lesson: OptionalText = ""


async def record_decision(work: UnitOfWork, intent: RecordDecision) -> Answer | None:
    """Store a decision; the channel reads it, and who decided it when another recorded it.

    Of a restricted case only those on it are told.

    Timeline ``decide``: ``decision`` (id), ``user``: who decided; the decision is the why. The
    notice ``decided`` has ``by`` (who decided), ``text``, ``options``, ``reason``, ``until``: when
    it is asked how it came out. Raises UserError ``no_such_case``, ``not_your_role``,
    ``wrong_status``, ``decision_day_past``.
    """
    case = await authorize_case(work, intent.case, "decide")
    require_status(case, "decide")
    decider = intent.decider or work.actor.user_id
    row = CaseDecision(
        case_number=case.number,
        decision=intent.decision,
        options=intent.options,
        why=intent.why,
        decider=decider,
        author=work.actor.user_id,
        at=work.now,
        next_at=_ask_at(work, intent.ask_on),
    )
    work.session.add(row)
    await work.session.flush()
    work.note(case, "decide", after={"decision": row.id, "user": decider}, why=intent.decision)
    said = _describe(row)
    await effects.queue_post(work, case, "notice:decided", said)
    if decider != work.actor.user_id and await _may_know(work, case, row):
        await effects.queue_dm(work, decider, "notice:decided", case, said)
    return None


def _ask_at(work: UnitOfWork, day: date | None) -> datetime:
    """The morning on which it is asked how it came out. Raises ``decision_day_past``."""
    zone = work.policy.timezone
    at = morning_of_day(day or local_day(work.now + ASK_AFTER, zone), zone)
    if at <= work.now:
        raise UserError("decision_day_past")
    return at


def _describe(row: CaseDecision) -> dict[str, Any]:
    """What ``notice:decided`` says, as JSON; ``record_decision`` has what each fact means.

    ``until`` is ISO 8601, empty where it is not asked any more how the decision came out.
    """
    asked = row.next_at.isoformat() if row.next_at else ""
    said = {"by": row.decider, "text": row.decision, "options": row.options, "reason": row.why}
    return {"decision": row.id, "until": asked, **said}


async def judge_decision(work: UnitOfWork, intent: JudgeDecision) -> Answer | None:
    """Record how a decision came out; recorded again, the newest counts.

    Who decided may always say so, others by their role. Timeline ``judge_decision``: ``decision``,
    ``result``; the lesson is the why. The channel, and who decided it, read ``decision_judged``
    (``by``, ``text``, ``result``, ``lesson``). Raises UserError ``no_such_case``,
    ``no_such_decision``, ``not_your_role``, ``lesson_wanted``.
    """
    case = await work.case(intent.case)
    row = await _find_decision(work, case, intent.decision)
    if row is None or row.decider != work.actor.user_id or not await _may_know(work, case, row):
        await require_permission(work, case, "decide")
    if row is None:
        raise UserError("no_such_decision")
    if intent.outcome is not DecisionOutcome.WORKED and not intent.lesson:
        raise UserError("lesson_wanted")
    row.outcome, row.lesson = intent.outcome.value, intent.lesson
    row.judged_by, row.judged_at, row.next_at = work.actor.user_id, work.now, None
    work.session.add(row)
    after = {"decision": row.id, "result": row.outcome}
    work.note(case, "judge_decision", after=after, why=intent.lesson)
    said = {
        "decision": row.id,
        "by": work.actor.user_id,
        "text": row.decision,
        "result": row.outcome,
        "lesson": row.lesson,
    }
    await effects.queue_post(work, case, "notice:decision_judged", said)
    if row.decider != work.actor.user_id and await _may_know(work, case, row):
        await effects.queue_dm(work, row.decider, "notice:decision_judged", case, said)
    return None


async def _find_decision(work: UnitOfWork, case: Case, which: int) -> CaseDecision | None:
    """The decision of this id, not locked; None where there is none, or it is of another case."""
    row = await work.session.get(CaseDecision, which)
    return row if row is not None and row.case_number == case.number else None


async def _may_know(work: UnitOfWork, case: Case, row: CaseDecision) -> bool:
    """False for one who decided something on a case that was restricted since, without them."""
    return not case.sensitive or await on_case(work.session, case, row.decider)


async def ask_outcome(work: UnitOfWork, row: CaseDecision, says: Sequence[Reminder]) -> None:
    """Ask how a decision came out; the row is locked, then its case.

    The last question is for the owner, as is each where the one who decided may not know of the
    case any more.
    """
    case = await work.case(row.case_number)
    row.asked += 1
    last = row.asked >= TIMES
    row.next_at = None if last else work.now + ASK_AGAIN
    own = not last and await _may_know(work, case, row)
    known: dict[str, Sequence[str]] = {Audience.AUTHOR: (row.decider if own else case.owner,)}
    said = {"decision": row.id, "by": row.decider, "text": row.decision, "at": row.at.isoformat()}
    reminder = get_reminder(says, "decision_outcome")
    await effects.queue_reminder(work, case, reminder, said, known=known, priority=effects.NUDGE)
    work.session.add(row)


async def list_decisions(session: AsyncSession, number: int) -> tuple[DecisionFacts, ...]:
    """The decisions of a case, oldest first."""
    query = select(CaseDecision).where(col(CaseDecision.case_number) == number)
    return tuple(
        DecisionFacts(
            row.id,
            row.decision,
            row.options,
            row.why,
            row.decider,
            row.at,
            DecisionOutcome(row.outcome) if row.outcome else None,
            row.lesson,
            row.next_at,
        )
        for row in (await session.exec(query.order_by(col(CaseDecision.id)))).all()
    )

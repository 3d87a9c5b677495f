"""Questions to the technical lead: answered from the card, or by the lead when there is time.

What the card knows is not asked at all: the standing, the next update, the workaround. All else is
asked of the lead at once, or kept while they are in focus. The button to answer is the lead's; the
permission is the team's, so that a colleague who takes over may answer too.
"""

from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints
from sqlmodel import col, select

from bot import effects
from bot.core.access import on_case
from bot.core.steps import authorize_case, case_answer, refresh_card, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Clean, Hidden, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.focus.period import find_lead
from bot.rules.focus.facts import About
from bot.rules.words import ClockKind
from bot.sla import clock_history, clocks
from storage.models import Case, LeadQuestion, TimelineEvent

QUESTION_MAX = 300  # characters; a button must be able to carry it


class AskLead(OnCase):
    """A question to the technical lead. Without ``question`` the card alone is asked."""

    verb: ClassVar[str] = "ask_lead"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    about: About = About.OTHER
    question: Annotated[str, Clean, StringConstraints(max_length=QUESTION_MAX)] = ""


class AnswerQuestion(OnCase):
    """The answer to a question; ``query`` is its id."""

    verb: ClassVar[str] = "answer_question"
    query: Hidden[int]
    answer: Text


class ReportFinding(OnCase):
    """Something new that the work has shown.

    A status says how it goes, a finding what is known; both answer a check-in.
    """

    verb: ClassVar[str] = "report_finding"
    finding: Text


async def ask_lead(work: UnitOfWork, intent: AskLead) -> Answer | None:
    """Answer from the card, or ask the lead, without one the owner; at once, or after the focus.

    The answer ``notice:card_knows`` has ``about``, ``words`` (the question), and for the standing
    ``at``, ``by``, ``standing``, ``remark``. Timeline ``ask_lead``: ``query`` (id), ``user``,
    ``kept``; the words are the why. Raises UserError ``no_such_case``, ``not_your_role``,
    ``wrong_status``, ``question_empty``, ``question_of_yourself``.
    """
    case = await authorize_case(work, intent.case, "ask_lead")
    require_status(case, "ask_lead")
    known = await _on_card(work, case, intent.about)
    if known is not None:
        said = {"about": intent.about.value, "words": intent.question, **known}
        return case_answer(case, "notice:card_knows", **said)
    if not intent.question:
        raise UserError("question_empty")
    asked = await find_lead(work, case) or case.owner
    if asked == work.actor.user_id:
        raise UserError("question_of_yourself")
    kept = asked == case.focus_of
    row = LeadQuestion(
        case_number=case.number,
        asked_of=asked,
        asked_by=work.actor.user_id,
        question=intent.question,
        asked_at=work.now,
        told_at=None if kept else work.now,
    )
    work.session.add(row)
    await work.session.flush()
    said = {"query": row.id, "user": asked, "kept": kept}
    work.note(case, "ask_lead", after=said, why=intent.question)
    if not kept:
        await effects.queue_dm(work, asked, "notice:lead_asked", case, describe_question(row))
    await refresh_card(work, case)
    return case_answer(case, "notice:question_taken", user=asked, kept=kept)


def describe_question(row: LeadQuestion) -> dict[str, Any]:
    """What notices about a question say: ``query`` (id), ``by``, ``words``."""
    return {"query": row.id, "by": row.asked_by, "words": row.question}


async def _on_card(work: UnitOfWork, case: Case, about: About) -> dict[str, Any] | None:
    """What the case knows about it, as JSON; None where it knows nothing.

    The keys are those of ``notice:card_knows``. Of the next update nothing is handed over: the
    answer reads its clock when it is drawn.
    """
    match about:
        case About.STATUS:
            return await _last_status(work, case)
        case About.NEXT_UPDATE:
            states = (await clock_history.load_states(work.session, case.number, work.now)).values()
            runs = (s for s in states if s.open and s.clock == ClockKind.NEXT_UPDATE)
            return next(({} for _ in runs), None)
        case About.WORKAROUND:
            return {"workaround": case.workaround_note} if case.workaround_note else None
    return None


async def _last_status(work: UnitOfWork, case: Case) -> dict[str, Any] | None:
    """The newest status in the record: ``at``, ``by``, ``standing``, ``remark``.

    The case itself keeps only what is wrong, and “On track” is an answer too. None before the
    first status.
    """
    query = select(TimelineEvent).where(
        col(TimelineEvent.case_number) == case.number, col(TimelineEvent.verb) == "status"
    )
    row = (await work.session.exec(query.order_by(col(TimelineEvent.id).desc()).limit(1))).first()
    if row is None:
        return None
    said = {"at": row.at.isoformat(), "by": row.actor, "remark": row.why}
    return {**said, "standing": row.after["standing"]}


async def answer_question(work: UnitOfWork, intent: AnswerQuestion) -> Answer | None:
    """Record an answer, the first counts; the channel reads it, and who asked where not on it.

    Timeline ``answer_question``: ``query``; the answer is the why. Raises UserError
    ``no_such_case``, ``not_your_role``, ``no_such_question``, ``question_answered`` with ``user``.
    """
    case = await authorize_case(work, intent.case, "answer_question")
    row = await work.session.get(LeadQuestion, intent.query)
    if row is None or row.case_number != case.number:
        raise UserError("no_such_question")
    if row.answered_by:
        raise UserError("question_answered", user=row.answered_by)
    row.answer, row.answered_by, row.answered_at = intent.answer, work.actor.user_id, work.now
    work.session.add(row)
    work.note(case, "answer_question", after={"query": row.id}, why=intent.answer)
    said = {**describe_question(row), "user": row.answered_by, "text": row.answer}
    await effects.queue_post(work, case, "notice:question_answered", said)
    known = not case.sensitive or await on_case(work.session, case, row.asked_by)
    if row.asked_by != work.actor.user_id and known:
        await effects.queue_dm(work, row.asked_by, "notice:question_answered", case, said)
    await refresh_card(work, case)
    return None


async def report_finding(work: UnitOfWork, intent: ReportFinding) -> Answer | None:
    """Put a finding into the record and the channel; it answers a check-in as a status does.

    Timeline ``report_finding``; the finding is the why. Raises UserError ``no_such_case``,
    ``not_your_role``, ``wrong_status``.
    """
    case = await authorize_case(work, intent.case, "report_finding")
    require_status(case, "report_finding")
    if await clock_history.is_running(work, case, ClockKind.CHECK_IN):
        await clocks.stop_clock(work, case, ClockKind.CHECK_IN)
        await clocks.begin_clock(work, case, ClockKind.CHECK_IN)
    work.note(case, "report_finding", why=intent.finding)
    said = {"by": work.actor.user_id, "text": intent.finding}
    await effects.queue_post(work, case, "notice:finding", said)
    await refresh_card(work, case)
    return None

"""Executives are asked for the decisions that only they can take.

A question (``Ask``) is answered once, by the person who was asked or their deputy. No answer allows
money: that is approved as a concession (``bot/concessions``). An unanswered question opens a
restricted case to the person who was asked, until they answer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from bot import effects
from bot.core.access import on_case
from bot.core.granted import business_days_after
from bot.core.notify import queue_redraw
from bot.core.steps import as_utc, authorize_case, refresh_card, require_status
from bot.duty.executives import ASKED_IN_TURN, is_executive, list_present
from bot.duty.on_duty import is_away, load_rota
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Clean,
    Future,
    Hidden,
    OnCase,
    OptionalText,
    SlackUser,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.words import AskMeaning
from storage.in_hand import rows_about
from storage.models import Ask, Case


class AskExecutive(OnCase):
    """Ask an executive for a decision that only they can take.

    A yes allows no money, whatever is asked. ``meaning`` is only of requests of before concessions:
    those that asked for an offer are refused.
    """

    verb: ClassVar[str] = "ask_executive"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    user: SlackUser
    question: Annotated[str, Clean, StringConstraints(min_length=1, max_length=300)]
    answer_by: Future[datetime | None] = None
    meaning: Hidden[AskMeaning] = AskMeaning.DECISION


class AnswerAsk(OnCase):
    """An executive's decision on what they were asked.

    ``ask`` is the question's id, ``approve`` the button that was pressed.
    """

    verb: ClassVar[str] = "answer_ask"
    ask: Hidden[int]
    approve: Hidden[bool]
    remark: OptionalText = ""


async def ask_executive(work: UnitOfWork, intent: AskExecutive) -> Answer | None:
    """Ask an executive for a decision; it stays on the card until it is answered or withdrawn.

    Without ``answer_by`` it is due after one business day. Of one who is away the deputy is asked
    at once as well, or the next executive; not of a restricted case, unless they are on it.
    Timeline ``ask_executive``: ``ask`` (id) and ``user``; the question is the why. Raises UserError
    ``wrong_status``, ``ask_of_yourself``, ``ask_for_concession``, ``not_an_executive`` (``user``),
    ``answer_in_past``.
    """
    case = await authorize_case(work, intent.case, "ask_executive")
    require_status(case, "ask_executive")
    if intent.user == work.actor.user_id:
        raise UserError("ask_of_yourself")
    if intent.meaning is AskMeaning.OFFER:
        raise UserError("ask_for_concession")
    if not await is_executive(work, case, intent.user):
        raise UserError("not_an_executive", user=intent.user)
    due = as_utc(intent.answer_by) if intent.answer_by else _usual_answer(work)
    if due <= work.now:
        raise UserError("answer_in_past")
    ask = Ask(
        case_number=case.number,
        asked_of=intent.user,
        asked_by=work.actor.user_id,
        question=intent.question,
        asked_at=work.now,
        answer_by=due,
        next_at=work.now + (due - work.now) * 3 / 4,
    )
    work.session.add(ask)
    await work.session.flush()
    said = {"ask": ask.id, "user": ask.asked_of}
    work.note(case, "ask_executive", after=said, why=ask.question)
    await effects.queue_dm(work, ask.asked_of, "notice:ask_executive", case, describe_ask(ask))
    if await is_away(work, ask.asked_of):
        await ask_deputy(work, case, ask)
    await refresh_card(work, case)
    return None


def _usual_answer(work: UnitOfWork) -> datetime:
    """The close of the next business day by the policy's office hours, without any a day on."""
    return business_days_after(work.policy, work.now, 1)


async def answer_ask(work: UnitOfWork, intent: AnswerAsk) -> Answer | None:
    """Record the decision of the one who was asked, or of their deputy; the channel hears of it.

    The one who asked gets a DM only where they are no longer on the case. A question of before
    concessions that was one of money can only be declined. ``ask.answer`` is ``approve`` or
    ``decline``; timeline ``answer_ask``: ``ask``, ``answer``. Raises UserError ``no_such_ask``,
    ``not_asked_of_you``, ``ask_answered``, ``ask_for_concession``.
    """
    case = await authorize_case(work, intent.case, "answer_ask")
    ask = await work.session.get(Ask, intent.ask)
    if ask is None or ask.case_number != case.number:
        raise UserError("no_such_ask")
    if work.actor.user_id not in (ask.asked_of, ask.deputy):
        raise UserError("not_asked_of_you", user=ask.asked_of)
    if ask.answer is not None:
        raise UserError("ask_answered", answer=ask.answer)
    if intent.approve and ask.meaning == AskMeaning.OFFER:
        raise UserError("ask_for_concession")
    ask.answer = "approve" if intent.approve else "decline"
    ask.remark, ask.answered_at, ask.next_at = intent.remark, work.now, None
    work.session.add(ask)
    said = {"ask": ask.id, "answer": ask.answer}
    work.note(case, "answer_ask", after=said, why=intent.remark)
    extra = {
        "ask": ask.id, "answer": ask.answer, "question": ask.question, "remark": ask.remark,
        "by": work.actor.user_id,
    }  # fmt: skip
    if ask.deputy:
        ended = {"ended": ask.answer, "ended_by": work.actor.user_id, "at": work.now.isoformat()}
        queue_redraw(work, case, "notice:ask_executive", {"ask": ask.id}, ended)
    await effects.queue_post(work, case, "notice:ask_answered", extra)
    if not await on_case(work.session, case, ask.asked_by):  # who is, is named in the channel
        await effects.queue_dm(work, ask.asked_by, "notice:ask_answered", case, extra)
    await refresh_card(work, case)
    return None


def describe_ask(ask: Ask) -> dict[str, Any]:
    """What the notices about a question say: ``ask``, ``question``, ``by``, ``due``."""
    due = ask.answer_by.isoformat() if ask.answer_by else ""
    return {"ask": ask.id, "question": ask.question, "by": ask.asked_by, "due": due}


async def ask_deputy(work: UnitOfWork, case: Case, ask: Ask) -> bool:
    """Ask the deputy of an absent person, else the next executive who is there; once a question.

    Of a restricted case only one who is on it. False where nobody is left to ask.
    """
    if ask.deputy:
        return False
    rota = await load_rota(work)
    there = rota.stand_in([ask.asked_of], work.now)
    others = [*there, *await list_present(work, case, ASKED_IN_TURN)]
    for user in dict.fromkeys(others):
        if user in (ask.asked_of, ask.asked_by):
            continue
        if not case.sensitive or await on_case(work.session, case, user):
            ask.deputy = user
            work.session.add(ask)
            said = {**describe_ask(ask), "stands_in": ask.asked_of}
            await effects.queue_dm(work, user, "notice:ask_executive", case, said)
            return True
    return False


async def chase_asks(work: UnitOfWork, locked: Case, says: Sequence[Reminder]) -> None:
    """Remind before it is due; then, and of one who went away meanwhile, ask the deputy."""
    case = await work.case(locked.number)
    for ask in await rows_about(work.session, Ask, case.number):
        if ask.next_at is None or ask.next_at > work.now:
            continue
        ask.next_at = None
        work.session.add(ask)
        if ask.answered_at is None and ask.answer_by is not None:
            await _chase(work, case, ask, ask.answer_by, says)


async def _chase(
    work: UnitOfWork, case: Case, ask: Ask, due: datetime, says: Sequence[Reminder]
) -> None:
    """Remind those asked once three quarters of the time are over, without who is away.

    Of one who went away meanwhile the deputy is asked then. At the due time the deputy is asked in
    any case, and the author hears that no answer came.
    """
    ask.reminded += 1
    if work.now < due:
        ask.next_at = due
        people = [u for u in (ask.asked_of, ask.deputy) if u and not await is_away(work, u)]
        if ask.asked_of not in people:
            await ask_deputy(work, case, ask)
        known: dict[str, list[str]] = {Audience.ASKED: people}
        said = describe_ask(ask)
        reminder = get_reminder(says, "ask_waits")
        await effects.queue_reminder(
            work, case, reminder, said, known=known, priority=effects.NUDGE
        )
        return
    await ask_deputy(work, case, ask)
    said = {**describe_ask(ask), "user": ask.asked_of, "stands_in": ask.deputy or ""}
    await effects.queue_reminder(
        work, case, get_reminder(says, "ask_unanswered"), said,
        known={Audience.AUTHOR: (ask.asked_by,)}, priority=effects.NUDGE,
    )  # fmt: skip
    await refresh_card(work, case)

"""Executives: brought in by a flag, asked for the decisions that only they can take.

A question (``Ask``) is answered once, by the person who was asked. No answer allows money: that is
approved as a concession (``bot/concessions``). An unanswered question opens a restricted case to
the person who was asked, until they answer.
"""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from bot import effects
from bot.cases.open import bring_in
from bot.cases.restrict import restrict_case
from bot.core import notify
from bot.core.access import on_case
from bot.core.steps import authorize_case, refresh_card, require_status
from bot.customers.approval import lapse_approvals
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Clean,
    Hidden,
    OnCase,
    OptionalText,
    SlackUser,
    Text,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.people.told import note_told
from bot.rules.policy.model import MatrixEvent
from bot.rules.words import EXECUTIVE_TRIGGERS, AskMeaning, Trigger
from storage.models import Ask


class ExecutiveFlag(OnCase):
    """Bring in executives; ``trigger`` is one of ``EXECUTIVE_TRIGGERS``.

    ``reason`` is what executives read, and stays with the case (``executive_reason``).
    """

    verb: ClassVar[str] = "executive_flag"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    trigger: Trigger
    reason: Text


class AskExecutive(OnCase):
    """Ask an executive for a decision that only they can take.

    A yes allows no money, whatever is asked. ``meaning`` is only of requests of before concessions:
    those that asked for an offer are refused.
    """

    verb: ClassVar[str] = "ask_executive"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    user: SlackUser
    question: Annotated[str, Clean, StringConstraints(min_length=1, max_length=300)]
    meaning: Hidden[AskMeaning] = AskMeaning.DECISION


class AnswerAsk(OnCase):
    """An executive's decision on what they were asked.

    ``ask`` is the question's id, ``approve`` the button that was pressed.
    """

    verb: ClassVar[str] = "answer_ask"
    ask: Hidden[int]
    approve: Hidden[bool]
    remark: OptionalText = ""


async def flag_for_executives(work: UnitOfWork, intent: ExecutiveFlag) -> Answer | None:
    """Bring executives in; a legal threat also restricts the case from now on.

    A flagged case can be flagged again only for its first legal threat. Such a threat voids the
    approvals that were asked for or given before: Legal has not agreed to them. Executives read
    ``notice:executive_alert``, all others in the policy's matrix ``notice:executive_flag``:
    ``trigger``, ``sensitive``, ``reason``, ``by``. Raises UserError ``wrong_status``,
    ``not_for_executives``, ``already_flagged``.
    """
    case = await authorize_case(work, intent.case, "executive_flag")
    require_status(case, "executive_flag")
    if intent.trigger not in EXECUTIVE_TRIGGERS:
        raise UserError("not_for_executives", trigger=intent.trigger.value)
    legal = intent.trigger is Trigger.LEGAL
    threat = legal and not case.legal
    if case.executive and not threat:
        raise UserError("already_flagged")
    before = {"executive": case.executive, "sensitive": case.sensitive}
    case.executive, case.executive_reason = True, intent.reason
    case.legal = case.legal or legal
    given = await bring_in(work, case, legal=legal)
    if threat:
        await lapse_approvals(work, case)
    if legal and not case.sensitive:
        await restrict_case(work, case)
    said = {"trigger": intent.trigger.value, "sensitive": case.sensitive}
    after = {"executive": True, **said, "roles": {r.value: u for r, u in given.items()}}
    work.note(case, "executive_flag", before=before, after=after, why=intent.reason)
    extra = {**said, "reason": intent.reason, "by": work.actor.user_id}
    await effects.queue_invite(work, case, given.values())
    await effects.queue_post(work, case, "notice:executive_flag", extra)
    events = [MatrixEvent.EXECUTIVE_FLAG, *([MatrixEvent.LEGAL_FLAG] if legal else [])]
    people = await notify.find_audience(work, case, *events)
    above = {u: h for u, h in people.items() if h.role in notify.EXECUTIVES}
    beside = {u: h for u, h in people.items() if u not in above}
    why = {"reason": intent.reason, "trigger": intent.trigger.value}
    for user, hears in above.items():
        note_told(work, case, user, hears.role, hears.notice)
        await notify.tell_audience(
            work, case, "executive_alert", {user: hears}, why | {"reader": user}
        )
    await notify.tell_audience(work, case, "executive_flag", beside, extra)
    await refresh_card(work, case)
    return None


async def ask_executive(work: UnitOfWork, intent: AskExecutive) -> Answer | None:
    """Ask a person for a decision; it stays on the card until they answer.

    Timeline ``ask_executive``: ``ask`` (id) and ``user``; the question is the why. Raises UserError
    ``wrong_status``, ``ask_of_yourself``, ``ask_for_concession``.
    """
    case = await authorize_case(work, intent.case, "ask_executive")
    require_status(case, "ask_executive")
    if intent.user == work.actor.user_id:
        raise UserError("ask_of_yourself")
    if intent.meaning is AskMeaning.OFFER:
        raise UserError("ask_for_concession")
    ask = Ask(
        case_number=case.number,
        asked_of=intent.user,
        asked_by=work.actor.user_id,
        question=intent.question,
        asked_at=work.now,
    )
    work.session.add(ask)
    await work.session.flush()
    said = {"ask": ask.id, "user": ask.asked_of}
    work.note(case, "ask_executive", after=said, why=ask.question)
    extra = {"ask": ask.id, "question": ask.question, "by": ask.asked_by}
    await effects.queue_dm(work, ask.asked_of, "notice:ask_executive", case, extra)
    await refresh_card(work, case)
    return None


async def answer_ask(work: UnitOfWork, intent: AnswerAsk) -> Answer | None:
    """Record the decision of the one who was asked; the channel hears of it.

    The one who asked gets a DM only where they are no longer on the case. A question of before
    concessions that was one of money can only be declined. ``ask.answer`` is ``approve`` or
    ``decline``; timeline ``answer_ask``: ``ask``, ``answer``. Raises UserError ``no_such_ask``,
    ``not_asked_of_you``, ``ask_answered``, ``ask_for_concession``.
    """
    case = await authorize_case(work, intent.case, "answer_ask")
    ask = await work.session.get(Ask, intent.ask)
    if ask is None or ask.case_number != case.number:
        raise UserError("no_such_ask")
    if ask.asked_of != work.actor.user_id:
        raise UserError("not_asked_of_you", user=ask.asked_of)
    if ask.answer is not None:
        raise UserError("ask_answered", answer=ask.answer)
    if intent.approve and ask.meaning == AskMeaning.OFFER:
        raise UserError("ask_for_concession")
    ask.answer = "approve" if intent.approve else "decline"
    ask.remark, ask.answered_at = intent.remark, work.now
    work.session.add(ask)
    said = {"ask": ask.id, "answer": ask.answer}
    work.note(case, "answer_ask", after=said, why=intent.remark)
    extra = {
        "ask": ask.id, "answer": ask.answer, "question": ask.question, "remark": ask.remark,
        "by": ask.asked_of,
    }  # fmt: skip
    await effects.queue_post(work, case, "notice:ask_answered", extra)
    if not await on_case(work.session, case, ask.asked_by):  # who is, is named in the channel
        await effects.queue_dm(work, ask.asked_by, "notice:ask_answered", case, extra)
    await refresh_card(work, case)
    return None

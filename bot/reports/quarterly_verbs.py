"""What people do with a quarterly review: answer, write and decide.

How a decision ends is in ``bot/reports/quarterly_ends.py``.
"""

from datetime import datetime
from typing import ClassVar

from pydantic import Field
from sqlmodel import col, select

from bot import effects
from bot.core.access import require_permission
from bot.core.steps import as_utc
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Future,
    Hidden,
    Intent,
    LocalDate,
    OptionalText,
    SlackUser,
    Text,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.reports.quarterly import AFTER, describe_decision, describe_review
from bot.reports.quarterly_ends import (
    EndQuarterDecision,
    VerifyQuarterDecision,
    end_quarter_decision,
    verify_quarter_decision,
)
from bot.rules.daily_times import next_action_reminder
from bot.rules.local_time import local_day
from bot.rules.prose.vague_actions import is_vague
from bot.rules.reports.quarterly import missing_parts
from bot.rules.states import PostmortemStep, Prevention
from storage.models import QuarterDecision, QuarterlyReview


class AnswerQuarterlyReview(Intent):
    """Say whether one comes to the review; the last answer counts.

    Attributes:
        review: The id that the invitation's button carries.
        coming: Whether they come; another time of the meeting forgets it.

    """

    verb: ClassVar[str] = "answer_quarterly_review"
    review: Hidden[int]
    coming: Hidden[bool]


class WriteQuarterlyReview(Intent):
    """What the business could do so that it does not happen again, in four parts.

    ``at`` is another time for the meeting. ``step`` says whether it is written on later, or held.

    Attributes:
        seen: When what the form opened with was saved, ISO 8601; what was saved later is not
            replaced. Empty: whatever there is, is replaced.
        product: What the product could do, or why nothing; so the three that follow.
        training: What people could learn.
        process: How we could work.
        documentation: What could be written down, for customers or for us.

    """

    verb: ClassVar[str] = "write_quarterly_review"
    review: Hidden[int]
    seen: Hidden[str] = Field(default="", max_length=40)
    product: OptionalText = ""
    training: OptionalText = ""
    process: OptionalText = ""
    documentation: OptionalText = ""
    at: Future[datetime | None] = None
    step: PostmortemStep = PostmortemStep.SAVED


class DecideQuarter(Intent):
    """Something is decided in the review, with one owner and a day.

    Attributes:
        decision: What will be different, in words that say what to do.
        owner: Who sees to it; they need no role, and hear of it at once.
        due: The day until which it is done, by the organisation's calendar.

    """

    verb: ClassVar[str] = "decide_quarter"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    review: Hidden[int]
    decision: Text
    owner: SlackUser
    due: Future[LocalDate]


async def answer_quarterly_review(work: UnitOfWork, intent: AnswerQuarterlyReview) -> Answer | None:
    """Keep the answer of an invited person. Raises UserError ``no_such_quarter``, ``quarter_held``,
    ``not_invited_quarter``.
    """
    await require_permission(work, None, intent.verb)
    row = await _lock(work, intent.review)
    me = work.actor.user_id
    if me not in row.invited["users"]:
        raise UserError("not_invited_quarter")
    yes, no = ([user for user in row.invited[answer] if user != me] for answer in ("yes", "no"))
    (yes if intent.coming else no).append(me)
    row.invited = {**row.invited, "yes": yes, "no": no}
    work.session.add(row)
    said = await describe_review(work.session, row)
    return Answer(text=f"quarterly:{'comes' if intent.coming else 'comes_not'}", extra=said)


async def write_quarterly_review(work: UnitOfWork, intent: WriteQuarterlyReview) -> Answer | None:
    """Save the parts; held, they must be complete, and the invited are told what came of it.

    Another time invites anew. Raises UserError ``no_such_quarter``, ``quarter_held``,
    ``quarter_parts_missing``, ``meeting_in_past``, ``quarter_changed`` (``user``).
    """
    await require_permission(work, None, intent.verb)
    row = await _lock(work, intent.review)
    changed = row.saved_at or row.made_at
    if intent.seen and changed and intent.seen != changed.isoformat():
        raise UserError("quarter_changed", user=row.saved_by)
    parts = {part: getattr(intent, part.value) for part in Prevention}
    if intent.step is PostmortemStep.REVIEWED and missing_parts(parts):
        raise UserError("quarter_parts_missing")
    row.findings = {part.value: text for part, text in parts.items()}
    row.saved_by, row.saved_at = work.actor.user_id, work.now
    moved = intent.at is not None and as_utc(intent.at) != row.meets_at
    if intent.at is not None and moved:
        _move(work, row, as_utc(intent.at))
    held = intent.step is PostmortemStep.REVIEWED
    if held:
        row.held_by, row.held_at, row.next_at = work.actor.user_id, work.now, None
    work.session.add(row)
    said = await describe_review(work.session, row)
    for user in row.invited["users"] if held or moved else ():
        if user != work.actor.user_id:
            text = "quarterly:held" if held else "quarterly:moved"
            more = {"by": row.saved_by, "findings": row.findings}
            await effects.queue_dm(work, user, text, None, {**said, **more})
    return Answer(text=f"quarterly:{'held_noted' if held else 'saved'}", extra=said)


def _move(work: UnitOfWork, row: QuarterlyReview, at: datetime) -> None:
    """Another time for the meeting: everybody is asked anew, but a yes of who sets it stays.

    Raises ``meeting_in_past``.
    """
    if at <= work.now:
        raise UserError("meeting_in_past")
    row.meets_at, row.next_at = at, at + AFTER
    mine = [user for user in row.invited["yes"] if user == work.actor.user_id]
    row.invited = {**row.invited, "yes": mine, "no": []}


async def decide_quarter(work: UnitOfWork, intent: DecideQuarter) -> Answer | None:
    """Keep the decision and tell its owner, who is reminded of it as of an action item.

    After the review was held it may still be added. Raises UserError ``no_such_quarter``,
    ``due_in_past``, ``vague_action`` (``title``).
    """
    await require_permission(work, None, intent.verb)
    review = await _lock(work, intent.review, held=True)
    if intent.due < local_day(work.now, work.policy.timezone):
        raise UserError("due_in_past")
    if is_vague(intent.decision):
        raise UserError("vague_action", title=intent.decision)
    row = QuarterDecision(
        review=review.id,
        decision=intent.decision,
        owner=intent.owner,
        due=intent.due,
        created_by=work.actor.user_id,
        created_at=work.now,
        next_at=next_action_reminder(intent.due, work.now, work.policy),
    )
    work.session.add(row)
    await work.session.flush()
    said = await describe_decision(work.session, row)
    if row.owner != work.actor.user_id:
        await effects.queue_dm(work, row.owner, "quarterly:decided", None, said)
    return Answer(text="quarterly:decision_noted", extra=said)


async def _lock(work: UnitOfWork, review: int, *, held: bool = False) -> QuarterlyReview:
    """The review, locked; one that is not prepared yet is none.

    ``held``: it may be held by now. Raises UserError ``no_such_quarter``, ``quarter_held``.
    """
    query = select(QuarterlyReview).where(col(QuarterlyReview.id) == review).with_for_update()
    row = (await work.session.exec(query)).one_or_none()
    if row is None or row.made_at is None:
        raise UserError("no_such_quarter")
    if row.held_at is not None and not held:
        raise UserError("quarter_held")
    return row


QUARTERLY_VERBS = (
    (AnswerQuarterlyReview, answer_quarterly_review),
    (WriteQuarterlyReview, write_quarterly_review),
    (DecideQuarter, decide_quarter),
    (EndQuarterDecision, end_quarter_decision),
    (VerifyQuarterDecision, verify_quarter_decision),
)

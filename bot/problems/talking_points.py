"""Talking points: written by one, approved by another, pushed to agents, withdrawn when wrong."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlmodel import col, func, select

from bot import effects
from bot.core.access import require
from bot.core.steps import utc
from bot.customers import authority
from bot.engine.inbox import Answer
from bot.engine.intent import Future, Hidden, OptionalText, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.problems import effects as problem_effects
from bot.problems.steps import OnProblem, answered, held, note
from bot.rules.states import ApprovalState
from bot.rules.tone.lint import Rule, Setting, stops
from bot.rules.words import Language
from storage.models import PointsPost, PointsReader, Problem, TalkingPoints

REMIND_AFTER = (timedelta(hours=2), timedelta(hours=24))  # since they were pushed, then no more
REMINDED_MAX = 100  # people reminded at once; more are a channel that agents share with others


class ProposePoints(OnProblem):
    """What agents say, do not say, and answer, until when."""

    verb: ClassVar[str] = "propose_points"
    say: Text
    dont_say: OptionalText = ""
    questions: OptionalText = ""
    expires_at: Future[datetime]


class AnswerPoints(OnProblem):
    """An approver's word on talking points."""

    verb: ClassVar[str] = "answer_points"
    points: Hidden[int]
    approve: Hidden[bool]
    remark: OptionalText = ""


class WithdrawPoints(OnProblem):
    """Talking points no longer hold."""

    verb: ClassVar[str] = "withdraw_points"
    points: Hidden[int]
    reason: Text


class ReadPoints(OnProblem):
    """Somebody read the talking points."""

    verb: ClassVar[str] = "read_points"
    points: Hidden[int]


async def propose_points(work: UnitOfWork, intent: ProposePoints) -> Answer | None:
    """Store a version and ask somebody else to approve it.

    Raises UserError ``no_agent_channels``, ``expires_in_past``, ``points_stop``, ``no_approver``.
    """
    await require(work, None, "propose_points")
    if not work.policy.agent_channels:
        raise UserError("no_agent_channels")
    problem = await held(work, intent.problem)
    ends = utc(intent.expires_at)
    if ends <= work.now:
        raise UserError("expires_in_past")
    _must_be_sayable(f"{intent.say}\n{intent.questions}")
    people = await authority.approvers(work.session, work.policy, work.actor.user_id)
    if not people:
        raise UserError("no_approver_of_words")
    for older in await _of(work, problem, ApprovalState.PROPOSED):
        older.state = ApprovalState.RETURNED
        work.session.add(older)
    newest = select(func.max(TalkingPoints.version)).where(
        col(TalkingPoints.problem) == problem.number
    )
    row = TalkingPoints(
        problem=problem.number,
        version=1 + ((await work.session.exec(newest)).one() or 0),
        say=intent.say,
        dont_say=intent.dont_say,
        questions=intent.questions,
        scope=problem.scope,
        expires_at=ends,
        author=work.actor.user_id,
        asked_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    note(work, problem, "propose_points", version=row.version)
    for user in people:
        await problem_effects.dm(work, user, problem, "problem:points_asked", _shown(row))
    await problem_effects.refresh(work, problem)
    return answered("points_wait", problem, version=row.version, people=list(people))


def _must_be_sayable(text: str) -> None:
    """Refuse to have agents promise money or tell a secret."""
    for language in Language:
        for finding in stops(text, Setting(language, letter=False)):
            if finding.rule is Rule.CONCESSION:
                raise UserError("tone_concession_many", quote=finding.quote)
            if finding.rule is Rule.SECRET:
                raise UserError("tone_secret", quote=finding.quote)


async def answer_points(work: UnitOfWork, intent: AnswerPoints) -> Answer | None:
    """Approve: they are pushed, in place of those before. Or return with a remark."""
    await require(work, None, "answer_points")
    problem = await held(work, intent.problem)
    row = await _row(work, problem, intent.points)
    if row.author == work.actor.user_id:
        raise UserError("own_points")
    if work.actor.user_id not in await authority.approvers(work.session, work.policy, row.author):
        raise UserError("not_your_role", verb="answer_points")
    if row.state != ApprovalState.PROPOSED:
        raise UserError("points_answered")
    if not intent.approve and not intent.remark:
        raise UserError("return_needs_remark")
    row.state = ApprovalState.APPROVED if intent.approve else ApprovalState.RETURNED
    row.approver, row.remark, row.answered_at = work.actor.user_id, intent.remark, work.now
    work.session.add(row)
    note(work, problem, "answer_points", intent.remark, version=row.version, approve=intent.approve)
    if intent.approve:
        for older in await _of(work, problem, ApprovalState.APPROVED):
            if older.id != row.id:
                await end(work, problem, older, ApprovalState.WITHDRAWN, "", by=work.actor.user_id)
        _push(work, row)
    extra = {"version": row.version, "approve": intent.approve, "remark": intent.remark}
    told = {**extra, "by": work.actor.user_id}
    await problem_effects.dm(work, row.author, problem, "problem:points_answered", told)
    await problem_effects.refresh(work, problem)
    return answered("points_noted", problem, **told)


def _push(work: UnitOfWork, row: TalkingPoints) -> None:
    for channel in work.policy.agent_channels:
        work.leave(
            "points_push",
            f"points:{channel}",
            {"problem": row.problem, "points": row.id, "channel": channel},
            priority=effects.INTERACTIVE,
        )
    row.next_at = min(work.now + REMIND_AFTER[0], row.expires_at)
    work.session.add(row)


async def withdraw_points(work: UnitOfWork, intent: WithdrawPoints) -> Answer | None:
    """Take them back, everywhere they stand."""
    await require(work, None, "withdraw_points")
    problem = await held(work, intent.problem, must_be_open=False)
    row = await _row(work, problem, intent.points)
    if row.state != ApprovalState.APPROVED:
        raise UserError("points_not_in_use")
    await end(work, problem, row, ApprovalState.WITHDRAWN, intent.reason, by=work.actor.user_id)
    await problem_effects.refresh(work, problem)
    return answered("points_withdrawn", problem, version=row.version)


async def read_points(work: UnitOfWork, intent: ReadPoints) -> Answer | None:
    """A receipt; pressed twice it says the same."""
    await require(work, None, "read_points")
    problem = await held(work, intent.problem, must_be_open=False)
    row = await _row(work, problem, intent.points)
    key = (row.id, work.actor.user_id)
    reader = await work.session.get(PointsReader, key) or PointsReader(
        points=row.id, user_id=work.actor.user_id
    )
    reader.read_at = reader.read_at or work.now
    work.session.add(reader)
    await work.session.flush()
    await problem_effects.refresh(work, problem)
    return answered(
        "points_read", problem, version=row.version, ended=row.state != ApprovalState.APPROVED
    )


async def scope_changed(work: UnitOfWork, problem: Problem) -> int | None:
    """What agents were told is no longer so; answers the version that was withdrawn."""
    ended = None
    for row in await _of(work, problem, ApprovalState.APPROVED, ApprovalState.PROPOSED):
        ended = row.version if row.state == ApprovalState.APPROVED else ended
        await end(work, problem, row, ApprovalState.WITHDRAWN, "", by=work.actor.user_id)
    return ended


async def end(
    work: UnitOfWork,
    problem: Problem,
    row: TalkingPoints,
    state: ApprovalState,
    why: str,
    *,
    by: str | None,
) -> None:
    """The points no longer hold: their messages are struck through."""
    row.state, row.ended_by, row.ended_why, row.ended_at = state, by, why, work.now
    row.next_at = None
    work.session.add(row)
    note(work, problem, f"points_{state}", why, version=row.version)
    query = select(PointsPost).where(col(PointsPost.points) == row.id)
    known = {post.channel for post in (await work.session.exec(query)).all()}
    # A push that is still under way is ended by the row behind it in its lane.
    for channel in sorted({*known, *work.policy.agent_channels}):
        payload = {"problem": row.problem, "points": row.id, "channel": channel}
        work.leave("points_end", f"points:{channel}", payload, priority=effects.INTERACTIVE)


async def due(work: UnitOfWork, problem: Problem, row: TalkingPoints) -> None:
    """Their time has come: they expire, or those who have not read them are reminded."""
    if row.expires_at <= work.now:
        await end(work, problem, row, ApprovalState.EXPIRED, "", by=None)
        extra = {"version": row.version}
        await problem_effects.dm(work, row.author, problem, "problem:points_expired", extra)
        await problem_effects.refresh(work, problem)
        return
    pushed = row.answered_at or work.now
    row.reminded += 1
    later = REMIND_AFTER[row.reminded :][:1]
    row.next_at = min([row.expires_at, *(pushed + span for span in later)])
    work.session.add(row)
    for user in await _unread(work, row):
        extra = {**_shown(row), "last": not later}
        await problem_effects.dm(
            work, user, problem, "problem:points_unread", extra, priority=effects.NUDGE
        )


async def _unread(work: UnitOfWork, row: TalkingPoints) -> Sequence[str]:
    query = select(PointsReader.user_id).where(
        col(PointsReader.points) == row.id, col(PointsReader.read_at).is_(None)
    )
    found = await work.session.exec(query.order_by(col(PointsReader.user_id)).limit(REMINDED_MAX))
    return found.all()


async def _of(
    work: UnitOfWork, problem: Problem, *states: ApprovalState
) -> Sequence[TalkingPoints]:
    query = select(TalkingPoints).where(
        col(TalkingPoints.problem) == problem.number, col(TalkingPoints.state).in_(states)
    )
    return (await work.session.exec(query.order_by(col(TalkingPoints.id)))).all()


async def _row(work: UnitOfWork, problem: Problem, number: int) -> TalkingPoints:
    row = await work.session.get(TalkingPoints, number, with_for_update=True)
    if row is None or row.problem != problem.number:
        raise UserError("no_such_points")
    return row


def _shown(row: TalkingPoints) -> dict[str, Any]:
    ends: datetime = row.expires_at
    return {
        "points": row.id,
        "version": row.version,
        "say": row.say,
        "dont_say": row.dont_say,
        "questions": row.questions,
        "scope": row.scope,
        "author": row.author,
        "expires_at": ends.isoformat(),
    }

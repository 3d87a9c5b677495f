"""Talking points: written by one, approved by another, pushed to agents, withdrawn when wrong.

At most one version of a problem is in force. It ends when a newer one is approved, when the
problem's scope changes or the problem is resolved, by hand, or at its own time. The posts are made
and struck through by ``performers``; the agents' channels are the policy's ``agent_channels``.

A version goes from proposed to approved or returned, and from approved to withdrawn or expired. It
is never changed: other words are another version, approved anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from bot import effects
from bot.core import approvals
from bot.core.access import require_permission
from bot.core.steps import as_utc
from bot.customers import authority
from bot.engine.due import Audience, Reminder, find_recipients, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Future, Hidden, OptionalText, Record, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.problems.steps import OnProblem, lock_problem, note_problem, problem_answer
from bot.rules.problems.update_clock import update_calendar
from bot.rules.states import ApprovalState
from bot.rules.tone.lint import Rule, Setting, find_stops
from bot.rules.words import Language, Severity
from storage.models import PointsPost, PointsReader, Problem, TalkingPoints

# Since they were pushed, or when the hours of the problem's updates open after that; then no more.
REMIND_AFTER = (timedelta(hours=2), timedelta(hours=24))
REMINDED_MAX = 100  # people reminded at once; more are a channel that agents share with others


class ProposePoints(OnProblem):
    """What agents say, do not say, and answer, until when.

    ``questions`` are questions of customers with their answers, as free text.
    """

    verb: ClassVar[str] = "propose_points"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    say: Text
    dont_say: OptionalText = ""
    questions: OptionalText = ""
    expires_at: Future[datetime]


class AnswerPoints(OnProblem):
    """An approver's decision on talking points; a return needs a remark."""

    verb: ClassVar[str] = "answer_points"
    points: Hidden[int]
    approve: Hidden[bool]
    remark: OptionalText = ""


class WithdrawPoints(OnProblem):
    """Talking points no longer hold; ``reason`` is for the record."""

    verb: ClassVar[str] = "withdraw_points"
    recorded_as: ClassVar[str] = "points_withdrawn"
    points: Hidden[int]
    reason: Text


class ReadPoints(OnProblem):
    """The actor has read the talking points."""

    verb: ClassVar[str] = "read_points"
    record: ClassVar[Record] = Record.NONE
    points: Hidden[int]


@dataclass(frozen=True)
class PointsApproval(approvals.Subject[TalkingPoints]):
    """The approval of talking points; a newer proposal takes the place of one that waits.

    One in force stays so until the newer one is approved. The problem's row is locked.
    """

    name: ClassVar[str] = "points"
    model: ClassVar[Any] = TalkingPoints
    replaced: ClassVar[Sequence[ApprovalState]] = (ApprovalState.PROPOSED,)
    replaced_by: ClassVar[ApprovalState] = ApprovalState.RETURNED
    no_approver: ClassVar[str] = "no_approver_of_words"
    problem: Problem

    async def list_approvers(self, author: str) -> Sequence[str]:
        """Those whom the policy names to approve words."""
        return await authority.message_approvers(self.work.session, self.work.policy, author)

    def includes(self, row: TalkingPoints) -> bool:
        """True for talking points about this problem."""
        return row.problem == self.problem.number

    def list_earlier(self, row: TalkingPoints) -> Sequence[ColumnElement[bool]]:
        """The condition of every version about the problem, by any author."""
        return (col(TalkingPoints.problem) == row.problem,)

    async def after_proposal(self, row: TalkingPoints) -> None:
        """Note the version in the problem's record."""
        note_problem(self.work, self.problem, "propose_points", version=row.version)

    async def ask_approver(self, user: str, row: TalkingPoints) -> None:
        """DM an approver the talking points, with the keys of ``_shown``."""
        await self._tell(user, "problem:points_asked", _shown(row))

    async def after_decision(self, row: TalkingPoints, until: datetime | None) -> None:
        """Push approved points to the agents, and withdraw those that were in force before."""
        approve = row.state == ApprovalState.APPROVED
        said = {"version": row.version, "approve": approve}
        note_problem(self.work, self.problem, "answer_points", row.remark, **said)
        if approve:
            for older in await _of(self.work, self.problem, ApprovalState.APPROVED):
                if older.id != row.id:
                    await _withdraw(self, older)
            _push(self.work, self.problem, row)

    async def tell_author(self, row: TalkingPoints) -> None:
        """Tell the author the decision, by DM."""
        await self._tell(row.author, "problem:points_answered", _decided(row))

    async def after_end(self, row: TalkingPoints) -> None:
        """Strike the posts through, everywhere they stand; the record names version and reason."""
        row.next_at = None
        note_problem(
            self.work, self.problem, f"points_{row.state}", row.ended_why, version=row.version
        )
        await _strike(self.work, row)

    async def _tell(self, user: str, text: str, extra: Mapping[str, Any]) -> None:
        await effects.queue_dm(self.work, user, text, self.problem, extra)


def _decided(row: TalkingPoints) -> dict[str, Any]:
    return {"version": row.version, **approvals.describe_decision(row)}


async def propose_points(work: UnitOfWork, intent: ProposePoints) -> Answer | None:
    """Store a version and ask another person to approve it.

    Versions count from 1 within the problem, whatever became of them. The scope of now is stored
    along. Raises UserError ``no_agent_channels``, ``expires_in_past``, ``no_approver_of_words``,
    and ``tone_concession_many`` or ``tone_secret`` for what agents must not say.
    """
    await require_permission(work, None, "propose_points")
    if not work.policy.agent_channels:
        raise UserError("no_agent_channels")
    problem = await lock_problem(work, intent.problem)
    ends = as_utc(intent.expires_at)
    if ends <= work.now:
        raise UserError("expires_in_past")
    _must_be_sayable(f"{intent.say}\n{intent.questions}")
    row = TalkingPoints(
        problem=problem.number,
        version=await _next_version(work, problem),
        say=intent.say,
        dont_say=intent.dont_say,
        questions=intent.questions,
        scope=problem.scope,
        expires_at=ends,
        author=work.actor.user_id,
        asked_at=work.now,
    )
    people = await approvals.propose_row(PointsApproval(work, problem), row)
    await effects.queue_card(work, problem)
    return problem_answer("points_wait", problem, version=row.version, people=list(people))


async def _next_version(work: UnitOfWork, problem: Problem) -> int:
    """One more than the newest version of the problem, 1 for its first. The problem is locked."""
    newest = select(func.max(TalkingPoints.version)).where(
        col(TalkingPoints.problem) == problem.number
    )
    return 1 + ((await work.session.exec(newest)).one() or 0)


def _must_be_sayable(text: str) -> None:
    """Refuse to have agents promise money or tell a secret, in any language that there is.

    What agents are told not to say is not checked. Raises UserError as ``propose_points``.
    """
    for language in Language:
        for finding in find_stops(text, Setting(language, letter=False)):
            if finding.rule is Rule.CONCESSION:
                raise UserError("tone_concession_many", quote=finding.quote)
            if finding.rule is Rule.SECRET:
                raise UserError("tone_secret", quote=finding.quote)


async def answer_points(work: UnitOfWork, intent: AnswerPoints) -> Answer | None:
    """Approve: they are pushed, in place of those before. Or return with a remark.

    Raises UserError as ``decide_row`` does.
    """
    await require_permission(work, None, "answer_points")
    problem = await lock_problem(work, intent.problem)
    row = await approvals.decide_row(
        PointsApproval(work, problem), intent.points, approve=intent.approve, remark=intent.remark
    )
    await effects.queue_card(work, problem)
    return problem_answer("points_noted", problem, **_decided(row))


def _push(work: UnitOfWork, problem: Problem, row: TalkingPoints) -> None:
    """Queue a post for each agent channel, and set the first reminder.

    The push and the end of points share the channel's lane, ``points:<channel>``.
    """
    for channel in work.policy.agent_channels:
        work.leave(
            "points_push",
            f"points:{channel}",
            {"problem": row.problem, "points": row.id, "channel": channel},
            priority=effects.INTERACTIVE,
        )
    row.next_at = min(_remind_at(work, problem, work.now + REMIND_AFTER[0]), row.expires_at)
    work.session.add(row)
    # Who wrote them has read them.
    work.session.add(PointsReader(points=row.id, user_id=row.author, read_at=work.now))


def _remind_at(work: UnitOfWork, problem: Problem, at: datetime) -> datetime:
    """The first instant from ``at`` on in the hours in which the problem's updates are owed."""
    return update_calendar(work.policy, Severity(problem.severity)).next_open(at)


async def withdraw_points(work: UnitOfWork, intent: WithdrawPoints) -> Answer | None:
    """Take talking points back, everywhere they stand; also those of a resolved problem.

    Raises UserError as ``withdraw_row`` does.
    """
    await require_permission(work, None, "withdraw_points")
    problem = await lock_problem(work, intent.problem, must_be_open=False)
    subject = PointsApproval(work, problem)
    row = await approvals.withdraw_row(subject, intent.points, intent.reason)
    await effects.queue_card(work, problem)
    return problem_answer("points_withdrawn", problem, version=row.version)


async def read_points(work: UnitOfWork, intent: ReadPoints) -> Answer | None:
    """Record that the actor has read them; pressed again, the first time stays.

    A person who was not listed as a reader becomes one. The answer's ``ended`` is True for points
    that no longer hold. Raises UserError ``no_such_points``.
    """
    await require_permission(work, None, "read_points")
    problem = await lock_problem(work, intent.problem, must_be_open=False)
    row = await approvals.load_row(PointsApproval(work, problem), intent.points)
    key = (row.id, work.actor.user_id)
    reader = await work.session.get(PointsReader, key) or PointsReader(
        points=row.id, user_id=work.actor.user_id
    )
    reader.read_at = reader.read_at or work.now
    work.session.add(reader)
    await work.session.flush()
    await effects.queue_card(work, problem)
    return problem_answer(
        "points_read", problem, version=row.version, ended=row.state != ApprovalState.APPROVED
    )


async def scope_changed(work: UnitOfWork, problem: Problem) -> int | None:
    """Withdraw what is in force or waits, since what agents were told is no longer so.

    Answers the version that was in force, None without one. The author is not told by this.
    """
    ended = None
    for row in await _of(work, problem, ApprovalState.APPROVED, ApprovalState.PROPOSED):
        ended = row.version if row.state == ApprovalState.APPROVED else ended
        await _withdraw(PointsApproval(work, problem), row)
    return ended


async def _withdraw(subject: PointsApproval, row: TalkingPoints) -> None:
    by = subject.work.actor.user_id
    await approvals.end_row(subject, row, ApprovalState.WITHDRAWN, by=by)


async def _strike(work: UnitOfWork, row: TalkingPoints) -> None:
    """Queue the end of the posts: in every channel pushed to, and in those of the policy now.

    A push that is still under way has not stored its post yet; the row behind it in its lane finds
    it.
    """
    query = select(PointsPost).where(col(PointsPost.points) == row.id)
    known = {post.channel for post in (await work.session.exec(query)).all()}
    # A push that is still under way is ended by the row behind it in its lane.
    for channel in sorted({*known, *work.policy.agent_channels}):
        payload = {"problem": row.problem, "points": row.id, "channel": channel}
        work.leave("points_end", f"points:{channel}", payload, priority=effects.INTERACTIVE)


async def end_or_remind(
    work: UnitOfWork, problem: Problem, row: TalkingPoints, says: Sequence[Reminder]
) -> None:
    """End points that expired, or remind those who have not read them.

    Reminders come 2 and 24 hours after the approval (``REMIND_AFTER``), in open hours. ``next_at``
    is moved on in each case, so the sweep takes the row again only then. The points' row is locked.
    """
    if row.expires_at <= work.now:
        subject = PointsApproval(work, problem)
        await approvals.end_row(subject, row, ApprovalState.EXPIRED, by=None)
        await _remind(
            work, problem, row, get_reminder(says, "points_expired"), {"version": row.version}
        )
        await effects.queue_card(work, problem)
        return
    pushed = row.answered_at or work.now
    row.reminded += 1
    later = REMIND_AFTER[row.reminded :][:1]
    again = (_remind_at(work, problem, max(pushed + span, work.now)) for span in later)
    row.next_at = min([row.expires_at, *again])
    work.session.add(row)
    extra = {**_shown(row), "last": not later}
    await _remind(work, problem, row, get_reminder(says, "points_unread"), extra, effects.NUDGE)


async def _remind(
    work: UnitOfWork,
    problem: Problem,
    row: TalkingPoints,
    reminder: Reminder,
    extra: Mapping[str, Any],
    priority: int = effects.INTERACTIVE,
) -> None:
    """DM those whom the reminder names: the author, or the unread, at most ``REMINDED_MAX``.

    An author hears of the end of their points with ``version`` alone in ``extra``; the unread get
    the points themselves (``_shown``) and ``last``, true when no further reminder follows.
    """
    known: dict[str, Sequence[str]] = {Audience.AUTHOR: (row.author,)}
    if Audience.UNREAD in reminder.who:
        known[Audience.UNREAD] = await _unread(work, row)
    for user in find_recipients(reminder.who, known, work.policy.roles):
        await effects.queue_dm(work, user, reminder.template, problem, extra, priority=priority)


async def _unread(work: UnitOfWork, row: TalkingPoints) -> Sequence[str]:
    """User ids of readers who have not pressed "Read", in alphabetical order.

    At most ``REMINDED_MAX``; the readers after those are not reminded.
    """
    query = select(PointsReader.user_id).where(
        col(PointsReader.points) == row.id, col(PointsReader.read_at).is_(None)
    )
    found = await work.session.exec(query.order_by(col(PointsReader.user_id)).limit(REMINDED_MAX))
    return found.all()


async def _of(
    work: UnitOfWork, problem: Problem, *states: ApprovalState
) -> Sequence[TalkingPoints]:
    """The problem's versions in these states, oldest first; not locked by this."""
    query = select(TalkingPoints).where(
        col(TalkingPoints.problem) == problem.number, col(TalkingPoints.state).in_(states)
    )
    return (await work.session.exec(query.order_by(col(TalkingPoints.id)))).all()


def _shown(row: TalkingPoints) -> dict[str, Any]:
    """The points as notices show them.

    As JSON: ``points`` (id), ``version``, ``say``, ``dont_say``, ``questions``, ``scope``,
    ``author``, ``expires_at`` (ISO 8601).
    """
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

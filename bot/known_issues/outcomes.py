"""What becomes of a known issue: it ships, slips, will not be fixed, or turns grave.

Each of the first three is a step that customers have to be told of: ``step`` of the row goes up, so
who was told of an earlier one counts as untold, and what waited for approval becomes void. A step
is taken back as long as no notice of it was sent.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core.access import named_for, require_permission
from bot.core.reactions import KnownIssueChanged, react
from bot.engine.inbox import Answer
from bot.engine.intent import Future, LocalDate, OptionalText, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.known_issues.steps import (
    HeldIssue,
    OnIssue,
    issue_answer,
    lock_issue,
    schedule_question,
    today_here,
)
from bot.problems.snapshot import load_affected
from bot.problems.steps import note_problem, problem_answer, reschedule_update_clock
from bot.rules.problems import update_clock
from bot.rules.states import LIVING, ApprovalState, KnownIssueState, ProblemState
from bot.rules.words import Role, Severity
from storage.models import Broadcast, KnownIssue

GRAVE = Severity.SEV2  # of a problem made by one press; its form changes it


class ShipIssue(OnIssue):
    """The fix is there; ``outcome`` says where, a version for instance."""

    verb: ClassVar[str] = "ship_issue"
    outcome: OptionalText = ""


class SlipIssue(OnIssue):
    """The fix comes on another day; ``outcome`` says why. Also of one that shipped too early."""

    verb: ClassVar[str] = "slip_issue"
    expected_on: Future[LocalDate]
    outcome: OptionalText = ""


class DropIssue(OnIssue):
    """It will not be fixed; ``outcome`` is the reason."""

    verb: ClassVar[str] = "drop_issue"
    outcome: Text


class UndoIssue(OnIssue):
    """The last step was a mistake; no customer has been told of it."""

    verb: ClassVar[str] = "undo_issue"


class IssueToProblem(OnIssue):
    """It turned grave: from now on it is a problem, with a channel and a clock."""

    verb: ClassVar[str] = "issue_to_problem"


async def ship_issue(work: UnitOfWork, intent: ShipIssue) -> Answer | None:
    """Record that the fix shipped. Raises UserError as ``lock_issue`` does."""
    await require_permission(work, None, "ship_issue")
    held = await lock_issue(work, intent.problem)
    return await record_issue_step(work, held, KnownIssueState.SHIPPED, intent.verb, intent.outcome)


async def slip_issue(work: UnitOfWork, intent: SlipIssue) -> Answer | None:
    """Record the new day on which the fix is expected; also where the old one said too much.

    Possible after its end as well: a fix that did not hold is expected anew. Raises UserError
    ``due_in_past``, ``same_day``, and as ``lock_issue`` does.
    """
    await require_permission(work, None, "slip_issue")
    held = await lock_issue(work, intent.problem, waited_for=False)
    if intent.expected_on < today_here(work):
        raise UserError("due_in_past")
    if intent.expected_on == held.issue.expected_on and held.issue.ended_at is None:
        raise UserError("same_day")
    return await record_issue_step(
        work, held, KnownIssueState.SLIPPED, intent.verb, intent.outcome, intent.expected_on
    )


async def drop_issue(work: UnitOfWork, intent: DropIssue) -> Answer | None:
    """Record that it will not be fixed, and why. Raises UserError as ``lock_issue`` does."""
    await require_permission(work, None, "drop_issue")
    held = await lock_issue(work, intent.problem)
    return await record_issue_step(work, held, KnownIssueState.DROPPED, intent.verb, intent.outcome)


async def record_issue_step(
    work: UnitOfWork,
    held: HeldIssue,
    state: KnownIssueState,
    verb: str,
    outcome: str,
    day: date | None = None,
) -> Answer:
    """Give the issue its new state, and keep what stood before.

    The caller has checked that it may be taken. Only one step back is kept. An issue that shipped
    or is dropped gets ``ended_at``; one that slips has none any more, whatever it was before.
    Without ``day`` the expected day stays.

    Record: ``verb`` with ``day`` (ISO 8601) where there is a new one. The answer says how many wait
    to be told (``count``), with the way to write to them; where no one waits, it is
    ``<verb>_none``.
    """
    issue = held.issue
    issue.before = _describe_standing(issue)
    issue.state, issue.outcome = state, outcome
    issue.expected_on = day or issue.expected_on
    issue.ended_at = None if state is KnownIssueState.SLIPPED else work.now
    held.row.step += 1
    schedule_question(work, issue)
    await _void_notices(work, held)
    note_problem(work, held.row, verb, outcome, **({"day": day.isoformat()} if day else {}))
    work.session.add(held.row)
    await work.session.flush()
    await react(work, KnownIssueChanged(held.row, issue))
    waiting = await load_affected(work.session, held.row)
    told = {"day": day.isoformat()} if day else {}
    return issue_answer(verb if waiting else f"{verb}_none", held, count=len(waiting), **told)


def _describe_standing(issue: KnownIssue) -> dict[str, Any]:
    """What taking the step back restores, as JSON.

    ``state`` is a KnownIssueState, ``expected_on`` a date and ``ended`` an instant in ISO 8601,
    each None where there is none, and ``outcome`` what the step before said.
    """
    day, ended = issue.expected_on, issue.ended_at
    return {
        "state": issue.state.value,
        "expected_on": day.isoformat() if day else None,
        "outcome": issue.outcome,
        "ended": ended.isoformat() if ended else None,
    }


async def _void_notices(work: UnitOfWork, held: HeldIssue) -> None:
    """Void what waits or is approved: it tells what is not true any more. Record: a line each.

    Living broadcasts of the issue are locked after its row, those of any step. A notice that was
    sent keeps its state.
    """
    query = select(Broadcast).where(
        col(Broadcast.problem) == held.number, col(Broadcast.state).in_(LIVING)
    )
    for row in (await work.session.exec(query.with_for_update())).all():
        row.state = ApprovalState.VOID
        work.session.add(row)
        note_problem(work, held.row, "void_notice")


async def undo_issue(work: UnitOfWork, intent: UndoIssue) -> Answer | None:
    """Take the last step back, as if it had not been; what was proposed to tell of it is void.

    State, outcome, expected day and end are those of ``before``; ``step`` goes down by one, so
    customers who were told of the earlier step count as told again. The step before it cannot be
    taken back too.

    Raises UserError ``nothing_to_undo``, ``issue_told`` once a notice of the step was sent, and as
    ``lock_issue`` does.
    """
    await require_permission(work, None, "undo_issue")
    held = await lock_issue(work, intent.problem, waited_for=False)
    issue, before = held.issue, held.issue.before
    if not before:
        raise UserError("nothing_to_undo")
    if await _is_told(work, held):
        raise UserError("issue_told")
    issue.state, issue.outcome = KnownIssueState(before["state"]), before["outcome"]
    issue.expected_on = date.fromisoformat(before["expected_on"]) if before["expected_on"] else None
    issue.ended_at = datetime.fromisoformat(before["ended"]) if before["ended"] else None
    issue.before = {}
    held.row.step -= 1
    schedule_question(work, issue)
    await _void_notices(work, held)
    note_problem(work, held.row, "undo_issue")
    work.session.add(held.row)
    await react(work, KnownIssueChanged(held.row, issue))
    return issue_answer("issue_undone", held)


async def _is_told(work: UnitOfWork, held: HeldIssue) -> bool:
    """True once a notice of the last step was sent, to however many."""
    query = select(Broadcast.id).where(
        col(Broadcast.problem) == held.number,
        col(Broadcast.step) == held.row.step,
        col(Broadcast.state) == ApprovalState.SENT,
    )
    return (await work.session.exec(query.limit(1))).first() is not None


async def make_problem(work: UnitOfWork, intent: IssueToProblem) -> Answer | None:
    """Make it a problem under the same number; those who wait are affected by it from now on.

    The actor owns it, as the one who opens a problem does; the owner so far is invited to its
    channel, with those whom the policy names to approve communication. Its severity is ``GRAVE``
    until its form says otherwise, and its first update is due by that from now. Notices that wait
    are void, the question about the expected day is not asked any more, and nothing can be undone.
    Possible after its end too. Raises UserError as ``lock_issue`` does.
    """
    await require_permission(work, None, "issue_to_problem")
    held = await lock_issue(work, intent.problem, waited_for=False)
    row, before = held.row, held.row.owner
    await _void_notices(work, held)
    held.issue.state, held.issue.before = KnownIssueState.PROBLEM, {}
    held.issue.ended_at = work.now
    schedule_question(work, held.issue)
    row.state, row.severity, row.step = ProblemState.OPEN, GRAVE.value, row.step + 1
    row.owner, row.cycle_began_at = work.actor.user_id, work.now
    row.next_update_at = update_clock.next_update_due(work.policy, GRAVE, work.now)
    reschedule_update_clock(work, row)
    note_problem(work, row, "issue_to_problem")
    await react(work, KnownIssueChanged(row, held.issue))
    people = {work.actor.user_id, before, *named_for(work.policy, Role.COMMS_APPROVER)}
    await effects.open_channel(work, row, people)
    return problem_answer("opened", row)

"""Logging a known issue, and changing what is said of it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bot.core.access import require_permission
from bot.core.reactions import KnownIssueChanged, react
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Future,
    Intent,
    Line,
    LocalDate,
    OptionalLine,
    OptionalText,
    Record,
    SlackUser,
)
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
from bot.problems.steps import note_problem
from bot.rules.states import ProblemState
from bot.rules.words import Severity
from storage.models import KnownIssue, Problem


@dataclass(frozen=True, slots=True)
class IssueDraft:
    """What a known issue is logged with; ``owner`` is a user id, by default the actor.

    ``bug`` is the URL or the key of the bug. ``expected_on`` is a day of the organisation.
    """

    title: str
    component: str = ""
    bug: str = ""
    expected_on: date | None = None
    workaround: str = ""
    owner: str = ""


class AddIssue(Intent):
    """Log a minor fault; customers who wait for it are added one by one."""

    verb: ClassVar[str] = "add_issue"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    record: ClassVar[Record] = Record.PROBLEM
    title: Line
    component: OptionalLine = ""
    bug: OptionalLine = ""
    expected_on: Future[LocalDate | None] = None
    workaround: OptionalText = ""
    owner: SlackUser | None = None


class EditIssue(OnIssue):
    """What is said of it now; the form is sent whole, so every field replaces the one before.

    Another ``expected_on`` corrects the day, and no customer is told: that is ``slip_issue``.
    """

    verb: ClassVar[str] = "edit_issue"
    title: Line
    component: OptionalLine = ""
    bug: OptionalLine = ""
    expected_on: date | None = None
    workaround: OptionalText = ""
    owner: SlackUser


async def log_known_issue(work: UnitOfWork, draft: IssueDraft) -> HeldIssue:
    """Store a new known issue, with the row of a problem that it may become; both are held.

    The row has the state KNOWN and, until it turns grave, SEV4; its ``known`` is the workaround. It
    has no channel and no update clock. Record: ``add_issue``. The caller has checked who may do it,
    and commits. Raises UserError ``due_in_past`` for an expected day before today in the policy's
    zone, and as reactions to KnownIssueChanged do for a bug that cannot be linked.
    """
    if draft.expected_on is not None and draft.expected_on < today_here(work):
        raise UserError("due_in_past")
    row = Problem(
        title=draft.title,
        known=draft.workaround,
        severity=Severity.SEV4.value,
        state=ProblemState.KNOWN,
        owner=draft.owner or work.actor.user_id,
        opened_by=work.actor.user_id,
        opened_at=work.now,
        cycle_began_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    issue = KnownIssue(
        number=row.number,
        component=draft.component,
        bug=draft.bug,
        expected_on=draft.expected_on,
        workaround=draft.workaround,
    )
    schedule_question(work, issue)
    await work.session.flush()
    note_problem(work, row, "add_issue")
    await react(work, KnownIssueChanged(row, issue, renamed=bool(issue.bug)))
    return HeldIssue(row, issue)


async def add_issue(work: UnitOfWork, intent: AddIssue) -> Answer | None:
    """Log a minor fault that customers wait for. Raises UserError as ``log_known_issue`` does."""
    await require_permission(work, None, "add_issue")
    draft = IssueDraft(**{**intent.model_dump(), "owner": intent.owner or ""})
    return issue_answer("issue_added", await log_known_issue(work, draft))


async def edit_issue(work: UnitOfWork, intent: EditIssue) -> Answer | None:
    """Change what is said of a known issue that customers wait for.

    The workaround is kept in both rows, as ``known`` and as ``workaround``. Record: ``edit_issue``,
    with ``day`` (ISO 8601) where another day was given; a day that was taken away is not in it. An
    unchanged day that has passed is no error.

    Raises UserError ``no_such_issue``, ``issue_is_problem``, ``issue_ended``, ``due_in_past``
    for another day that has passed, and as ``log_known_issue`` does for another bug.
    """
    await require_permission(work, None, "edit_issue")
    held = await lock_issue(work, intent.problem)
    row, issue = held.row, held.issue
    moved = intent.expected_on != issue.expected_on
    if moved and intent.expected_on is not None and intent.expected_on < today_here(work):
        raise UserError("due_in_past")
    renamed = intent.bug != issue.bug
    reworded = (intent.title, intent.workaround) != (row.title, issue.workaround)
    row.title, row.owner, row.known = intent.title, intent.owner, intent.workaround
    issue.component, issue.bug, issue.workaround = intent.component, intent.bug, intent.workaround
    if moved:
        issue.expected_on = intent.expected_on
        schedule_question(work, issue)
    work.session.add_all((row, issue))
    day = {"day": intent.expected_on.isoformat()} if moved and intent.expected_on else {}
    note_problem(work, row, "edit_issue", **day)
    await react(work, KnownIssueChanged(row, issue, renamed=renamed, reworded=reworded))
    return issue_answer("issue_changed", held)

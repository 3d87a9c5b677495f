"""What every use case about a known issue begins and ends with: the rows, the record, the day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.engine.inbox import Answer
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.problems.steps import OnProblem, lock_problem, problem_answer
from bot.rules import daily_times
from bot.rules.local_time import known_zone, local_day
from bot.rules.problems.known_issues import WAITED_FOR
from bot.rules.states import KnownIssueState
from storage.models import KnownIssue, Problem

ASK_AGAIN = timedelta(days=7)  # after a reminder of a day that has passed


class OnIssue(OnProblem):
    """An intent about one known issue, by its number, which is that of its row as a problem."""


@dataclass(frozen=True, slots=True)
class HeldIssue:
    """A known issue whose row in ``problem`` is locked: ``row`` is that one, ``issue`` the rest."""

    row: Problem
    issue: KnownIssue

    @property
    def number(self) -> int:
        """The number of the known issue, which is that of the problem that it may become."""
        return self.row.number


async def lock_issue(work: UnitOfWork, number: int, *, waited_for: bool = True) -> HeldIssue:
    """The known issue, locked until the transaction ends.

    What is locked is its row in ``problem``; the row of ``KnownIssue`` is read anew under that
    lock. Cases, where any are needed, are locked before. ``waited_for`` is False for what is
    possible after its end too. Permissions are the caller's to check. Raises UserError
    ``no_such_issue``, ``issue_is_problem`` (``problem``: ``PRB-3``), ``issue_ended``.
    """
    found = await work.session.get(KnownIssue, number)
    if found is None:
        raise UserError("no_such_issue")
    row = await lock_problem(work, number, must_be_open=False)
    await work.session.refresh(found)  # as it is under the lock
    if found.state is KnownIssueState.PROBLEM:
        raise UserError("issue_is_problem", problem=f"PRB-{number}")
    if waited_for and found.state not in WAITED_FOR:
        raise UserError("issue_ended")
    return HeldIssue(row, found)


def schedule_question(work: UnitOfWork, issue: KnownIssue) -> None:
    """Store when the owner is asked about the expected day: in the morning after it.

    None once no customer waits for it any more. Needed after each change of day or state.
    """
    issue.remind_at = None
    if issue.state in WAITED_FOR and issue.expected_on is not None:
        issue.remind_at = _morning_after(work, issue.expected_on)
    work.session.add(issue)


def _morning_after(work: UnitOfWork, day: date) -> datetime:
    """The policy's hour for digests on the day after; where that is past, the next morning."""
    zone, hour = work.policy.timezone, work.policy.digest_hour
    ended = datetime.combine(day, datetime.max.time(), known_zone(zone)).astimezone(work.now.tzinfo)
    return daily_times.next_morning(max(ended, work.now), zone, hour)


def today_here(work: UnitOfWork) -> date:
    """The organisation's day, by which expected days have passed or not."""
    return local_day(work.now, work.policy.timezone)


def issue_answer(name: str, held: HeldIssue, **extra: Any) -> Answer:
    """A private answer about the known issue: the text ``problem:<name>`` with JSON ``extra``."""
    return problem_answer(name, held.row, **extra)

"""What time brings to known issues: a day that has passed while customers still wait."""

from collections.abc import Sequence

from bot import effects
from bot.engine.due import Audience, Reminder, find_recipients, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.known_issues.steps import ASK_AGAIN
from bot.rules.problems.known_issues import WAITED_FOR
from storage.models import KnownIssue, Problem


async def ask_about_day(work: UnitOfWork, row: Problem, says: Sequence[Reminder]) -> None:
    """Ask the owner what became of the expected day, and again each week until it is answered.

    ``row`` is locked. The DM ``problem:issue_due`` carries ``day`` (ISO 8601, of the organisation's
    zone). Nothing is said, and nothing is asked again, of an issue that customers no longer wait
    for or that has no expected day; one that is not due yet, or was put off meanwhile, is left as
    it is. A step or another day sets the question anew (``schedule_question``).
    """
    issue = await work.session.get(KnownIssue, row.number)
    if issue is None or issue.remind_at is None or issue.remind_at > work.now:
        return
    issue.remind_at = None
    work.session.add(issue)
    if issue.state not in WAITED_FOR or issue.expected_on is None:
        return
    issue.remind_at = work.now + ASK_AGAIN
    reminder = get_reminder(says, "issue_due")
    extra = {"day": issue.expected_on.isoformat()}
    for user in find_recipients(reminder.who, {Audience.OWNER: (row.owner,)}, {}):
        await effects.queue_dm(work, user, reminder.template, row, extra, priority=effects.NUDGE)

"""What a look at a bug means for a known issue: its day, its step, and a word to its owner.

A fix that shipped, or comes later than expected, is a step of the known issue, taken here as a
person would take it. Its owner hears of it with the way to write to those who wait, and to take the
step back; no customer is told before people have written and approved a notice.
"""

from datetime import date
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.bugs.seen import Sight
from bot.bugs.tracked import linked_issue_numbers
from bot.engine.unit_of_work import UnitOfWork
from bot.known_issues.outcomes import record_issue_step
from bot.known_issues.steps import HeldIssue, schedule_question, today_here
from bot.problems.snapshot import load_affected
from bot.problems.steps import lock_problem, note_problem
from bot.rules.bugs.news import BugNews, day_to_expect
from bot.rules.bugs.state import read_state
from bot.rules.problems.known_issues import WAITED_FOR
from bot.rules.states import KnownIssueState
from storage.models import KnownIssue

# What a change of the bug's day alone tells; it is told by what it means for the expected day.
OF_DAYS = frozenset({BugNews.LATER, BugNews.EARLIER, BugNews.DATED})


async def lock_linked_issues(work: UnitOfWork, key: str) -> list[HeldIssue]:
    """The known issues that are linked to a bug, each locked; those that became problems too."""
    found = []
    for number in await linked_issue_numbers(work.session, key):
        row = await lock_problem(work, number, must_be_open=False)
        issue = await _read_again(work.session, number)
        if issue.bug_key == key:
            found.append(HeldIssue(row, issue))
    return found


async def _read_again(session: AsyncSession, number: int) -> KnownIssue:
    """The known issue as it is under the lock of its row."""
    issue = await session.get_one(KnownIssue, number)
    await session.refresh(issue)
    return issue


async def hear_of_issue_bug(work: UnitOfWork, held: HeldIssue, sight: Sight) -> None:
    """Store what was seen, take the step that it means, and tell the owner once what is new."""
    issue = held.issue
    news = sight.news_after(issue.bug_seen)
    facts = {**sight.facts(issue.bug_key, issue.bug_seen), "was_bug": issue.bug_key}
    told = [BugNews.MOVED] if sight.is_moved(issue.bug_key) else []
    day = _day(work, held, sight)
    issue.bug_seen = sight.to_column(issue.bug_seen)
    if sight.state is not None and told:
        issue.bug = issue.bug_key = sight.state.key
    work.session.add(issue)
    for each in [*told, *await _mean(work, held, news, day, facts)]:
        await _tell(work, held, each, facts)


def _day(work: UnitOfWork, held: HeldIssue, sight: Sight) -> date | None:
    """The day on which it is expected from now on; None where nothing changes that."""
    issue = held.issue
    if sight.state is None or issue.state not in WAITED_FOR:
        return None
    before = read_state(issue.bug_seen)
    return day_to_expect(before, sight.state, issue.expected_on, today_here(work))


async def _mean(
    work: UnitOfWork,
    held: HeldIssue,
    news: BugNews | None,
    day: date | None,
    facts: dict[str, Any],
) -> list[BugNews]:
    """Take the step that the news mean; answers what the owner is told.

    Whether a bug that is done without a repair means that nothing will be repaired is for people:
    they are asked. What a person recorded already is not told again.
    """
    said, told = _outcome(facts), []
    if news is BugNews.SHIPPED and held.issue.state in WAITED_FOR:
        await record_issue_step(work, held, KnownIssueState.SHIPPED, "ship_issue", said)
        return [news]
    if news is not None and _is_told(held.issue, news):
        told.append(news)
    if day is not None:
        told.append(await _expect(work, held, day, said))
    return told


def _is_told(issue: KnownIssue, news: BugNews) -> bool:
    """Whether the owner hears of news that are no step by themselves.

    Of a problem everything is told. Days are told by what they mean for the expected day; of an
    issue that has ended only that its bug was opened again.
    """
    if issue.state is KnownIssueState.PROBLEM or news is BugNews.REOPENED:
        return True
    return issue.state in WAITED_FOR and news not in OF_DAYS


async def _expect(work: UnitOfWork, held: HeldIssue, day: date, said: str) -> BugNews:
    """Expect it on another day: a step where that is later than was said, else a correction."""
    issue = held.issue
    if issue.expected_on is not None and day > issue.expected_on:
        await record_issue_step(work, held, KnownIssueState.SLIPPED, "slip_issue", said, day)
        return BugNews.LATER
    news = BugNews.EARLIER if issue.expected_on else BugNews.DATED
    issue.expected_on = day
    schedule_question(work, issue)
    note_problem(work, held.row, "edit_issue", said, day=day.isoformat())
    return news


def _outcome(facts: dict[str, Any]) -> str:
    """What the step says, in no language: the bug, and its version or its status."""
    return ": ".join(each for each in (facts["bug"], facts["version"] or facts["there"]) if each)


async def _tell(work: UnitOfWork, held: HeldIssue, news: BugNews, facts: dict[str, Any]) -> None:
    """Tell the owner by a direct message, of what became a problem its channel.

    The notice is ``problem:bug_<news>``: the facts of ``Sight.facts``, ``count`` of those who wait,
    ``day`` (ISO 8601) where there is one.
    """
    count = len(await load_affected(work.session, held.row))
    day = {"day": facts["expected"]} if facts["expected"] else {}
    extra = {**facts, **day, "count": count, "ended": held.issue.ended_at is not None}
    if held.issue.state is KnownIssueState.PROBLEM:
        await effects.queue_post(work, held.row, f"problem:bug_{news}", extra)
    else:
        await effects.queue_dm(work, held.row.owner, f"problem:bug_{news}", held.row, extra)

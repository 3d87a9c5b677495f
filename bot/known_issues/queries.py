"""Questions about known issues that change nothing. What they name, all readers may see."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.problems import snapshot
from bot.rules.bugs.state import describe_bug
from bot.rules.local_time import local_day
from bot.rules.problems.known_issues import WAITED_FOR, IssueFacts, order_issue
from bot.rules.states import ApprovalState, KnownIssueState, RecipientState
from storage.models import Affected, Broadcast, BroadcastRecipient, KnownIssue, Problem

LATELY = timedelta(days=30)  # for which an ended one stays in the list
LISTED_MAX = 200  # of a list; more are not read
OWNED_MAX = 20  # in an App Home
HAVE_NOTICE = (RecipientState.QUEUED, RecipientState.DELIVERED, RecipientState.FAILED)


class KnownIssueReading:
    """The store's answers about known issues, each read without locks and as of now.

    "Today" is the day in the policy's zone. Nothing here checks permissions, and a known issue that
    became a problem is in none of the lists.
    """

    def __init__(self, services: WorkServices) -> None:
        self._services = services

    async def issue(self, number: int) -> IssueFacts:
        """A known issue with who waits, its notices and the newest of its record.

        Raises UserError ``no_such_issue``, ``issue_is_problem`` (``problem``: ``PRB-3``).
        """
        async with self._services.database.read() as session:
            row = await session.get(Problem, number)
            issue = await session.get(KnownIssue, number) if row is not None else None
            if row is None or issue is None:
                raise UserError("no_such_issue")
            if issue.state is KnownIssueState.PROBLEM:
                raise UserError("issue_is_problem", problem=f"PRB-{number}")
            known = await snapshot.load_problem(session, row, self._services.clock.now())
        told = sum(each.told for each in known.affected)
        went = any(
            each.step == row.step and each.state == ApprovalState.SENT for each in known.broadcasts
        )
        return IssueFacts(
            **_head(row, issue, self._today()),
            waiting=len(known.affected),
            untold=len(known.affected) - told,
            undoable=bool(issue.before) and not went,
            waiters=known.affected,
            notices=known.broadcasts,
            record=known.record,
        )

    async def listed(self) -> Sequence[IssueFacts]:
        """Those that customers wait for, and those that ended lately, in the order of the list.

        Lately is within ``LATELY``. At most ``LISTED_MAX`` are read: first those that have not
        ended, the newest number first, then the ended ones by their end.
        """
        ended = col(KnownIssue.ended_at) > self._services.clock.now() - LATELY
        return await self._heads(
            or_(col(KnownIssue.state).in_(WAITED_FOR), ended), limit=LISTED_MAX
        )

    async def owned_by(self, user: str) -> Sequence[IssueFacts]:
        """Those of one owner that customers wait for, or have to be told of, the most urgent first.

        One that ended longer than ``LATELY`` ago is left out, even where customers were not told.
        At most ``OWNED_MAX`` are read before those with nothing left to do are taken out.
        """
        ended = col(KnownIssue.ended_at) > self._services.clock.now() - LATELY
        wanted = (col(Problem.owner) == user) & or_(col(KnownIssue.state).in_(WAITED_FOR), ended)
        found = await self._heads(wanted, limit=OWNED_MAX)
        return [each for each in found if each.waited_for or each.to_tell]

    async def _heads(self, wanted: ColumnElement[bool], *, limit: int) -> Sequence[IssueFacts]:
        """Known issues without their lists. Three queries, one where there is none."""
        query = (
            select(Problem, KnownIssue)
            .join(KnownIssue, col(KnownIssue.number) == col(Problem.number))
            .where(col(KnownIssue.state) != KnownIssueState.PROBLEM, wanted)
            .order_by(col(KnownIssue.ended_at).desc().nulls_first(), col(Problem.number).desc())
        )
        async with self._services.database.read() as session:
            rows = (await session.exec(query.limit(limit))).all()
            numbers = [row.number for row, _ in rows]
            waiting, told = await _counts(session, numbers) if numbers else ({}, {})
        found = [
            IssueFacts(
                **_head(row, issue, self._today()),
                waiting=waiting.get(row.number, 0),
                untold=waiting.get(row.number, 0) - told.get(row.number, 0),
                undoable=bool(issue.before) and not told.get(row.number, 0),
            )
            for row, issue in rows
        ]
        return sorted(found, key=order_issue)

    def _today(self) -> date:
        """The organisation's day."""
        return local_day(self._services.clock.now(), self._services.policy.timezone)


def _head(row: Problem, issue: KnownIssue, today: date) -> dict[str, Any]:
    """What is said of a known issue itself, by the fields of ``IssueFacts``."""
    return {
        "number": row.number,
        "title": row.title,
        "component": issue.component,
        "bug": issue.bug,
        "tracked": describe_bug(issue.bug, issue.bug_key, issue.bug_seen),
        "state": issue.state,
        "owner": row.owner,
        "today": today,
        "expected_on": issue.expected_on,
        "workaround": issue.workaround,
        "outcome": issue.outcome,
    }


async def _counts(
    session: AsyncSession, numbers: Sequence[int]
) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """How many wait for each, and how many of these have a notice of its last step.

    A notice counts from when it is queued, and where it failed too. Issues without any are missing
    from both mappings; a customer who was taken off the list is in neither count.
    """
    waits = (col(Affected.problem).in_(numbers), col(Affected.removed_at).is_(None))
    lines = select(Affected.problem, func.count()).where(*waits).group_by(col(Affected.problem))
    have = (
        select(Affected.problem, func.count(func.distinct(col(Affected.id))))
        .join(BroadcastRecipient, col(BroadcastRecipient.affected) == col(Affected.id))
        .join(Broadcast, col(Broadcast.id) == col(BroadcastRecipient.broadcast))
        .join(Problem, col(Problem.number) == col(Affected.problem))
        .where(
            *waits,
            col(Broadcast.step) == col(Problem.step),
            col(BroadcastRecipient.state).in_(HAVE_NOTICE),
        )
        .group_by(col(Affected.problem))
    )
    return dict((await session.exec(lines)).all()), dict((await session.exec(have)).all())

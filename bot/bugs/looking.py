"""A look at a bug: how it stands, and what that means for those that are linked to it.

A look writes nothing to the tracker, so none leads to another. What is new is told by what each
case and each known issue heard last, so it is told once, however often the bug is looked at.
"""

import asyncio
from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.bugs.actions import hear_of_action_issue
from bot.bugs.cases import hear_of_bug
from bot.bugs.issues import hear_of_issue_bug, lock_linked_issues
from bot.bugs.seen import Sight
from bot.bugs.tracked import (
    cases_of_linked_actions,
    find_tracked,
    linked_actions,
    linked_case_numbers,
    remember_bug,
)
from bot.core.steps import follow_merged, refresh_card
from bot.customers.delivery import begin_work
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.bugs.state import BugState, BugTrouble
from messages.clients.helpdesks import Away, Refused
from messages.clients.trackers import Forbidden, Missing, Tracker
from storage.models import Case, TrackedBug

TOTAL_TIMEOUT = 30.0  # seconds for all requests of one row; less than delivery's lease


async def look_at_bug(delivery: Delivery, job: Job, tracker: Tracker) -> EffectResult:
    """Read the bug, and store what is new of it in the transaction that ends the row.

    A bug that is not there, or that we may not see, is told as that; the link stays. The row's
    result has ``trouble``, empty for a bug that was read. Raises Away and Limited.
    """
    key = str(job.row.payload["key"])
    state: BugState | None = None
    trouble: BugTrouble | None = None
    try:
        async with asyncio.timeout(min(TOTAL_TIMEOUT, job.left)):
            state = await tracker.state(key)
    except TimeoutError as slow:
        raise Away("no answer in time") from slow
    except Forbidden:
        trouble = BugTrouble.HIDDEN
    except (Missing, Refused):
        deleted = job.row.payload.get("deleted")
        trouble = BugTrouble.DELETED if deleted else BugTrouble.GONE
    url = tracker.url_of(state.key if state else key)

    async def save(session: AsyncSession) -> None:
        work = begin_work(delivery, session, job)
        await _take_in(work, tracker, key, Sight(url, state, trouble))

    return EffectResult({"trouble": trouble.value if trouble else ""}, save)


async def _take_in(work: UnitOfWork, tracker: Tracker, key: str, sight: Sight) -> None:
    """Tell those that are linked to the bug now: cases are locked first, then known issues.

    With the cases are locked those of action items, whose cards are drawn once each. A bug that
    nothing is linked to is not looked at any more. One that was moved goes on under its new key.
    """
    row = await find_tracked(work.session, key)
    numbers = await linked_case_numbers(work.session, key)
    wanted = {*await _with_heirs(work.session, numbers)}
    wanted |= {*await cases_of_linked_actions(work.session, key)}
    found = {number: await work.case(number) for number in sorted(wanted)}
    cases = [case for case in found.values() if case.bug_key == key]
    linked = await linked_actions(work.session, key)
    actions = [item for item in linked if item.case_number in found]
    issues = await lock_linked_issues(work, key)
    for case in cases:
        await hear_of_bug(work, case, sight)
    for held in issues:
        await hear_of_issue_bug(work, held, sight)
    to_draw = {
        item.case_number
        for item in actions
        if await hear_of_action_issue(work, found[item.case_number], item, sight)
    }
    for number in sorted(to_draw):
        await refresh_card(work, found[number])
    await work.session.flush()
    if row is None:
        return
    if sight.state is not None and sight.state.key != key:
        row = await _follow_moved(work, row, sight.state.key)
    if cases or issues or actions:
        await remember_bug(work, row, sight.state)
    else:
        await work.session.delete(row)


async def _with_heirs(session: AsyncSession, numbers: Sequence[int]) -> Sequence[int]:
    """These cases and those in which merged ones go on, in the order in which they are locked."""
    heirs = [await follow_merged(session, await session.get_one(Case, each)) for each in numbers]
    return sorted({*numbers, *(each.number for each in heirs)})


async def _follow_moved(work: UnitOfWork, row: TrackedBug, key: str) -> TrackedBug:
    """The row of the bug under its new key: the same one, unless that is looked at already."""
    other = await find_tracked(work.session, key)
    if other is None:
        row.key = key
        return row
    await work.session.delete(row)
    return other

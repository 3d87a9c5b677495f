"""Which bugs are looked at, for what that is linked to them, and what is queued in their lanes.

All that is done about one bug stands in one lane, ``jira:PROJ-123``: looks, and what we show there.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.bugs.state import BugState
from bot.rules.lifecycle import LIVE
from bot.rules.problems.known_issues import WAITED_FOR
from bot.rules.words import BugTracker
from messages.clients.trackers import Tracker
from storage.models import ActionItem, Case, KnownIssue, TrackedBug

LOOK, SHOW = "look", "show"  # what a row of the outbox does at a bug
LOOK_EVERY = timedelta(hours=1)  # where no webhook asks for it
LOOK_SELDOM = timedelta(days=1)  # at a bug that cannot be read
ENDED_LATELY = timedelta(days=30)  # for which what has ended is looked at


async def begin_tracking(work: UnitOfWork, tracker: Tracker, key: str) -> None:
    """Look at a bug from now on, and queue the first look. Flushes."""
    if await find_tracked(work.session, key) is None:
        work.session.add(TrackedBug(key=key))
        await work.session.flush()
    await queue_bug_look(work, tracker.name, key)


async def find_tracked(session: AsyncSession, key: str, number: str = "") -> TrackedBug | None:
    """The bug that is looked at under this key, or had it when it was last seen.

    ``number`` is its own id in the tracker, by which a bug that was moved is known.
    """
    wanted = col(TrackedBug.key) == key
    if number:
        wanted = or_(wanted, col(TrackedBug.bug_id) == number)
    return (await session.exec(select(TrackedBug).where(wanted))).first()


async def find_by_version(session: AsyncSession, version: str) -> Sequence[TrackedBug]:
    """The bugs that are to be repaired with a version, as they were last seen."""
    query = select(TrackedBug).where(col(TrackedBug.versions).contains(f" {version} "))
    return (await session.exec(query.order_by(col(TrackedBug.key)))).all()


async def queue_bug_look(
    work: UnitOfWork, tracker: BugTracker, key: str, *, deleted: bool = False
) -> None:
    """Queue a look at a bug, unless the same waits. ``deleted``: a webhook says that it was."""
    payload = {"do": LOOK, "key": key, **({"deleted": True} if deleted else {})}
    await _queue(work, tracker, key, payload)


async def queue_showing(
    work: UnitOfWork, tracker: BugTracker, key: str, subject: Mapping[str, int]
) -> None:
    """Queue that the bug shows who waits.

    ``subject`` is a ``case`` or an ``issue`` by its number, or an ``action`` by its id.

    What is shown, or that nothing is any more, is decided when the row is performed.
    """
    await _queue(work, tracker, key, {"do": SHOW, "key": key, **subject})


async def _queue(work: UnitOfWork, tracker: BugTracker, key: str, payload: dict[str, Any]) -> None:
    """Leave a row in the bug's lane, unless one of the same payload waits there unclaimed."""
    lane = f"{tracker.value}:{key}"
    waiting = await effects.lock_waiting(work, lane)
    if all(row.payload != payload for row in waiting):
        work.leave(tracker.value, lane, payload, priority=effects.NUDGE)


async def linked_case_numbers(session: AsyncSession, key: str) -> Sequence[int]:
    """The cases that are linked to a bug, in the order in which they are locked."""
    query = select(Case.number).where(col(Case.bug_key) == key)
    return (await session.exec(query.order_by(col(Case.number)))).all()


async def linked_issue_numbers(session: AsyncSession, key: str) -> Sequence[int]:
    """The same of known issues."""
    query = select(KnownIssue.number).where(col(KnownIssue.bug_key) == key)
    return (await session.exec(query.order_by(col(KnownIssue.number)))).all()


async def cases_of_linked_actions(session: AsyncSession, key: str) -> Sequence[int]:
    """The cases of action items that are linked to a bug and were not dropped."""
    query = select(ActionItem.case_number).where(*_linked(key)).distinct()
    return (await session.exec(query)).all()


async def linked_actions(session: AsyncSession, key: str) -> Sequence[ActionItem]:
    """These action items; their cases are locked."""
    query = select(ActionItem).where(*_linked(key)).order_by(col(ActionItem.id))
    return (await session.exec(query)).all()


def _linked(key: str) -> tuple[ColumnElement[bool], ...]:
    return col(ActionItem.bug_key) == key, col(ActionItem.dropped_why) == ""


async def is_waited_for(work: UnitOfWork, key: str) -> bool:
    """True while a live case is linked to the bug, or what has not ended long ago.

    That is a known issue, or an action item that was not dropped.
    """
    live = select(Case.number).where(col(Case.bug_key) == key, col(Case.status).in_(LIVE))
    if (await work.session.exec(live.limit(1))).first() is not None:
        return True
    lately = col(KnownIssue.ended_at) > work.now - ENDED_LATELY
    issues = select(KnownIssue.number).where(
        col(KnownIssue.bug_key) == key, or_(col(KnownIssue.state).in_(WAITED_FOR), lately)
    )
    if (await work.session.exec(issues.limit(1))).first() is not None:
        return True
    ended = col(ActionItem.done_at)
    open_or_lately = or_(ended.is_(None), ended > work.now - ENDED_LATELY)
    actions = select(ActionItem.id).where(*_linked(key), open_or_lately)
    return (await work.session.exec(actions.limit(1))).first() is not None


async def remember_bug(work: UnitOfWork, row: TrackedBug, state: BugState | None) -> None:
    """Store a bug as it was seen now, and when to look again; None: it could not be read."""
    row.seen = state.to_json() if state else {}  # in trouble nothing is the echo of it
    if state is not None:
        row.bug_id = state.id
        row.versions = "".join(f" {each.id} " for each in state.versions)
    every = LOOK_SELDOM if state is None else LOOK_EVERY
    row.look_at = work.now + every if await is_waited_for(work, row.key) else None
    work.session.add(row)

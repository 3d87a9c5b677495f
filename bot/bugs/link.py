"""A case and the bug that it waits for: linked by people, by key or by address."""

from typing import ClassVar

from bot.bugs.tracked import begin_tracking, queue_showing
from bot.core.steps import authorize_case, case_answer, refresh_card, require_status
from bot.customers.channels import read_bug_key, tracker_of
from bot.engine.inbox import Answer
from bot.engine.intent import Line, OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from storage.models import Case


class LinkBug(OnCase):
    """The case waits for this bug: a key, or an address."""

    verb: ClassVar[str] = "link_bug"
    bug: Line


class UnlinkBug(OnCase):
    """The case waits for no bug any more."""

    verb: ClassVar[str] = "unlink_bug"


async def link_bug(work: UnitOfWork, intent: LinkBug) -> Answer | None:
    """Link the case to a bug, instead of one that it was linked to before.

    Where no tracker is set up the link is kept as it was typed, and nothing is asked. Timeline
    ``link_bug``: ``bug``. Raises UserError ``bug_elsewhere``, ``no_bug_key``.
    """
    case = await authorize_case(work, intent.case, "link_bug")
    require_status(case, "link_bug")
    tracker = tracker_of(work)
    key = read_bug_key(tracker, intent.bug)
    name = key or intent.bug
    if name != case.bug:
        await _leave_bug(work, case)
        case.bug, case.bug_key = name, key
        work.session.add(case)
        work.note(case, "link_bug", after={"bug": name})
    if tracker is not None:
        await begin_tracking(work, tracker, key)
        await queue_showing(work, tracker.name, key, {"case": case.number})
    await refresh_card(work, case)
    return case_answer(case, "notice:bug_linked", bug=name, tracked=tracker is not None)


async def unlink_bug(work: UnitOfWork, intent: UnlinkBug) -> Answer | None:
    """Forget the bug; what was heard of it stays on record. Timeline ``unlink_bug``: ``bug``.

    Raises UserError ``no_bug``.
    """
    case = await authorize_case(work, intent.case, "unlink_bug")
    if not case.bug:
        raise UserError("no_bug")
    name = case.bug
    await _leave_bug(work, case)
    work.note(case, "unlink_bug", after={"bug": name})
    await refresh_card(work, case)
    return case_answer(case, "notice:bug_unlinked", bug=name)


async def _leave_bug(work: UnitOfWork, case: Case) -> None:
    """Clear the link, and take away what the bug shows of the case."""
    tracker = tracker_of(work)
    if case.bug_key and tracker is not None:
        await queue_showing(work, tracker.name, case.bug_key, {"case": case.number})
    case.bug, case.bug_key, case.bug_seen = "", "", {}
    work.session.add(case)

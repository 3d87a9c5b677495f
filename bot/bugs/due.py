"""A bug is looked at again by ourselves: a webhook may be missing, or was lost."""

from collections.abc import Sequence

from bot.bugs.tracked import queue_bug_look
from bot.customers.channels import tracker_of
from bot.engine.due import Reminder
from bot.engine.unit_of_work import UnitOfWork
from storage.models import TrackedBug


async def look_again_at_bug(work: UnitOfWork, row: TrackedBug, says: Sequence[Reminder]) -> None:
    """Queue the look, which sets when the next one is due; ``row`` is locked."""
    row.look_at = None
    work.session.add(row)
    if (tracker := tracker_of(work)) is not None:
        await queue_bug_look(work, tracker.name, row.key)

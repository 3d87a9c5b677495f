"""What is made when a list for those who lead comes due, by its name."""

from collections.abc import Sequence

from bot.core.lead_lists import CAUSES
from bot.engine.due import Reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.learning.lists.causes import tell_leads
from bot.learning.lists.overdue import tell_manager
from storage.models import LeadList


async def make_list(work: UnitOfWork, row: LeadList, says: Sequence[Reminder]) -> None:
    """Make and send the list of a row, which is locked: a month's causes, or what is overdue.

    Replicas that find the same row due wait for its lock, and pass it over once it has moved on.
    """
    if row.name.startswith(CAUSES):
        await tell_leads(work, row, says)
    else:
        await tell_manager(work, row, says)

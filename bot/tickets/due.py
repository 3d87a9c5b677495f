"""A ticket whose target in the help desk is about to end is looked at once more."""

from collections.abc import Sequence

from bot.engine.due import Reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.tickets.link import queue_look
from storage.models import KnownTicket


async def look_again(work: UnitOfWork, row: KnownTicket, says: Sequence[Reminder]) -> None:
    """Queue the look; whether the target still stands, the help desk says then."""
    row.look_at = None
    work.session.add(row)
    await queue_look(work, row.helpdesk, row.ticket)

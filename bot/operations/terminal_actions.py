"""What administrators do from a terminal, on record: which command, who ran it, on which machine.

The person is the operating system's user, who cannot be chosen by an argument as a Slack user id
can. A command notes itself in the transaction of what it changes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import SystemClock
from storage.database import Database
from storage.models import TerminalAction


def note_action(
    session: AsyncSession,
    by: str,
    command: str,
    about: Mapping[str, Any],
    case: int | None = None,
) -> None:
    """Add a line to the record, for the transaction of ``session``.

    ``by`` is the system's user and machine, ``command`` what was run, such as ``outbox drop``,
    ``about`` JSON without a customer's words. The time is the machine's.
    """
    row = TerminalAction(
        at=SystemClock().now(), by=by, command=command, case_number=case, about=dict(about)
    )
    session.add(row)


async def list_actions(database: Database, limit: int) -> Sequence[TerminalAction]:
    """Return the latest ``limit`` actions, the oldest of them first."""
    query = select(TerminalAction).order_by(col(TerminalAction.id).desc()).limit(limit)
    async with database.read() as session:
        return (await session.exec(query)).all()[::-1]

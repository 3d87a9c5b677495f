"""When the app's own failure was last drilled, as it was recorded from a terminal.

Little is imported here: ``app.py check`` asks it too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import PolicyVersion, TerminalAction

DRILLED = "emergency drill"  # the command of a ``TerminalAction``


@dataclass(frozen=True, slots=True)
class Drill:
    """When it was last drilled and who signed; ``at`` is None where it never was.

    ``since`` is from when the time to the next one counts: the last one, else the day on which the
    app first started. None before it ever did.
    """

    at: datetime | None
    signed: str
    since: datetime | None

    def is_overdue(self, days: int, now: datetime) -> bool:
        """Whether more than so many days have passed, which the policy has as ``drill_days``."""
        return self.since is not None and now - self.since > timedelta(days=days)


async def read_last_drill(session: AsyncSession) -> Drill:
    """The newest drill on record, of all replicas and machines.

    Only a signature counts: a sheet that was printed may never have left the printer.
    Times are those of the machines on which it was signed.
    """
    query = select(TerminalAction).where(col(TerminalAction.command) == DRILLED)
    row = (await session.exec(query.order_by(col(TerminalAction.id).desc()).limit(1))).first()
    if row is not None:
        return Drill(row.at, str(row.about.get("signed", "")), row.at)
    first = (await session.exec(select(func.min(PolicyVersion.since)))).one()
    return Drill(None, "", first)

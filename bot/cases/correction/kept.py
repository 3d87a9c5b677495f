"""What the record keeps of corrections, read back: to put a correction right, or take it again."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.cases.correction.parts import PARTS
from storage.models import TimelineEvent

PREFIX = "edit_"  # before the part, in the verb of an entry
REFUSED = "edit_refused"  # the entry that keeps what was written and not taken


async def read_corrected(
    session: AsyncSession, number: int, entries: Sequence[int]
) -> dict[str, list[str]]:
    """What parts of the case were before these entries (ids); of a refused one what was written.

    By part a list of its values, in the shape of ``Value``. Of several entries about one part the
    oldest counts; what a refused entry has goes before that. Entries of other cases and of other
    verbs say nothing. Nothing is locked, and permissions are the caller's to check.
    """
    query = select(TimelineEvent).where(
        col(TimelineEvent.case_number) == number, col(TimelineEvent.id).in_(entries)
    )
    found: dict[str, list[str]] = {}
    for entry in (await session.exec(query.order_by(col(TimelineEvent.id)))).all():
        part = entry.verb.removeprefix(PREFIX)
        if entry.verb == REFUSED:
            found |= entry.after.get("values") or {}
        elif part in PARTS and "value" in entry.before:
            found.setdefault(part, entry.before["value"])
    return found

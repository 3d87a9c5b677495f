"""Whether cases stand where the lists should have them, worked out anew from everything known."""

from datetime import datetime

from sqlmodel import select

from bot.core.snapshot import load_case
from bot.rules.lifecycle import OPEN
from bot.rules.severity import ORDER, rank_case
from storage.columns import NO_DUE
from storage.models import Case
from tests.bot.stage import Stage

Place = tuple[int, datetime]


async def misplaced(stage: Stage) -> dict[int, tuple[Place, Place]]:
    """Of each case that is stored in another place: that place, and the one that is right.

    A place is rank and next due instant. What time has moved and no sweep has seen yet is right
    as of when it was stored.
    """
    async with stage.database.read() as session:
        cases = (await session.exec(select(Case))).all()
        found = {}
        for case in cases:
            moved = case.rank_at is not None and case.rank_at <= stage.now
            facts = await load_case(session, case, stage.now)
            rank = ORDER.index(rank_case(facts).priority) if facts.status in OPEN else len(ORDER)
            due = min((c.due for c in facts.clocks if c.due and not c.ended), default=NO_DUE)
            right = (case.rank if moved else rank, due)
            if (case.rank, case.next_due) != right:
                found[case.number] = ((case.rank, case.next_due), right)
    return found

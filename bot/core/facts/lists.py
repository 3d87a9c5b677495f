"""Several lists of cases at once, as a digest shows them."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import snapshot
from bot.rules.facts import CaseFacts


async def load_lists(
    session: AsyncSession, now: datetime, *queries: Any
) -> list[tuple[CaseFacts, ...]]:
    """The cases that each query selects, as ``load_many`` knows them.

    One statement a query, and those of ``load_many`` once for all of them.
    """
    lists = [(await session.exec(query)).all() for query in queries]
    rows = {case.number: case for cases in lists for case in cases}
    loaded = await snapshot.load_many(session, list(rows.values()), now)
    facts = {case.number: case for case in loaded}
    return [tuple(facts[case.number] for case in cases) for cases in lists]

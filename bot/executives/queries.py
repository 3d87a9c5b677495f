"""Questions about what executives owe customers, which change nothing."""

from collections.abc import Sequence

from bot.core.facts.owed import find_owed
from bot.engine.unit_of_work import WorkServices
from bot.rules.facts import OwedFacts


class ExecutiveReading:
    """The store's answers about what executives owe."""

    def __init__(self, services: WorkServices) -> None:
        self._services = services

    async def owed_by(self, viewer: str) -> Sequence[OwedFacts]:
        """What the viewer owes in cases that they may read, what is due first first."""
        async with self._services.database.read() as session:
            return await find_owed(session, viewer, self._services.clock.now())

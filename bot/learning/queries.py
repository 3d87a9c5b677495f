"""Questions about what cases teach that change nothing."""

from collections.abc import Sequence

from bot.cases.queries import Reading
from bot.core.access import on_case
from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.learning.actions import list_actions
from bot.learning.decisions import list_decisions
from bot.rules.facts import ActionPage, CaseFacts, DecisionFacts
from storage.models import Case, CaseDecision


class LearningReading:
    """The store's answers about decisions and action items."""

    def __init__(self, services: WorkServices, cases: Reading) -> None:
        """``cases`` decides who may read a case; nothing is read yet."""
        self._services, self._cases = services, cases

    async def listed(self, number: int, viewer: str) -> tuple[CaseFacts, Sequence[DecisionFacts]]:
        """A case with its decisions, oldest first. Raises UserError ``no_such_case``."""
        case = await self._cases.case(number, viewer, "decisions")
        async with self._services.database.read() as session:
            return case, await list_decisions(session, number)

    async def one(self, number: int, viewer: str, decision: int) -> DecisionFacts:
        """A decision, for those who may read the case and for who decided.

        Raises UserError ``no_such_decision``, ``no_such_case``.
        """
        async with self._services.database.read() as session:
            row = await session.get(CaseDecision, decision)
            case = await session.get(Case, number)
            own = bool(row and case and row.decider == viewer)
            if own and case and case.sensitive:
                own = await on_case(session, case, viewer)
            found = await list_decisions(session, number)
        if not own:
            await self._cases.case(number, viewer, "decisions")
        for each in found:
            if each.id == decision:
                return each
        raise UserError("no_such_decision")

    async def actions(
        self, viewer: str, which: str, page: int = 1, number: int | None = None
    ) -> ActionPage:
        """Action items, as ``list_actions`` has them. Raises UserError ``no_such_case``."""
        if number is not None:
            await self._cases.case(number, viewer, "actions")
        return await list_actions(self._services, viewer, which, page, number)

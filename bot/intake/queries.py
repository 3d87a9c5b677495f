"""What is asked before a case is opened: what waits for a decision, and which cases are live.

Read without locks; ``bot.intake.reports`` asks again when the form has been sent.
"""

from dataclasses import dataclass

from sqlmodel import col, select

from bot.core import snapshot
from bot.core.case_selection import shown_to
from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.intake.candidates import visible_to
from bot.intake.sources import find_live_cases, find_same_source, read_source
from bot.intake.triage_post import load_candidate
from bot.rules.facts import CandidateFacts, CaseFacts
from storage.models import Candidate

CASES_SHOWN = 5  # of a customer, in the form that would open another


@dataclass(frozen=True, slots=True)
class SameSource:
    """The live case that came from the same place; ``way`` is ``message`` or ``ticket``."""

    case: CaseFacts
    way: str


class IntakeReading:
    """Answers only what ``viewer``, a Slack user id, may see in a list of cases."""

    def __init__(self, services: WorkServices) -> None:
        self._services = services

    async def live_cases(self, viewer: str, account: str, name: str) -> list[CaseFacts]:
        """Return up to ``CASES_SHOWN`` live cases of the customer, the oldest first.

        ``account`` is an account's key, or empty; ``name`` is compared as people write names.
        """
        shown = shown_to(self._services.policy, viewer, "list")
        async with self._services.database.read() as session:
            found = await find_live_cases(session, account, name, shown, CASES_SHOWN)
            now = self._services.clock.now()
            return await snapshot.load_many(session, found, now) if found else []

    async def same_source(self, viewer: str, message: str, ticket_url: str) -> SameSource | None:
        """Return the live case of the same Slack message, else of the same ticket; None without."""
        source = read_source(self._services, message, ticket_url)
        shown = shown_to(self._services.policy, viewer, "list")
        async with self._services.database.read() as session:
            found = await find_same_source(session, source, shown)
            if found is None:
                return None
            (case,) = await snapshot.load_many(session, [found[0]], self._services.clock.now())
            return SameSource(case, found[1])

    async def candidate(self, viewer: str, number: int) -> CandidateFacts:
        """A candidate that the viewer may know of; raises UserError ``no_such_candidate``."""
        shown = visible_to(self._services.policy, viewer)
        async with self._services.database.read() as session:
            query = select(Candidate).where(col(Candidate.id) == number, shown)
            row = (await session.exec(query)).first()
            if row is None:
                raise UserError("no_such_candidate")
            return await load_candidate(session, row)

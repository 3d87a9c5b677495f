"""What is asked before a case is opened: what waits for a decision, and which cases are live.

Read without locks; ``bot.intake.reports`` asks again when the form has been sent.
"""

from dataclasses import dataclass, replace

from sqlmodel import col, select

from bot.core import snapshot
from bot.core.access import reading_roles
from bot.core.case_selection import shown_to
from bot.core.facts.amounts import account_for
from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.intake.candidates import visible_to
from bot.intake.reviews.queries import ReviewReading
from bot.intake.sources import find_live_cases, find_same_source, read_source
from bot.intake.triage_list import list_reported, list_waiting, read_page, select_waiting
from bot.intake.triage_post import load_candidate
from bot.rules.facts import CandidateFacts, CandidatePageFacts, CaseFacts
from bot.rules.permissions import PERMISSIONS
from bot.rules.words import Role
from storage.models import Candidate

CASES_SHOWN = 5  # of a customer, in the form that would open another
HOME = 5  # candidates on App Home
DECIDES = PERMISSIONS["dismiss_candidate"] | {Role.LEGAL}  # whose App Home shows what waits


@dataclass(frozen=True, slots=True)
class SameSource:
    """The live case that came from the same place; ``way`` is ``message`` or ``ticket``.

    It is one that the viewer may see in a list of cases.
    """

    case: CaseFacts
    way: str


class IntakeReading:
    """Answers only what ``viewer``, a Slack user id, may see in a list of cases.

    Every query opens a transaction for reading of its own and takes the policy of that moment.
    ``reviews`` are the queries about public reviews.
    """

    def __init__(self, services: WorkServices) -> None:
        self._services = services
        self.reviews = ReviewReading(services)

    async def live_cases(self, viewer: str, account: str, name: str) -> list[CaseFacts]:
        """Return up to ``CASES_SHOWN`` live cases of the customer, the oldest first.

        ``account`` is an account's key, or empty; ``name`` is compared as people write names.
        Restricted cases that the viewer is not on are left out, as if there were none.
        """
        shown = shown_to(self._services.policy, viewer, "list")
        async with self._services.database.read() as session:
            found = await find_live_cases(session, account, name, shown, CASES_SHOWN)
            now = self._services.clock.now()
            return await snapshot.load_many(session, found, now) if found else []

    async def same_source(self, viewer: str, message: str, ticket_url: str) -> SameSource | None:
        """Return the live case of the same Slack message, else of the same ticket; None without.

        Both are addresses, either of which may be empty. None as well where the viewer may not see
        it.
        """
        source = read_source(self._services, message, ticket_url)
        shown = shown_to(self._services.policy, viewer, "list")
        async with self._services.database.read() as session:
            found = await find_same_source(session, source, shown)
            if found is None:
                return None
            (case,) = await snapshot.load_many(session, [found[0]], self._services.clock.now())
            return SameSource(case, found[1])

    async def triage(self, viewer: str, page: int = 1, *, mine: bool = False) -> CandidatePageFacts:
        """A page of what waits for a decision and the viewer may know of, the most pressing first.

        With ``mine`` what they reported themselves, decided or not, the newest first, and
        ``waiting`` is 0 then. A person who may read nothing else finds only what they reported or
        own. A page below 1 is page 1; one beyond the last is empty.
        """
        policy = self._services.policy
        async with self._services.database.read() as session:
            if mine:
                return await list_reported(session, viewer, page)
            return await list_waiting(session, visible_to(policy, viewer), page)

    async def to_decide(self, viewer: str) -> CandidatePageFacts | None:
        """The first that wait for a decision; None for a person who has no role that decides.

        At most ``HOME`` of them, of restricted ones those that the viewer may know of. How many
        wait is not counted: ``waiting`` is 0.
        """
        policy = self._services.policy
        if not DECIDES & reading_roles(policy, viewer):
            return None
        async with self._services.database.read() as session:
            return await read_page(session, select_waiting(visible_to(policy, viewer)), 1, HOME)

    async def cases_of(self, viewer: str, number: int) -> list[CaseFacts]:
        """The live cases of a candidate's customer that the viewer may see, the oldest first.

        None are found for a candidate without a customer's name. Raises UserError
        ``no_such_candidate``.
        """
        found = await self.candidate(viewer, number)
        if not found.customer:
            return []
        key = found.account.key if found.account else ""
        return await self.live_cases(viewer, key, found.customer)

    async def candidate(self, viewer: str, number: int) -> CandidateFacts:
        """A candidate that the viewer may know of; raises UserError ``no_such_candidate``."""
        shown = visible_to(self._services.policy, viewer)
        async with self._services.database.read() as session:
            query = select(Candidate).where(col(Candidate.id) == number, shown)
            row = (await session.exec(query)).first()
            if row is None:
                raise UserError("no_such_candidate")
            found = await load_candidate(session, row, self._services.clock.now())
        account = account_for(self._services.policy, viewer, found.account)
        return replace(found, account=account)

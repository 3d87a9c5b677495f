"""Questions about what cases teach that change nothing."""

from collections.abc import Sequence

from sqlmodel import col, select

from bot.cases.queries import Reading
from bot.core.access import on_case
from bot.core.involved import check_uninvolved
from bot.customers.channels import read_bug_key, tracker_of
from bot.engine.access_log import NotingServices
from bot.errors import UserError
from bot.learning.actions import WAITING, list_actions
from bot.learning.decisions import list_decisions
from bot.learning.lists.causes import last_month, load_causes
from bot.learning.outreach.queries import OutreachReading
from bot.learning.postmortem import count_actions, load_postmortem
from bot.learning.similar import find_similar
from bot.learning.worked_then import tried_solution
from bot.readiness.queries import list_readiness
from bot.readiness.quiet_words import is_talked_in
from bot.readiness.tips import wants_tip
from bot.rules.facts import ActionPage, CaseFacts, DecisionFacts
from bot.rules.facts.learning import PostmortemFacts
from bot.rules.learning.causes import Causes
from bot.rules.learning.readiness import ReadinessPage
from bot.rules.learning.similar import SimilarCase, what_worked
from bot.rules.local_time import local_day
from bot.rules.reports.periods import read_period
from bot.rules.words import Role
from storage.models import Case, CaseDecision, LeadQuestion, Person, WorkedThen


class LearningReading:
    """The store's answers about decisions, questions, action items and solved cases."""

    def __init__(self, services: NotingServices, cases: Reading) -> None:
        """``cases`` decides who may read a case; nothing is read yet."""
        self._services, self._cases = services, cases
        self.outreach = OutreachReading(services, cases)

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

    async def question(self, number: int, viewer: str, query: int) -> str:
        """What was asked of the technical lead, empty where the case has no such question.

        Raises UserError ``no_such_case``, also for who may not read it.
        """
        await self._cases.case(number, viewer)
        async with self._services.database.read() as session:
            row = await session.get(LeadQuestion, query)
        return row.question if row is not None and row.case_number == number else ""

    async def postmortem(self, number: int, viewer: str) -> PostmortemFacts:
        """What was saved of a case's postmortem. Raises UserError ``no_such_case``."""
        await self._cases.case(number, viewer, "decisions")
        async with self._services.database.read() as session:
            return await load_postmortem(session, await session.get_one(Case, number))

    async def count_actions(self, number: int, viewer: str) -> int:
        """How many action items a case has that were not dropped.

        Raises UserError ``no_such_case``, also for who may not read it.
        """
        await self._cases.case(number, viewer, "actions")
        async with self._services.database.read() as session:
            return await count_actions(session, number)

    async def check_uninvolved(self, number: int, viewer: str, user: str) -> None:
        """Whether a person may lead a case's postmortem.

        Raises UserError as ``check_uninvolved`` of ``bot/core/involved.py``, but ``user`` and
        ``people`` are names, since a form shows no mentions; ``no_such_case``, also for who may not
        read it.
        """
        await self._cases.case(number, viewer, "decisions")
        async with self._services.database.read() as session:
            case = await session.get_one(Case, number)
            try:
                await check_uninvolved(session, self._services.policy, case, user)
            except UserError as refused:
                free = refused.facts.get("people")
                people = free if isinstance(free, list) else []
                query = select(Person.user_id, Person.name)
                query = query.where(col(Person.user_id).in_([user, *people]))
                names = dict((await session.exec(query)).all())
                facts = {"people": [names.get(each, each) for each in people]}
                raise UserError(refused.key, user=names.get(user, user), **facts) from None

    async def actions(
        self, viewer: str, which: str, page: int = 1, number: int | None = None
    ) -> ActionPage:
        """Action items, as ``list_actions`` has them. Raises UserError ``no_such_case``."""
        if number is not None:
            await self._cases.case(number, viewer, "actions")
        return await list_actions(self._services, viewer, which, page, number)

    def check_bug(self, typed: str) -> None:
        """Refuse what an action item cannot be linked to, as ``read_bug_key`` does."""
        read_bug_key(tracker_of(self._services), typed)

    async def causes(self, typed: str) -> Causes:
        """Root causes of the milder cases of a period, the last whole month where none is typed.

        Whether the viewer may read figures was asked. Raises UserError ``odd_period`` (``typed``).
        """
        zone = self._services.policy.timezone
        today = local_day(self._services.clock.now(), zone)
        period = read_period(typed, today, zone) if typed else last_month(today, zone)
        if period is None:
            raise UserError("odd_period", typed=typed)
        async with self._services.database.read() as session:
            return await load_causes(session, period)

    async def waiting_actions(self, viewer: str) -> ActionPage:
        """The first action items that wait for a person, for their App Home."""
        return await list_actions(self._services, viewer, WAITING, 1)

    async def readiness(self, viewer: str, user: str, role: Role | None) -> ReadinessPage:
        """How people stand in their roles, as ``list_readiness`` has it.

        Raises UserError ``not_your_role``.
        """
        return await list_readiness(self._services, viewer, user, role)

    async def wants_tip(self, viewer: str, form: str) -> bool:
        """Whether this form is to open with its tip, as ``wants_tip`` says."""
        return await wants_tip(self._services, viewer, form)

    async def is_talked_in(self, channel: str) -> bool:
        """Whether a case that is no drill is talked about there, as ``is_talked_in`` says."""
        return await is_talked_in(self._services, channel)

    async def similar(
        self, viewer: str, number: int | None, words: str
    ) -> tuple[CaseFacts | None, Sequence[SimilarCase]]:
        """The solved cases most like the words, else like the case, that the viewer may read.

        With the case, None where none is named. Raises UserError ``no_such_case``, and
        ``what_to_look_for`` without a case and words.
        """
        if number is None and not words:
            raise UserError("what_to_look_for")
        case = await self._cases.case(number, viewer, "similar") if number is not None else None
        texts = [words] if words or case is None else [case.stake, case.component]
        async with self._services.database.read() as session:
            row = await session.get(WorkedThen, number) if number is not None else None
            tried = row.tried if row else None
            policy = self._services.policy
            return case, await find_similar(session, policy, viewer, texts, number, tried)

    async def tried(self, number: int) -> str:
        """What worked in the case that is tried in this one; empty for none.

        Whether the viewer may read this case was asked; the other one is a public one.
        """
        async with self._services.database.read() as session:
            found = await tried_solution(session, number)
        return what_worked(found.workaround_note, found.resolution_note) if found else ""

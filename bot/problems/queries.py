"""Questions about problems that change nothing. What they name, all members may see.

Restricted cases are kept out by ``snapshot``, so no query here asks who is looking.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import col, or_, select

from bot.core import snapshot
from bot.customers import authority
from bot.customers.check import judge_text_to_many
from bot.customers.composer import write_to_many
from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.problems import snapshot as problem_snapshot
from bot.rules.facts import AccountFacts, PersonFacts
from bot.rules.local_time import round_down_to_quarter
from bot.rules.names import fold_name
from bot.rules.problems import audience, update_clock
from bot.rules.problems.facts import BroadcastFacts, PointsFacts, ProblemFacts
from bot.rules.states import ApprovalState, ProblemState
from bot.rules.tone.lint import Finding
from bot.rules.words import Language, MessageKind
from bot.subjects import find_by_channel
from storage.models import Account, Broadcast, Problem, TalkingPoints


class ProblemReading:
    """The store's answers about problems, each read without locks and as of now."""

    def __init__(self, services: WorkServices) -> None:
        self._services = services

    async def problem(self, number: int) -> ProblemFacts:
        """A problem with everything that ``load_problem`` reads, as of now.

        Raises UserError ``no_such_problem``.
        """
        async with self._services.database.read() as session:
            row = await session.get(Problem, number)
            if row is None:
                raise UserError("no_such_problem")
            return await problem_snapshot.load_problem(session, row, self._services.clock.now())

    async def in_channel(self, channel_id: str) -> int | None:
        """The number of the problem with this channel id; None for any other channel."""
        async with self._services.database.read() as session:
            return await find_by_channel(session, Problem, channel_id)

    async def open(self) -> Sequence[ProblemFacts]:
        """The open problems, the gravest and newest first, with their cases and no other list.

        One query a problem beside the first.
        """
        async with self._services.database.read() as session:
            query = select(Problem).where(col(Problem.state) == ProblemState.OPEN)
            order = (col(Problem.severity), col(Problem.number).desc())
            rows = (await session.exec(query.order_by(*order))).all()
            now = self._services.clock.now()
            return [
                problem_snapshot.problem_head(
                    row, now, await problem_snapshot.linked_cases(session, row.number)
                )
                for row in rows
            ]

    async def broadcast(self, problem: int, number: int) -> BroadcastFacts:
        """A broadcast of that problem, with its lines.

        Raises UserError ``no_such_broadcast``, also for one of another problem.
        """
        async with self._services.database.read() as session:
            row = await session.get(Broadcast, number)
            if row is None or row.problem != problem:
                raise UserError("no_such_broadcast")
            return await problem_snapshot.load_broadcast(session, row)

    async def points(self, problem: int | None = None) -> Sequence[PointsFacts]:
        """The talking points in force or waiting, the newest first.

        ``problem`` None means those of all problems, resolved ones included: these have none in
        force.
        """
        async with self._services.database.read() as session:
            query = select(TalkingPoints, Problem.title).join(
                Problem, col(Problem.number) == col(TalkingPoints.problem)
            )
            shown = [ApprovalState.APPROVED, ApprovalState.PROPOSED]
            query = query.where(col(TalkingPoints.state).in_(shown))
            if problem is not None:
                query = query.where(col(TalkingPoints.problem) == problem)
            rows = (await session.exec(query.order_by(col(TalkingPoints.id).desc()))).all()
            return [await problem_snapshot.load_points(session, row, title) for row, title in rows]

    async def account_named(self, typed: str) -> AccountFacts | None:
        """The account with this key or name, whatever its case and accents; None without one."""
        async with self._services.database.read() as session:
            query = select(Account).where(
                or_(col(Account.key) == typed, col(Account.folded) == fold_name(typed))
            )
            row = (await session.exec(query)).first()
            return snapshot.account_facts(row) if row else None

    async def judge(
        self, text: str, language: Language, viewer: str, *, promises: bool = True
    ) -> Sequence[Finding]:
        """What is found in a broadcast's words before it is proposed.

        The same findings refuse it then, where they stop a message (``require_sendable_to_many``).
        """
        async with self._services.database.read() as session:
            policy = self._services.policy
            return await judge_text_to_many(
                session, policy, text, language, viewer, promises=promises
            )

    async def composing(
        self,
        number: int,
        viewer: PersonFacts,
        letter: MessageKind,
        next_update_at: datetime | None = None,
        chosen: str = audience.ALL,
        expected_on: date | None = None,
    ) -> Mapping[str, Any]:
        """What the broadcast's form opens with.

        ``chosen`` is the audience; of a known issue, with the day ``expected_on``, it is always
        those who wait and have not been told. The keys: ``about`` (the problem's facts),
        ``audiences`` (name to how many), ``languages`` (codes that this audience reads) with
        ``text_<language>`` for each (the letter's words, with the promised time),
        ``next_update_at`` (as given, else due by
        the policy, rounded down to a quarter of an hour), ``approvers`` (user ids, never the
        viewer). Raises UserError ``no_such_problem``.
        """
        problem = await self.problem(number)
        policy = self._services.policy
        due = update_clock.next_update_due(policy, problem.severity, problem.now)
        chosen = audience.UNTOLD if problem.is_known_issue else chosen
        promised = next_update_at or round_down_to_quarter(due, problem.now)
        async with self._services.database.read() as session:
            people = await authority.message_approvers(session, policy, viewer.user_id)
        to = audience.audience_members(problem.affected, chosen)
        languages = audience.audience_languages(to)
        texts = {
            f"text_{each.value}": await write_to_many(
                self._services, letter, each, viewer.name, promised, expected_on
            )
            for each in languages
        }
        return {
            "about": problem,
            "audiences": _audiences(problem),
            "languages": [each.value for each in languages],
            "next_update_at": promised,
            "approvers": people,
            **texts,
        }


def _audiences(problem: ProblemFacts) -> Mapping[str, int]:
    """The audiences that can be chosen, with their sizes; of a known issue there is but one."""
    found = audience.list_audiences(problem.affected)
    if not problem.is_known_issue:
        return found
    return {name: count for name, count in found.items() if name == audience.UNTOLD}

"""A problem in Slack: its facts, its channel's names, its card.

The performers that use it are those of cases too (``bot/slack``). Posts and card are in the
policy's first language, DMs in the reader's. Rows carry ``problem``, the number, in their payload.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.delivery import Delivery
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.problems import no_channel
from bot.problems import snapshot as problem_snapshot
from bot.rules.names import problem_channel_name
from bot.rules.problems.facts import ProblemFacts
from bot.rules.words import Language
from bot.slack.presenter import NAME_ATTEMPTS, Posted, Presenter
from messages.compose import compose_message
from messages.kit.blocks import Message
from messages.problems.card import problem_card
from storage.models import Outbox, Problem


class MissingProblemError(Exception):
    """An effect names a problem that the store does not have.

    Delivery treats it as any fault: the row is tried again and its lane waits.
    """


async def problem_facts(delivery: Delivery, job: Job) -> ProblemFacts:
    """The problem that the row's payload names, as it is now. Raises MissingProblemError."""
    number = job.row.payload["problem"]
    async with delivery.services.database.read() as session:
        row = await session.get(Problem, number)
        if row is None:
            raise MissingProblemError(f"outbox {job.row.id}: no problem {number}")
        return await problem_snapshot.load_problem(session, row, delivery.services.clock.now())


class ProblemPresenter(Presenter[ProblemFacts]):
    """A problem: its channel is public unless only a team reads; its card never changes place."""

    async def load_facts(self, delivery: Delivery, job: Job) -> ProblemFacts:
        """The problem that the row is about, with all its lists. Raises MissingProblemError."""
        return await problem_facts(delivery, job)

    def channel_names(self, facts: ProblemFacts) -> Iterable[str]:
        """``prob-3-<title>``, then variants of it should the name be taken."""
        for attempt in NAME_ATTEMPTS:
            yield problem_channel_name(facts.number, facts.title, attempt=attempt)

    async def save_channel(
        self, work: UnitOfWork, facts: ProblemFacts, row: Outbox, channel: str, name: str
    ) -> None:
        """Store the channel and queue what waited for it, in the transaction that ends the row."""
        await no_channel.problem_channel_made(work, row, channel, name)

    def draw_card(self, facts: ProblemFacts, language: Language) -> Message:
        """The problem's card."""
        return problem_card(facts, language)

    async def save_card(
        self, session: AsyncSession, facts: ProblemFacts, row: Outbox, card: Posted
    ) -> None:
        """Store the card's ts, by one statement that touches no other column."""
        stored = update(Problem).where(col(Problem.number) == facts.number)
        await session.exec(stored.values(card_ts=card.ts))

    def compose_post(
        self, facts: ProblemFacts, payload: Mapping[str, Any], language: Language
    ) -> Message:
        """The message, worded for those inside the channel.

        ``payload`` has ``text`` (``problem:<name>``) and ``extra``, as ``queue_post`` stored them.
        """
        return compose_message(payload["text"], payload["extra"], None, language, inside=True)

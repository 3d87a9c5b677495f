"""A case in Slack: its facts, its channel's names, its card.

The performers' other subject has its own in ``bot/problems``. Restricted cases are dealt with here
and in ``left_channels``, since a case may have been restricted after a row was queued.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import no_channel, snapshot
from bot.core.case_selection import read_beside
from bot.core.facts.amounts import amounts_for, without_amounts
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.facts import CaseFacts
from bot.rules.focus.interruptions import Passes, judge_message
from bot.rules.names import channel_name, drill_channel_name
from bot.rules.policy.model import Policy
from bot.rules.states import OutboxState
from bot.rules.words import Drift, Language
from bot.slack import left_channels
from bot.slack.as_said import recall_facts
from bot.slack.presenter import NAME_ATTEMPTS, Posted, Presenter
from bot.slack.refused_invitations import not_brought_in
from messages.cases.card import case_card
from messages.compose import compose_message
from messages.focus.mentions import spare_lead
from messages.kit.blocks import Message
from storage.models import Case, Outbox
from storage.wakeups import note_changed


class MissingCaseError(Exception):
    """An effect names a case that the store does not have.

    Delivery counts it as a failed try, so such a row waits for an administrator to drop it.
    """


async def case_facts(delivery: Delivery, job: Job, reader: str = "") -> CaseFacts:
    """Return the case that the row is about, as it is now; effects claimed together read it once.

    Amounts are in it for a ``reader`` who may know them, and for no channel. The read is shared by
    ``job.seen`` and survives the end of the task that began it. Raises MissingCaseError.
    """
    number = job.row.case_number
    if number is None:
        raise MissingCaseError(f"outbox {job.row.id}: no case")
    if number not in job.seen:
        job.seen[number] = asyncio.create_task(_load(delivery, number), name="facts")
    found: CaseFacts | None = await asyncio.shield(job.seen[number])
    if found is None:
        raise MissingCaseError(f"outbox {job.row.id}: no case {number}")
    if not reader:
        return without_amounts(found)
    return amounts_for(delivery.services.policy, reader, found)


async def _load(delivery: Delivery, number: int) -> CaseFacts | None:
    now, seen = delivery.services.clock.now(), read_beside(delivery.services.policy)
    async with delivery.services.database.read() as session:
        return await snapshot.load_number(session, number, now, seen)


class CasePresenter(Presenter[CaseFacts]):
    """A case: private while it is restricted, and taken back from a channel that it has left."""

    async def load_facts(self, delivery: Delivery, job: Job) -> CaseFacts:
        """The case that the row is about. Raises MissingCaseError."""
        return await case_facts(delivery, job)

    async def load_row_facts(self, delivery: Delivery, job: Job) -> CaseFacts:
        """What the case's own row says, unless all of it is read anyway."""
        number = job.row.case_number
        if number is None or number in job.seen:
            return await case_facts(delivery, job)
        async with delivery.services.database.read() as session:
            found = await snapshot.load_row(session, number, delivery.services.clock.now())
        if found is None:
            raise MissingCaseError(f"outbox {job.row.id}: no case {number}")
        return found

    def is_private(self, facts: CaseFacts, policy: Policy) -> bool:
        """A restricted case has a private channel, one that had to leave an exposed one, and all
        of which only a team reads.
        """
        return facts.private_channel or super().is_private(facts, policy)

    def channel_names(self, facts: CaseFacts) -> Iterable[str]:
        """``esc-7-<customer>``; a restricted one without the customer, a drill ``drill-7``."""
        for attempt in NAME_ATTEMPTS:
            if facts.drill:
                yield drill_channel_name(facts.number, attempt=attempt)
                continue
            yield channel_name(
                facts.number, facts.customer, sensitive=facts.sensitive, attempt=attempt
            )

    async def save_channel(
        self, work: UnitOfWork, facts: CaseFacts, row: Outbox, channel: str, name: str
    ) -> None:
        """Store the channel; a case that was restricted meanwhile leaves a public one at once."""
        stored = await no_channel.case_channel_made(work, facts.number, channel, name)
        stored.private_channel = self.is_private(facts, work.policy)
        note_changed(work.session, facts.number)  # Homes link to its channel from now on
        if not facts.sensitive:
            await left_channels.if_restricted_meanwhile(work, stored)

    def draw_card(self, facts: CaseFacts, language: Language) -> Message:
        """The case's card."""
        return case_card(facts, language)

    def is_card_deleted(self, facts: CaseFacts) -> bool:
        """True once drift has found the card gone."""
        return any(each.what is Drift.CARD for each in facts.drift)

    async def save_card(
        self, session: AsyncSession, facts: CaseFacts, row: Outbox, card: Posted
    ) -> None:
        """Store the card's ts; queue it again if the case changed while it was being shown.

        In a channel that the case has left meanwhile the card is taken back. ``Case.version`` tells
        a change: every change counts it up.
        """
        case = await session.get(Case, facts.number)
        if case is None:
            return
        if case.sensitive and case.channel_id != card.channel:
            session.add(_another(row, "old_card", {"channel": card.channel, "ts": card.ts}))
            return
        case.card_ts = card.ts
        session.add(case)
        if case.version != facts.version and not await _card_waits(session, row):
            session.add(_another(row, "card"))

    def compose_post(
        self, facts: CaseFacts, payload: Mapping[str, Any], language: Language
    ) -> Message:
        """The message, with what the row keeps of the case as it was when it was queued.

        A technical lead in focus is named in it, and not mentioned, unless it may interrupt them.
        """
        then, text, extra = recall_facts(facts, payload), payload["text"], payload["extra"]
        said = compose_message(text, extra, then, language, inside=True)
        if facts.focus and judge_message(text, extra, facts.severity) is Passes.KEPT:
            return spare_lead(said, facts.focus)
        return said

    async def select_invitees(
        self, delivery: Delivery, facts: CaseFacts, users: Sequence[str]
    ) -> Sequence[str]:
        """Of a restricted case only those on it; it may not have been when the row was queued."""
        if facts.sensitive:
            return await left_channels.those_on(delivery, facts.number, users)
        return users

    async def report_refused(
        self, delivery: Delivery, job: Job, facts: CaseFacts, refusals: EffectResult
    ) -> EffectResult:
        """Tell the owner who could not be invited."""
        return await not_brought_in(delivery, job, facts, refusals)


def _another(row: Outbox, kind: str, payload: Mapping[str, Any] | None = None) -> Outbox:
    """Return a new row beside ``row``, in its lane and with its priority; the caller adds it."""
    return Outbox(
        lane=row.lane,
        kind=kind,
        case_number=row.case_number,
        payload=dict(payload or {}),
        priority=row.priority,
        correlation=row.correlation,
        queued_at=row.queued_at,
    )


async def _card_waits(session: AsyncSession, row: Outbox) -> bool:
    query = select(Outbox.id).where(
        col(Outbox.lane) == row.lane,
        col(Outbox.kind) == "card",
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.id) > row.id,
    )
    return (await session.exec(query)).first() is not None

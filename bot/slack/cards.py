"""Performing effects on a case's card: showing it as things stand, pinning it."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.delivery import Delivery, EffectResult, Job
from bot.rules.states import OutboxState
from bot.rules.words import Drift
from bot.slack.channels import ALREADY, case_facts, channel_of, team_language
from bot.slack.posts import Posted, posted
from messages.cases.card import case_card
from messages.clients.slack import SlackRefused
from storage.models import Case, Outbox


async def card(delivery: Delivery, job: Job) -> EffectResult:
    """Show the case as it is now: post its card the first time, then keep that one true."""
    case = await case_facts(delivery, job)
    channel = channel_of(case, job.row)
    message = case_card(case, team_language(delivery))
    ts, fresh = case.card_ts, False
    if ts is not None and any(each.what is Drift.CARD for each in case.drift):
        return EffectResult(
            {"gone": ts}
        )  # somebody deleted it; it is posted again when they say so
    if ts is None:
        ts, _, fresh = await posted(delivery, job, channel, message)
    if not fresh:  # one that an earlier try posted shows the case as it was then
        await delivery.call(
            "chat.update", channel=channel, ts=ts, text=message.text, blocks=message.blocks
        )
    shown = Posted(ts, channel, fresh)
    return EffectResult(
        {"ts": ts, "version": case.version}, _save_card(job.row, shown, case.version)
    )


def _save_card(row: Outbox, shown: "Posted", version: int) -> Any:
    """Remember the card's ts; queue it again if the case changed while it was being shown.

    In a channel that the case has left meanwhile the card is taken back.
    """

    async def save(session: AsyncSession) -> None:
        case = await session.get(Case, row.case_number)
        if case is None:
            return
        if case.sensitive and case.channel_id != shown.channel:
            session.add(_another(row, "old_card", {"channel": shown.channel, "ts": shown.ts}))
            return
        case.card_ts = shown.ts
        session.add(case)
        if case.version != version and not await _card_waits(session, row):
            session.add(_another(row, "card"))

    return save


def _another(row: Outbox, kind: str, payload: Mapping[str, Any] | None = None) -> Outbox:
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


async def pin(delivery: Delivery, job: Job) -> EffectResult:
    """Pin the card."""
    case = await case_facts(delivery, job)
    return await pinned(delivery, channel_of(case, job.row), case.card_ts)


async def pinned(delivery: Delivery, channel: str, ts: str | None) -> EffectResult:
    """Pin a message; one that is pinned already is fine."""
    try:
        await delivery.call("pins.add", channel=channel, timestamp=ts)
    except SlackRefused as refused:
        if refused.code not in ALREADY:
            raise
    return EffectResult()

"""Where a case is going: what the record of a span says of it, for executives' summaries."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.facts import TrendFacts
from bot.rules.states import Trend, TrendReason
from bot.rules.words import Role, Status
from storage.models import TimelineEvent


async def find_trends(
    session: AsyncSession, cases: Collection[int], since: datetime
) -> dict[int, TrendFacts]:
    """By case number, where each of these cases is going since then; one statement.

    What happened last counts; a case of which nothing of the kind happened is ``SAME``.
    """
    if not cases:
        return {}
    giving = ["claim", "assign", "answer_handover"]
    moving = ["open_case", "breach", "reopen", "executive_flag", "severity", "update"]
    query = (
        select(TimelineEvent)
        .where(
            col(TimelineEvent.case_number).in_(cases),
            col(TimelineEvent.at) > since,
            col(TimelineEvent.verb).in_([*giving, *moving]),
        )
        .order_by(col(TimelineEvent.id))
    )
    found = {number: TrendFacts() for number in cases}
    for event in (await session.exec(query)).all():
        found[event.case_number] = _follow(found[event.case_number], event)
    return found


def _follow(before: TrendFacts, event: TimelineEvent) -> TrendFacts:
    """The trend with one more event in it; a case that is new stays new."""
    owner = _given(event) or before.owner
    moved = _direction(event)
    if moved is None or before.trend is Trend.NEW:
        return TrendFacts(before.trend, before.reason, owner)
    return TrendFacts(*moved, owner)


def _direction(event: TimelineEvent) -> tuple[Trend, TrendReason | None] | None:
    """Where this event moved the case, and why; None where it did neither."""
    match event.verb:
        case "open_case":
            return Trend.NEW, None
        case "breach":
            return Trend.WORSE, TrendReason.BREACH
        case "reopen":
            return Trend.WORSE, TrendReason.REOPENED
        case "executive_flag":
            return Trend.WORSE, TrendReason.FLAGGED
        case "severity":
            return _changed(event.before.get("severity"), event.after.get("severity"))
        case "update" if event.after.get("status") == Status.MITIGATED:
            came = event.before.get("status") != Status.MITIGATED
            return (Trend.BETTER, TrendReason.WORKAROUND) if came else None
    return None


def _changed(was: int | None, now: int | None) -> tuple[Trend, TrendReason] | None:
    """By the severities before and after; None where they are the same, or not on record."""
    if was is None or now is None or was == now:
        return None
    if now < was:
        return Trend.WORSE, TrendReason.RAISED
    return Trend.BETTER, TrendReason.LOWERED


def _given(event: TimelineEvent) -> str:
    """Who got the case by this event; empty where it gave it to no one."""
    match event.verb:
        case "claim":
            return str(event.after.get("owner") or "")
        case "assign" | "answer_handover" if event.after.get("accept", True):
            leads = event.after.get("role") == Role.ESCALATION_MANAGER
            return str(event.after.get("user") or "") if leads else ""
    return ""

"""Where a case is going: what the record of a span says of it, for executives' summaries."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.facts import TrendFacts
from bot.rules.states import Trend, TrendReason
from bot.rules.words import Role, Status
from storage.models import TimelineEvent

GIVING = ("claim", "assign", "answer_handover")  # verbs by which a case may get an owner
BY_VERB = {
    "open_case": (Trend.NEW, None),
    "breach": (Trend.WORSE, TrendReason.BREACH),
    "reopen": (Trend.WORSE, TrendReason.REOPENED),
    "executive_flag": (Trend.WORSE, TrendReason.FLAGGED),
}
WATCHED = (*BY_VERB, *GIVING, "severity", "update")


async def find_trends(
    session: AsyncSession, cases: Collection[int], since: datetime
) -> dict[int, TrendFacts]:
    """By case number, where each of these cases is going since then; one statement.

    What happened last counts; a case of which nothing of the kind happened is ``SAME``.
    """
    if not cases:
        return {}
    query = (
        select(TimelineEvent)
        .where(
            col(TimelineEvent.case_number).in_(cases),
            col(TimelineEvent.at) > since,
            col(TimelineEvent.verb).in_(WATCHED),
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
    if event.verb == "severity":
        was, now = event.before.get("severity"), event.after.get("severity")
        if was is None or now is None or was == now:
            return None
        return (
            (Trend.WORSE, TrendReason.RAISED) if now < was else (Trend.BETTER, TrendReason.LOWERED)
        )
    if event.verb == "update":
        came = event.after.get("status") == Status.MITIGATED != event.before.get("status")
        return (Trend.BETTER, TrendReason.WORKAROUND) if came else None
    return BY_VERB.get(event.verb)


def _given(event: TimelineEvent) -> str:
    """Who got the case by this event; empty where it gave it to no one."""
    if event.verb not in GIVING or event.after.get("accept") is False:
        return ""
    if event.after.get("owner"):
        return str(event.after["owner"])
    role = event.after.get("role")
    return str(event.after.get("user") or "") if role == Role.ESCALATION_MANAGER else ""

"""A case in a few facts, for a person who is to take it over: made of the store, not typed."""

from collections.abc import Iterator
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import snapshot
from bot.rules.facts import CaseFacts
from bot.rules.words import ClockKind
from messages.kit.case_lines import open_clocks
from storage.models import Case

WAITS_NAMED = 5  # of what is waited for


async def summarize_case(session: AsyncSession, case: Case, now: Any) -> dict[str, Any]:
    """The facts of ``summary_of``, read now."""
    return summary_of(await snapshot.load_case(session, case, now))


def summary_of(case: CaseFacts) -> dict[str, Any]:
    """What stands, what is promised, what is next due, what is waited for; JSON.

    The keys: ``case``, ``severity``, ``status``, ``customer`` (empty for a restricted case),
    ``promised`` (when the customer was told to hear from us; ISO 8601, "" for nothing), ``clock``
    and ``due`` of what is due first ("" for nothing), ``late``, and ``waits``: rows of ``what``
    with ``user``, ``reason`` or ``until``. Nothing that people wrote is in it.
    """
    clocks = [clock for clock in open_clocks(case) if clock.due is not None]
    first = clocks[0] if clocks else None
    promised = next(
        (c.due for c in clocks if c.kind == ClockKind.NEXT_UPDATE and c.promised and c.due), None
    )
    return {
        "case": case.number,
        "severity": int(case.severity),
        "status": case.status.value,
        "customer": "" if case.sensitive else case.customer,
        "promised": promised.isoformat() if promised else "",
        "clock": first.name if first else "",
        "due": first.due.isoformat() if first and first.due else "",
        "late": bool(first and first.due and first.due < case.now),
        "waits": list(_waits(case))[:WAITS_NAMED],
    }


def _waits(case: CaseFacts) -> Iterator[dict[str, str]]:
    """What the case waits for: a hold, a report of trouble, people asked or offered a role."""
    if case.hold:
        until = case.hold.until.isoformat()
        yield {"what": "hold", "reason": case.hold.reason.value, "until": until}
    if case.standing:
        yield {"what": "standing", "reason": case.standing.standing, "user": case.standing.by}
    if case.letter:
        yield {"what": "letter", "user": case.letter.by}
    for ask in case.asks:
        if ask.answer is None:
            yield {"what": "ask", "user": ask.asked_of}
    for offer in case.handovers:
        yield {"what": "handover", "reason": offer.role.value, "user": offer.offered_to}

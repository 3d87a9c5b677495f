"""The quarterly review as tests of messages know it: each notice, and the review as it is shown."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from bot.rules.reports.periods import quarter_of
from bot.rules.reports.quarterly import QuarterDecisionFacts, QuarterlyReviewFacts
from bot.rules.states import Prevention
from bot.rules.words import Language
from messages.kit.blocks import Message
from messages.reports.quarterly import quarterly_answer, quarterly_notice

AT = datetime(2026, 10, 12, 7, tzinfo=UTC)
REVIEW: dict[str, Any] = {
    "review": 1, "quarter": "2026-Q3", "meets_at": AT.isoformat(), "minutes": 60, "by": "U0MAYA",
    "findings": {"product": "Alert before a certificate ends"},
}  # fmt: skip
DECISION = {
    "decision": 1, "quarter": "2026-Q3", "text": "Alert before it ends", "due_on": "2026-11-02",
    "by": "U0MAYA", "evidence": "The alert fired", "remark": "No test of it",
    "left": "U0NIKOS",
}  # fmt: skip
OF_REVIEW = ("prepared", "moved", "not_held", "held", "comes", "comes_not", "saved", "held_noted")
OF_DECISION = ("decided", "decision_due", "decision_passed", "decision_noted", "decision_done",
               "done_noted", "done_unseen", "decision_verified", "decision_returned",
               "verified_noted", "returned_noted")  # fmt: skip


def decision(number: int = 1, done: datetime | None = None, **more: Any) -> QuarterDecisionFacts:
    """A decision of the quarter."""
    due, text = date(2026, 11, 2), "Alert before it ends"
    return QuarterDecisionFacts(number, "2026-Q3", text, "U0MAYA", due, done, **more)


def review(count: int = 2, **changes: Any) -> QuarterlyReviewFacts:
    """A review with so many decisions; the first is done, of earlier ones two are in between."""
    said: dict[str, Any] = {"reported_at": AT, "done_by": "U0MAYA", "verifier": "U0NIKOS"}
    said["evidence"] = "The alert fired"
    before = (decision(8, **said), decision(9, remark="No test of it"))[:count]
    given: dict[str, Any] = {
        "invited": ("U0MAYA", "U0NIKOS"), "yes": ("U0MAYA",), "changed_at": AT,
        "findings": {Prevention.PRODUCT: "Alert before a certificate ends"},
        "decisions": tuple(decision(n, AT if n == 1 else None) for n in range(1, count + 1)),
        "open_before": (*before, *(decision(n) for n in range(10, 10 + count - len(before)))),
    }  # fmt: skip
    quarter = quarter_of(date(2026, 8, 1), "Europe/Athens")
    return QuarterlyReviewFacts(1, quarter, AT, 60, **{**given, **changes})


def said_of_quarters(language: Language, count: int = 2) -> Iterator[tuple[str, Message]]:
    """Everything that is said of quarterly reviews."""
    each = {"text": "Alert before it ends", "owner": "U0MAYA", "due": "2026-11-02"}
    about = REVIEW | {"open": [each] * count, "count": count}
    for name in OF_REVIEW:
        yield f"quarterly {name}", quarterly_notice(name, language, about)
    for name in OF_DECISION:
        yield f"quarterly {name}", quarterly_notice(name, language, DECISION)
    for held in (None, AT):
        shown = review(count, held_at=held, held_by="U0MAYA" if held else "")
        yield "quarterly review", quarterly_answer(shown, language, viewer="U0MAYA", writes=True)

"""A believable problem with everything in it, for the tests of what is said about it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.rules.problems.facts import (
    AffectedFacts,
    BroadcastFacts,
    PointsFacts,
    ProblemFacts,
    ReceiptFacts,
    RecordFacts,
)
from bot.rules.problems.known_issues import IssueFacts
from bot.rules.states import KnownIssueState
from bot.rules.words import Language, Severity
from tests.messages.sample_cases import MAYA, NIKOS, NOW, T0, TOM

EN, EL = Language.ENGLISH, Language.GREEK


def receipt(number: int, **changes: Any) -> ReceiptFacts:
    """What became of a broadcast for one customer."""
    base = ReceiptFacts(
        number, f"Customer {number}", "delivered", "mail", "a@b.example", TOM, "We write.", EN
    )
    return replace(base, **changes)


def broadcast(state: str = "sent", text: str = "We write.", **changes: Any) -> BroadcastFacts:
    """A broadcast to five: three delivered, one failed, one by hand, one replied."""
    lines = (
        receipt(1, text=text, replied=True, case=7),
        receipt(2, text=text, language=EL),
        receipt(3, text=text),
        receipt(4, text=text, state="failed", reason="550 unknown"),
        receipt(5, text=text, state="queued", route="hand"),
        receipt(6, text=text, state="left"),
    )
    base = BroadcastFacts(
        4, 3, "tier:gold", {"en": text}, NOW + timedelta(hours=2), "0" * 64, state, MAYA, lines,
        NIKOS, "", NOW if state == "sent" else None,
    )  # fmt: skip
    return replace(base, **changes)


def points(state: str = "approved", text: str = "We know.", **changes: Any) -> PointsFacts:
    """Talking points that one of two has read."""
    base = PointsFacts(
        2, 3, "Orders fail", 2, text, text, text, text, NOW + timedelta(days=3), state, MAYA,
        approver=NIKOS, readers=2, unread=(TOM,),
    )  # fmt: skip
    return replace(base, **changes)


def affected(number: int, text: str = "Errors in their log", **changes: Any) -> AffectedFacts:
    """A customer who has the problem."""
    base = AffectedFacts(
        number, f"Customer {number}", text, TOM, T0, link="https://t.example/1", tier="gold",
        region="North",
    )  # fmt: skip
    return replace(base, **changes)


def problem(text: str = "Orders fail", many: int = 12, **changes: Any) -> ProblemFacts:
    """An open problem."""
    base = ProblemFacts(
        3, text, text, text, Severity.SEV2, "open", MAYA, NOW, T0, T0,
        next_update_at=NOW + timedelta(hours=1), channel_id="C0PROB", cases=(7, 8),
        affected=tuple(affected(n, text, told=n % 2 == 0) for n in range(1, many + 1)),
        broadcasts=(broadcast("approved", text), broadcast("sent", text)),
        points=points(text=text),
        record=(
            RecordFacts(T0, MAYA, "open_problem", {"case": 7}),
            RecordFacts(T0, NIKOS, "answer_broadcast", {"approve": True}, "ok"),
            RecordFacts(T0, "system", "something_new", {}),
        ),
    )  # fmt: skip
    return replace(base, **changes)


def issue(text: str = "Export drops a column", **changes: Any) -> IssueFacts:
    """A known issue that was postponed, of which one who waits was told and two were not."""
    waiters = tuple(affected(n, text, told=n == 1, source=text) for n in range(1, 4))
    base = IssueFacts(
        3, text, text, text, KnownIssueState.SLIPPED, MAYA, NOW.date(),
        expected_on=NOW.date() - timedelta(days=1), workaround=text, outcome=text, waiting=3,
        untold=2, undoable=True, waiters=waiters,
        notices=(broadcast("waiting", text, promises=False), broadcast("sent", text)),
        record=(
            RecordFacts(T0, MAYA, "add_issue", {}),
            RecordFacts(T0, NIKOS, "slip_issue", {"day": "2026-03-02"}, text),
            RecordFacts(T0, NIKOS, "add_waiter", {"customer": text}, text),
        ),
    )  # fmt: skip
    return replace(base, **changes)


# What use cases give with each notice.
EXTRA: dict[str, Any] = {
    "user": "U0TOM", "code": "user_not_found",
    "left": TOM, "heir": MAYA,
    "problem": 3, "title": "Orders fail", "channel": "C0PROB", "case": 7, "customer": "Boreal",
    "customers": ["Boreal", "Cedar"], "by": MAYA, "author": MAYA, "count": 2, "by_hand": 1,
    "audience": "tier:gold", "next_update_at": NOW.isoformat(), "digest": "0" * 64,
    "samples": [["Boreal", "We write."]], "lines": [["Cedar", "Dear Tom,"]], "at": 1, "of": 2,
    "people": [TOM], "broadcast": 4, "receipt": 5, "routes": [["mail", 3]], "withheld": 1,
    "hand": [["Boreal", "Ada, ada@boreal.example", TOM], ["", "", MAYA]],
    "recipient": "a@b.example", "reason": "550 unknown", "sender": "a@b.example",
    "summary": "Thanks", "due": NOW.isoformat(), "version": 2, "points": 2, "say": "We know.",
    "dont_say": "No dates.", "questions": "When? Soon.", "scope": "All", "known": "Since 9",
    "day": "2026-03-02", "expires_at": NOW.isoformat(),
    "cases": [7, 8], "remark": "Good", "text": "We write.", "bug": "PAY-77", "was_bug": "SHOP-7",
    "there": "In Review", "answer_there": "Declined",
}  # fmt: skip

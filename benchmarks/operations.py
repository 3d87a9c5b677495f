"""What people do with a case, in an order in which each is possible: for counting what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from benchmarks.requests import ELENI, MAYA, SOFIA, TOMAS, command, home_opened, new_case, pressed
from bot.clock import SystemClock

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """A request, and the calls of which the first is what the person sees."""

    name: str
    body: Json
    seen: tuple[str, ...]


ANSWER = ("response_url",)
FORM = ("views.open",)
CARD = ("chat.update",)


def operations() -> list[Operation]:
    """Every command on case 1, and the buttons and forms that change it."""
    soon = (SystemClock().now() + timedelta(hours=2)).isoformat()
    message = {
        "kind": "acknowledgement", "text": "We are on it.", "recipient": "Ann", "route": "email",
        "next_update_at": soon,
    }  # fmt: skip
    fixed = {"type": "fix", "note": "Renewed.", "text": "It works.", "recipient": "Ann"}
    shown = ("help", "list", "show 1", "timeline 1", "why 1", "digest", "clsoe")
    asked = ("open it stopped", "update 1", "flag 1")
    return [
        Operation("open_case", new_case(1), ("conversations.create",)),
        Operation("claim", command("claim 1", user=ELENI), ANSWER),
        *(Operation(text, command(text), ANSWER) for text in shown),
        *(Operation(text, command(text), FORM) for text in asked),
        *(Operation(text, command(text, user=ELENI), FORM) for text in ("hold 1", "resolve 1")),
        _done("update", {"case": 1, **message}),
        _done("customer_replied", {"case": 1, "summary": "Still down."}),
        _done("assign", {"case": 1, "role": "technical_lead", "user": TOMAS}, ELENI),
        _done("severity", {"case": 1, "severity": 2, "reason": "Half of it works."}, ELENI),
        _done("status", {"case": 1, "standing": "on_track"}, TOMAS),
        _done("hold", {"case": 1, "reason": "waiting_customer", "until": soon}, ELENI),
        _done("resume", {"case": 1}, ELENI),
        _done("ask_executive", {"case": 1, "user": SOFIA, "question": "May we?"}, ELENI),
        _done("answer_ask", {"case": 1, "ask": 1, "approve": True}, SOFIA),
        _done("resolve", {"case": 1, **fixed}, ELENI),
        _done("reopen", {"case": 1, "reason": "It is back."}, ELENI),
        # Last: what is done while it is open draws it again, which has a bound of its own.
        Operation("App Home", home_opened(), ("views.publish",)),
    ]


def _done(verb: str, value: Json, user: str = MAYA) -> Operation:
    return Operation(verb, pressed(f"do:{verb}", value, user=user), (*ANSWER, *CARD))

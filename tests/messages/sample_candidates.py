"""Candidates as tests show them."""

from dataclasses import replace
from typing import Any

from bot.rules.facts import (
    AccountFacts,
    CandidateFacts,
    CandidateLine,
    CandidatePageFacts,
    SignalFacts,
    UndoneFacts,
)
from bot.rules.intake import Reason
from bot.rules.states import CandidateState
from bot.rules.words import Language, Priority, Severity, Trigger
from tests.messages.sample_cases import MAYA, NIKOS, NOW, TOM, minutes

HOSTILE = "<!channel> *Pay* <https://evil.example|here> & <@U0EVIL>"
NOTICES = (
    "waits", "still_waits", "escalated", "added", "logged", "dismissed", "restricted", "undone",
    "you_undid", "call_logged",
)  # fmt: skip
SAID: dict[str, Any] = {
    "candidate": 7, "customer": "Acme Hellas", "by": NIKOS, "why": "They meant another shop",
    "told": "Our support answers you.", "case": 9, "issue": 5, "severity": 2, "count": 3,
    "since_at": NOW - minutes(300),
}  # fmt: skip
SIGNAL = SignalFacts(
    source="phone",
    text="Nobody can pay since nine. If it is not fixed today we are leaving.",
    happened_at=NOW - minutes(320),
    received_at=NOW - minutes(300),
    link="https://desk.example/1",
    rating="1/5",
    reported_by=MAYA,
    details={"plan": "Gold"},
)


def candidate(**changes: Any) -> CandidateFacts:
    """One that waits, with all that can be known of it."""
    known = CandidateFacts(
        id=7,
        customer="Acme Hellas",
        account=AccountFacts("acme", "Acme Hellas", "Gold", 120_000, renewal=NOW.date()),
        contact_name="Ada Lane",
        contact_email="ada@acme.example",
        contact_phone="+30 210 1234567",
        language=Language.GREEK,
        stake=SIGNAL.text,
        severity=Severity.SEV2,
        trigger=Trigger.THREAT_TO_CANCEL,
        reasons=(Reason.THREAT, Reason.THIRD_CONTACT),
        sensitive=False,
        state=CandidateState.WAITING,
        count=1,
        signals=(SIGNAL,),
        happened_at=SIGNAL.happened_at,
        received_at=SIGNAL.received_at,
        owner=NIKOS,
        live=(9,),
    )
    return replace(known, **changes)


def decided(state: CandidateState = CandidateState.DISMISSED, **changes: Any) -> CandidateFacts:
    """One that was decided, after a decision before that was taken back."""
    before = UndoneFacts(CandidateState.DISMISSED, NIKOS, NOW, TOM, NOW, "We have read it.")
    usual: dict[str, Any] = {
        "decided_by": NIKOS, "decided_at": NOW, "why": "A question, answered",
        "told": "We have it.", "case_number": 9, "issue": 5, "undone": before,
        "may_undo": state is CandidateState.DISMISSED,
    }  # fmt: skip
    return candidate(state=state, **{**usual, **changes})


def line(number: int = 7, **changes: Any) -> CandidateLine:
    """One as a list shows it."""
    known = CandidateLine(
        id=number,
        customer="Acme Hellas",
        stake=SIGNAL.text,
        severity=Severity.SEV2,
        priority=Priority.HIGH,
        reasons=(Reason.THREAT,),
        sensitive=False,
        state=CandidateState.WAITING,
        count=2,
        received_at=SIGNAL.received_at,
    )
    return replace(known, **changes)


def lines(count: int, *, more: bool = False) -> CandidatePageFacts:
    """A page of so many."""
    found = tuple(line(number + 1) for number in range(count))
    return CandidatePageFacts(found, 2 if more else 1, more, count)

"""What of a restricted case may be said outside its channel: that it exists, and what to do.

Everything that a person wrote is left out, since any of it may name the customer. What is not known
to be harmless is left out too: a new fact of a notice is hidden until its name is listed in
``IDENTIFIERS``. Who may read a restricted case at all is decided in ``bot/core/access.py``.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import Enum
from typing import Any

from bot.rules.facts import (
    ActionFacts,
    AskFacts,
    CaseFacts,
    ConfirmationFacts,
    DriftFacts,
    HandoverFacts,
    LetterFacts,
    SentFacts,
    UnreachedFacts,
)
from bot.rules.words import Drift

IDENTIFIERS = frozenset(
    {"by", "user", "offered_by", "notice", "party", "standing", "answer", "what", "clock",
     "kind", "doubt", "url", "page", "way", "topic", "desk", "spoken", "why", "code",
     "duplicate", "turn", "silent", "pager", "by_way", "way_fault", "granted", "motive", "state",
     "reader", "recorder", "taken", "ended", "ended_by", "stands_in", "result", "people",
     "about", "skill", "news"}
)  # fmt: skip
# facts of notices that are ids or words of ours, never text from people


def hide_restricted(case: CaseFacts) -> CaseFacts:
    """Return the case without its customer, its stake and what people wrote about it.

    Numbers, people, clocks and statuses stay.
    """
    return replace(
        case,
        customer="",
        stake="",
        account=None,
        executive_reason="",
        ticket_url="",
        source_link="",
        bug=None,
        contact_name="",
        contact_email="",
        second_name="",
        second_email="",
        resolution_note="",
        workaround_note="",
        hold=replace(case.hold, note="") if case.hold else None,
        sent=tuple(_silent(each) for each in case.sent),
        confirmations=tuple(_silent(each) for each in case.confirmations),
        handovers=tuple(_silent(each) for each in case.handovers),
        contests=tuple(replace(each, words="") for each in case.contests),
        letter=_silent(case.letter),
        actions=tuple(_silent(each) for each in case.actions),
        asks=tuple(_silent(each) for each in case.asks),
        concessions=(),  # what was granted tells of the customer
        contacts=(),  # so does what executives spoke of
        opinions=tuple(replace(each, comment="") for each in case.opinions),
        drift=tuple(_silent(each) for each in case.drift),
        siblings=(),  # whose customer everybody may read
        standing=replace(case.standing, remark="") if case.standing else None,
    )


def restricted_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return further facts of a notice without text from people; the keys stay.

    Enums, numbers and instants stay too, a text becomes "", and so does what is of no known type.
    """
    return {name: value if name in IDENTIFIERS else _silent(value) for name, value in facts.items()}


def _silent(value: Any) -> Any:
    """Return a value without text from people; tuples are treated item by item."""
    match value:
        case SentFacts():
            faults = tuple((rule, "") for rule, _ in value.faults)
            return replace(value, text="", recipient="", route="", link="", faults=faults)
        case LetterFacts():
            return replace(value, text="", recipient="", fields={})
        case ConfirmationFacts():
            return replace(value, remark="")
        case HandoverFacts():
            return replace(value, summary="")
        case ActionFacts():
            return replace(value, title="", evidence="", dropped_why="", bug=None)
        case AskFacts():
            return replace(value, question="", remark="")
        case DriftFacts(what=Drift.MEMBER) | UnreachedFacts():
            return value
        case DriftFacts():
            return replace(value, seen="")
        case tuple():
            return tuple(_silent(each) for each in value)
        case Enum() | bool() | int() | datetime() | date() | None:
            return value
    return ""

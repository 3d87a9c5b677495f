"""What a pressed message says: that something was done only where it was."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.rules.words import HelpDesk, Language
from messages.kit.blocks import actions, button
from messages.kit.pressed import closed_message, done_line, is_still_owed

AT = datetime(2026, 2, 10, 12, 2, tzinfo=UTC)
SET_GOING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("mend", {"way": "same"}),
    ("mend", {"way": "new"}),
    ("send_broadcast", {"broadcast": 1}),
    ("retry_receipts", {"broadcast": 1}),
    ("update", {"route": "mail"}),
    ("resolve", {"route": "mail", "type": "fix"}),
    *(("update", {"route": desk.value}) for desk in HelpDesk),
)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(("verb", "fields"), SET_GOING)
def test_what_is_only_set_going_is_not_said_to_be_done(
    verb: str, fields: dict[str, Any], language: Language
) -> None:
    assert done_line(verb, fields, AT, language).startswith("⏳")
    assert done_line(verb, fields, AT, language, waits=True).startswith("✓")


@pytest.mark.parametrize("verb", ["update", "resolve", "claim", "hold"])
def test_what_was_recorded_is_done(verb: str) -> None:
    assert done_line(verb, {"route": "phone"}, AT, Language.ENGLISH).startswith("✓ You ")


def test_a_customer_who_was_not_reached_is_still_to_be_called() -> None:
    assert is_still_owed("call_to_calendar", {"case": 7})
    assert is_still_owed("breach_talk", {"way": "not_reached"})
    assert not is_still_owed("breach_talk", {"way": "call"})
    assert not is_still_owed("update", {"way": "not_reached"})


def test_what_was_accepted_for_all_needs_no_button_for_each() -> None:
    row = {"case": 7, "handover": 3, "accept": True}
    blocks = [
        actions(
            button("do:answer_handover#7", "Accept", row),
            button("ask:answer_handover#7", "Refuse", {**row, "accept": False}),
            button("do:answer_handover#8", "Accept", {**row, "handover": 4}),
        ),
        actions(button("do:accept_offers", "Accept all", {"offers": [3]})),
    ]
    closed = closed_message(
        "✓", "said", [b for b in blocks if b], verb="accept_offers", fields={"offers": [3]}
    )
    left = [e["action_id"] for b in closed.blocks if b["type"] == "actions" for e in b["elements"]]
    assert left == ["do:answer_handover#8"]

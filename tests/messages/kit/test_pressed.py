"""What a pressed message says: that something was done only where it was."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.rules.words import HelpDesk, Language
from messages.kit.pressed import done_line, is_still_owed

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
    assert is_still_owed("breach_talk", {"way": "not_reached"})
    assert not is_still_owed("breach_talk", {"way": "call"})
    assert not is_still_owed("update", {"way": "not_reached"})

"""Reviews as people see them: harmless, within Slack's limits, in every language."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.rules.reviews.review import ReviewFacts, ReviewSource
from bot.rules.words import Language
from messages.intake.reviews.listing import review_list
from messages.intake.reviews.notices import NOTICES, review_notice
from messages.kit.blocks import Message
from tests.messages.limits import check_all_harmless, check_blocks
from tests.messages.said import buttons
from tests.messages.sample_candidates import HOSTILE
from tests.messages.sample_cases import MAYA, NIKOS, NOW

EN, EL = Language.ENGLISH, Language("el")


def review(number: int = 1, **changes: Any) -> ReviewFacts:
    known: dict[str, Any] = {
        "source": ReviewSource.G2, "rating": "2/5", "text": "Slow", "author": "Joe Orange",
        "customer": "Acme", "link": "https://www.g2.com/r/1", "site": "", "location": "",
        "bad": True, "written_at": NOW - timedelta(days=2), "received_at": NOW,
        "due_at": NOW + timedelta(hours=8), "owner": "",
    }  # fmt: skip
    return ReviewFacts(id=number, **{**known, **changes})


def checked(message: Message) -> str:
    check_blocks(message.blocks)
    check_all_harmless(message.blocks)
    return json.dumps(message.blocks, ensure_ascii=False)


EXTRA = {
    "review": 1, "source": "g2", "author": "Joe", "link": "https://www.g2.com/r/1", "by": NIKOS,
    "due": NOW.isoformat(), "rating_before": "2/5", "rating_after": "4/5", "text_before": "Slow",
    "text_after": "They called me",
}  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", sorted(NOTICES))
def test_every_notice_is_said_in_every_language(name: str, language: Language) -> None:
    said = checked(review_notice(name, language, EXTRA))
    assert "Joe" in said
    hostile = dict.fromkeys(("author", "rating_after", "text_before", "text_after"), HOSTILE)
    worst = checked(review_notice(name, language, {**EXTRA, **hostile, "link": HOSTILE}))
    assert "<!channel>" not in worst
    assert "<https://evil" not in worst


@pytest.mark.parametrize("language", list(Language))
def test_the_list_holds_the_longest_and_is_useful_when_empty(language: Language) -> None:
    long = review(
        text="&" * 20_000, author="<" * 300, customer=">" * 300, site=HOSTILE, location=HOSTILE,
        edits=1, edited_at=NOW, rating_before=HOSTILE, text_before=HOSTILE * 300, owner=NIKOS,
        replied_at=NOW,
    )  # fmt: skip
    said = checked(review_list([long] * 15, 99, [long] * 5, language, NOW))
    assert "<!channel>" not in said
    empty = review_list([], 0, [], language, NOW)
    assert "/escalate review" in checked(empty)
    assert [b["action_id"] for b in buttons(empty)] == ["ask:add_review"]


def test_who_owes_the_reply_and_since_when_it_is_late_is_said() -> None:
    said = checked(review_list([review(owner=NIKOS)], 1, [], EN, NOW))
    assert f"Reply: <@{NIKOS}>" in said
    late = checked(review_list([review()], 1, [], EN, NOW + timedelta(days=2)))
    assert "⚠️ Reply: *Not taken yet*" in late
    assert "η προθεσμία ήταν" in checked(
        review_list([review()], 1, [], EL, NOW + timedelta(days=2))
    )


def test_a_change_is_shown_with_what_was_there_before() -> None:
    edited = review(edits=1, edited_at=NOW, rating="4/5", rating_before="2/5", text_before="Rude")
    said = checked(review_list([edited], 1, [], EN, NOW))
    for words in ("rating 2/5 → 4/5", ">Rude", ">Slow"):
        assert words in said


def test_an_answered_review_says_how_long_it_took() -> None:
    done = review(owner=MAYA, replied_at=NOW, replied_by=NIKOS)
    said = checked(review_list([], 0, [done, review(replied_at=NOW)], EN, NOW))
    assert "2 days after it was written" in said
    assert NIKOS in said
    assert MAYA not in said, "who had taken it and did not write it"
    assert "someone on the site" in said

"""The quarterly review at its longest: nothing that was written is lost to the limits of Slack."""

from datetime import date
from typing import Any

import pytest

from bot.rules.reports.quarterly import QuarterDecisionFacts
from bot.rules.states import Prevention
from bot.rules.words import Language
from messages.kit.blocks import Message
from messages.reports.quarterly import quarterly_answer, quarterly_notice
from tests.messages.sample_quarterly import AT, REVIEW, review

LANGUAGES = list(Language)
LONGEST = 3000  # characters of a part
DUE = date(2026, 11, 2)


def part(number: int, letter: str = "x") -> str:
    """A part of the greatest length, with its number at the end."""
    return f"{letter * 98} " * 29 + letter * 99 + f"end{number}"


def decisions(count: int, letter: str = "x") -> tuple[QuarterDecisionFacts, ...]:
    """Open decisions of 200 letters."""
    return tuple(
        QuarterDecisionFacts(n, "2026-Q3", f"d{n:02} " + letter * 196, "U0MAYA", DUE)
        for n in range(count)
    )


def shown(said: Message) -> str:
    """What the sections say, each inside its limit."""
    texts = [each["text"]["text"] for each in said.blocks if each["type"] == "section"]
    assert all(0 < len(text) <= 3000 for text in texts)
    return "\n".join(texts)


def buttons(said: Message) -> list[str]:
    """The action ids."""
    return [e["action_id"] for b in said.blocks if b["type"] == "actions" for e in b["elements"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_invited_read_each_part_that_it_found(language: Language) -> None:
    findings = {each.value: part(n) for n, each in enumerate(Prevention)}
    assert all(len(text) <= LONGEST for text in findings.values())
    said = quarterly_notice("held", language, REVIEW | {"findings": findings})
    assert all(f"end{n}" in shown(said) for n in range(4))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", ["x", "&"])
def test_the_review_shows_each_part_and_each_decision(language: Language, letter: str) -> None:
    found = review(
        findings={each: part(n, letter) for n, each in enumerate(Prevention)},
        open_before=decisions(20, letter), decisions=decisions(20, letter),
    )  # fmt: skip
    said = quarterly_answer(found, language, viewer="U0MAYA", writes=True)
    assert all(f"end{n}" in shown(said) for n in range(4))
    assert all(shown(said).count(f"d{n:02} ") == 2 for n in range(20))
    assert "ask:decide_quarter" in buttons(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_many_more_there_are_is_said(language: Language) -> None:
    more = {Language.ENGLISH: "and 3 more", Language.GREEK: "και 3 ακόμη"}[language]
    said = quarterly_answer(review(open_before=decisions(23)), language, viewer="", writes=False)
    assert more in shown(said)
    each = {"text": "&" * 200, "owner": "U0MAYA", "due": "2026-11-02"}
    invitation = quarterly_notice("prepared", language, REVIEW | {"open": [each] * 5, "count": 8})
    assert more in shown(invitation)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invitation_without_open_decisions_announces_none(language: Language) -> None:
    said = quarterly_notice("prepared", language, REVIEW | {"open": [], "count": 0})
    assert not shown(said).endswith(":")
    assert "0" not in shown(said).splitlines()[-1]


@pytest.mark.parametrize(
    ("viewer", "changes", "answers"),
    [
        ("U0MAYA", {}, 2),
        ("U0NIKOS", {}, 2),
        ("U0OTHER", {}, 0),
        ("U0MAYA", {"held_at": AT, "held_by": "U0NIKOS"}, 0),
    ],
)
def test_the_invited_answer_in_the_review_until_it_is_held(
    viewer: str, changes: dict[str, Any], answers: int
) -> None:
    said = quarterly_answer(review(**changes), Language.ENGLISH, viewer=viewer, writes=False)
    assert str(buttons(said)).count("do:answer_quarterly_review") == answers


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_of_a_decision_stand_below_its_list_and_differ(language: Language) -> None:
    found = review(open_before=decisions(2), decisions=decisions(9)[2:])
    said = quarterly_answer(found, language, viewer="U0MAYA", writes=True)
    presses = [each for each in buttons(said) if each.startswith("ask:end_quarter_decision")]
    assert presses == [f"ask:end_quarter_decision#{place}" for place in range(5)]
    kinds = [b["type"] for b in said.blocks]
    own = [n for n, b in enumerate(said.blocks) if "end_quarter_decision#2" in str(b)]
    of_list = [n for n, b in enumerate(said.blocks) if "d02 " in str(b) and kinds[n] == "section"]
    assert of_list[-1] < own[0]

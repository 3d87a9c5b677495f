"""What is said of a focus: each question keeps its button, and all of it has room."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.focus.period import IN_ONE
from bot.rules.facts import CaseFacts
from bot.rules.focus.facts import FocusFacts
from bot.rules.words import Language
from messages.cases.notices import notice_message
from messages.focus.card import focus_lines
from messages.focus.over import focus_message
from messages.kit.blocks import Message, actions, button, message, section
from messages.kit.pressed import closed_message
from tests.messages.sample_cases import ELENA, MAYA, NOW, case

EN = Language.ENGLISH
SAID = {"user": ELENA, "by": MAYA, "ended": "over", "interruptions": 0, "more": False}


def composed(name: str, about: CaseFacts, language: Language, extra: Mapping[str, Any]) -> Message:
    """The longest that is said: more words than there is room for, and two rows of buttons."""
    words = [section("x" * 3000) for _ in range(9)]
    return message("x" * 3000, *words, *(actions(button(f"do:{n}", n, {})) for n in ("a", "b")))


def over(*items: Mapping[str, Any]) -> Message:
    """The message at the end of a focus with these items."""
    extra = {**SAID, "items": [{"kept_at": NOW.isoformat(), **each} for each in items]}
    return focus_message("over", case(), EN, extra, composed)


def rows(said: Message) -> list[list[str]]:
    """The buttons of each row."""
    found = [block["elements"] for block in said.blocks if block["type"] == "actions"]
    return [[each["action_id"].partition("#")[0] for each in row] for row in found]


def test_one_answer_leaves_the_other_questions_their_buttons() -> None:
    said = over(*({"query": n, "by": MAYA, "words": "Why?"} for n in (1, 2, 3)))
    fields = {"case": 7, "query": 2, "answer": "No"}
    closed = closed_message("✓", said.text, said.blocks, verb="answer_question", fields=fields)
    asked = [row for row in rows(closed) if row == ["ask:answer_question"]]
    assert len(asked) == 2


def test_one_step_done_leaves_the_other_steps_their_buttons() -> None:
    steps = ({"case": 7, "applied": 1, "step": n} for n in (0, 1))
    row = actions(*(button(f"do:tick_step#{n}", "Done", step) for n, step in enumerate(steps)))
    assert row is not None
    fields = {"case": 7, "applied": 1, "step": 1}
    closed = closed_message("✓", "said", [row], verb="tick_step", fields=fields)
    assert [each["action_id"] for each in closed.blocks[0]["elements"]] == ["do:tick_step#0"]


def test_as_much_as_one_message_holds_keeps_every_button() -> None:
    said = over(*({"text": "notice:x", "extra": {}} for _ in range(IN_ONE)))
    assert len(said.blocks) <= 50
    assert rows(said)[:-1] == [["do:a"], ["do:b"]] * IN_ONE
    assert "do:status" in rows(said)[-1]


def test_what_interrupted_is_said_where_anything_did() -> None:
    focus = FocusFacts(ELENA, "Elena", NOW, NOW + timedelta(hours=1))
    assert "nterrupted" not in focus_lines(case(focus=focus), EN)[0]
    assert "nterrupted" not in over().text


@pytest.mark.parametrize(
    ("language", "words"), [(EN, "after 3 hours"), (Language.GREEK, "μετά από 3 ώρες")]
)
def test_how_often_a_word_comes_is_said_in_hours(language: Language, words: str) -> None:
    for name in ("focus_begun", "focus_set"):
        said = {"user": ELENA, "by": MAYA, "until": NOW.isoformat(), "every": 180}
        assert words in notice_message(name, case(), language, **said).text


def test_a_question_on_a_restricted_case_is_said_to_be_in_the_record() -> None:
    asked = {"query": 1, "by": MAYA, "words": "Why?"}
    assert "in the record" in notice_message("lead_asked", case(sensitive=True), EN, **asked).text
    assert "Why?" in notice_message("lead_asked", case(), EN, **asked).text
    kept = {**SAID, "items": [{**asked, "kept_at": NOW.isoformat()}]}
    said = focus_message("over", case(sensitive=True), EN, kept, composed).text
    assert "in the record" in said
    assert "Why?" not in said

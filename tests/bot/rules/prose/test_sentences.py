"""Sentences and words."""

import pytest

from bot.rules.prose.folding import fold_text
from bot.rules.prose.sentences import CLOCK, NAME, NUMBER, long_form, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["one.", "two!", "three?"]),
        ("At 4 p.m. today", ["at 4 p.m. today"]),
        ("A line that is\nwrapped", ["a line that is\nwrapped"]),
        ("Dear Maria,\nwe write", ["dear maria,", "we write"]),
        ("- one\n- two", ["- one", "- two"]),
        ("One\n\ntwo", ["one", "two"]),
        ("Version 4.50.2 runs", ["version 4.50.2 runs"]),
        ("Έγινε; Ναι· όλα.", ["εγινε;", "ναι·", "ολα."]),
    ],
)
def test_a_text_has_sentences(text: str, sentences: list[str]) -> None:
    folded = fold_text(text)
    found = [folded.text[each.start : each.end].strip() for each in split_sentences(folded)]
    assert found == sentences


def test_a_word_knows_what_it_looks_like() -> None:
    (sentence,) = split_sentences(fold_text("At 12:00 Eleni calls 3 shops"))
    kinds = {word.text: word.kinds for word in sentence.words}
    assert CLOCK in kinds["12:00"]
    assert NAME in kinds["eleni"]
    assert NUMBER in kinds["3"]
    assert not kinds["calls"]


@pytest.mark.parametrize(
    ("short", "words"),
    [("won't", ["will", "not"]), ("we'll", ["we", "will"]), ("cannot", ["can", "not"]),
     ("initech's", ["initech", "'s"]), ("shop", ["shop"])],
)  # fmt: skip
def test_a_short_form_stands_for_its_words(short: str, words: list[str]) -> None:
    assert list(long_form(short)) == words

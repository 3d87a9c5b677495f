"""Folding a text, and the places of what is folded."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.prose.disguises import unmask_text
from bot.rules.prose.folding import fold_text


@given(st.text())
@settings(max_examples=300)
def test_folding_takes_any_text_and_knows_where_everything_came_from(text: str) -> None:
    folded = fold_text(text)
    assert len(folded.text) == len(folded.origins)
    assert list(folded.origins) == sorted(folded.origins)
    for place in range(len(folded.text)):
        first, last = folded.place(place, place + 1)
        assert 0 <= first < last <= len(text)
        assert folded.text[place] in fold_text(text[first:last]).text


@given(st.text())
@settings(max_examples=200)
def test_taking_disguises_off_takes_any_text_too(text: str) -> None:
    read = unmask_text(text, lambda word: False)
    assert len(read.text) == len(read.origins)
    assert list(read.origins) == sorted(read.origins)


def test_digits_of_any_script_and_width_are_digits() -> None:
    assert fold_text("\uff14\uff11\u0661\u06f1\u0967").text == "41111"


def test_a_final_sigma_is_folded_by_unicode() -> None:
    assert fold_text("ΤΟΥΣ τους τουσ").text == "τουσ τουσ τουσ"

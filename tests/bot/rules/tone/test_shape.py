"""Question marks of another language, and signs that belong in a chat."""

import pytest

from bot.rules.tone.shape import find_informal, find_question_marks


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("ποτε εγινε?", 1),
        ("ειδατε το νεο dashboard του power bi?", 1),
        ("δειτε το https://x.example/?a=1 και πειτε μου.", 0),
        ("ποτε εγινε;", 0),
        ("could you send us the file;", 1),
        ("when did it stop;\nit was late.", 1),
        ("the first is here; the second follows.", 0),
        ("two rooms are ready;", 0),
        ("mporeite na to deite;", 0),
        ("did it stop?", 0),
    ],
)
def test_a_question_mark_of_another_language_is_found(text: str, count: int) -> None:
    assert len(list(find_question_marks(text))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("done!!", 1),
        ("done!", 0),
        ("all well :)", 1),
        ("gates: (2)", 0),
        ("done 🎉🎉", 1),
        ("🎉", 0),
    ],
)
def test_rows_of_marks_and_faces_are_informal(text: str, count: int) -> None:
    assert len(list(find_informal(text))) == count

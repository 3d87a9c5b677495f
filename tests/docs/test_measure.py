"""What is measured of the code is what stands in it, and a figure past its limit is said."""

from pathlib import Path

import pytest

from docs import measure
from docs.measure import Figure, read, report

FILES = {
    "app.py": '"""Whoever runs it."""\n',
    "bot/__init__.py": "",
    "bot/claim.py": (
        '"""Taking a case on."""\n\n\n'
        "class ClaimCase:\n    verb: ClassVar[str] = 'claim_case'\n\n\n"
        "ALLOWED = {'claim_case': ()}\n\n\n"
        "def claim():\n    state = 'waiting'\n"
    ),
    "bot/hold.py": "FITS = ('claim_case', 'hold')\n\n\ndef claim():\n    pass\n\n\n"
    "def hold_case():\n    pass\n",
    "storage/migrations/versions/0001.py": "def claim():\n    pass\n",
}


@pytest.fixture
def code(tmp_path: Path) -> measure.Code:
    """A small program."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read(tmp_path)


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        (measure.largest_folder, 2),
        (measure.longest_file, 12),
        (measure.repeated_names, 50.0),
        (measure.single_words, 50.0),
        (measure.vague_docstrings, 50.0),
        (measure.docstring_share, 16.7),
        (measure.verb_tables, 3),
        (measure.bare_states, 1),
    ],
)
def test_a_figure_is_what_stands_in_the_code(
    code: measure.Code, figure: object, value: float
) -> None:
    assert callable(figure)
    assert figure(code) == value


def test_a_figure_past_its_limit_is_named_and_fails(
    code: measure.Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Figure("kept", measure.longest_file, limit=12, wanted=5)
    passed = Figure("passed", measure.docstring_share, limit=18, wanted=18, more=True)
    monkeypatch.setattr(measure, "FIGURES", (kept,))
    assert report(code)[1]
    monkeypatch.setattr(measure, "FIGURES", (kept, passed))
    said, good = report(code)
    assert not good
    assert [line.split()[0] for line in said.splitlines() if "past its limit" in line] == ["passed"]


def test_no_figure_asks_for_less_than_what_is_wanted() -> None:
    for figure in measure.FIGURES:
        worst = min if figure.more else max
        assert worst(figure.limit, figure.wanted) == figure.limit, figure.name

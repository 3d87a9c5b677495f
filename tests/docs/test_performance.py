"""The page of figures says what its JSON says, and why where a target is missed."""

import json

import pytest

from benchmarks.figures import Figure
from benchmarks.reasons import UNKNOWN, reason
from benchmarks.report import KEPT, PAGE, filled


def test_the_page_is_what_its_figures_make_of_it() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert filled(page, json.loads(KEPT.read_text(encoding="utf-8"))) == page
    assert UNKNOWN not in page


def test_other_figures_make_another_page() -> None:
    page, run = PAGE.read_text(encoding="utf-8"), json.loads(KEPT.read_text(encoding="utf-8"))
    late = Figure("4. Reminders", "SQLite, until queued: p99", 2e3, "ms", None, 1e3, "value")
    run["figures"] = [{"part": late.part, "name": late.name, "value": late.value, "unit": "ms",
                       "floor": None, "most": late.most, "judged": "value", "note": "",
                       "ratio": None, "met": False}]  # fmt: skip

    told = filled(page, run)
    assert "| SQLite, until queued: p99" in told
    assert f"- {reason(late)} (SQLite, until queued: p99: 2000 ms)" in told
    assert "button, idle" not in told.partition("<!-- figures -->")[2].partition("<!-- /misses")[0]


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks"):
        filled(
            "# How fast",
            {"machine": {}, "figures": []}
            | {"machine": {"cores": 2, "processor": "x", "system": "y", "python": "3"}},
        )

"""How a drill went, out of its clocks and its record."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.learning.drills import Ran, Step, Went, refuse_verb, review_drill
from bot.rules.words import ClockKind

T0 = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)
DUE = T0 + timedelta(minutes=30)
END = T0 + timedelta(hours=2)
LATER = END + timedelta(hours=1)


@pytest.mark.parametrize(
    ("due", "stopped", "went"),
    [
        (DUE, DUE, Went.IN_TIME),
        (DUE, DUE + timedelta(seconds=1), Went.LATE),
        (DUE, None, Went.MISSED),
        (LATER, None, Went.OPEN),
        (END, None, Went.MISSED),
        (None, T0, Went.IN_TIME),
        (None, None, Went.OPEN),
    ],
)
def test_a_step_is_judged_by_its_clock(
    due: datetime | None, stopped: datetime | None, went: Went
) -> None:
    found = dict(review_drill([Ran(ClockKind.ACKNOWLEDGE, due, stopped)], (), END))
    assert found[Step.CLAIMED] is went


def test_of_several_updates_the_worst_counts() -> None:
    kind = ClockKind.NEXT_UPDATE
    kept, late = Ran(kind, DUE, DUE), Ran(kind, DUE, DUE + timedelta(minutes=1))
    missed, open_one = Ran(kind, DUE, None), Ran(kind, LATER, None)
    for ran, went in (
        ([kept, open_one], Went.IN_TIME),
        ([kept, late, open_one], Went.LATE),
        ([late, missed], Went.MISSED),
        ([], Went.OPEN),
    ):
        assert dict(review_drill(ran, (), END))[Step.UPDATED] is went


def test_a_handover_has_no_clock_of_its_own() -> None:
    assert dict(review_drill([], {"hand_over"}, END))[Step.HANDED_OVER] is Went.DONE
    assert dict(review_drill([], {"claim"}, END))[Step.HANDED_OVER] is Went.LEFT_OUT


def test_once_it_is_over_it_is_read_and_nothing_else() -> None:
    assert refuse_verb("new", "claim") == ""
    assert refuse_verb("new", "link_bug") == "not_in_a_drill"
    assert refuse_verb("dismissed", "update") == "drill_is_over"
    assert refuse_verb("dismissed", "timeline") == ""

"""Quarters of a membership, and what a sponsor does next."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.sponsorship.brief import (
    Renewal,
    build_quarter,
    list_next_steps,
    mean_score,
    quarter_at,
)
from bot.rules.sponsorship.quarters import touch_due
from bot.rules.sponsorship.words import NextStep
from tests.messages.sample_sponsorship import brief

ATHENS = ZoneInfo("Europe/Athens")
BEGAN = date(2026, 2, 10)
N = NextStep


@given(
    began=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    days=st.integers(0, 1200),
    zone=st.sampled_from(["Europe/Athens", "America/New_York", "Asia/Tokyo"]).map(ZoneInfo),
)
def test_every_instant_of_a_membership_is_in_exactly_one_quarter(
    began: date, days: int, zone: ZoneInfo
) -> None:
    instant = datetime(began.year, began.month, began.day, 12, tzinfo=zone) + timedelta(days=days)
    quarter, number = quarter_at(began, instant, zone)
    holding = [n for n in range(1, 30) if build_quarter(began, n, zone).holds(instant)]
    assert holding == [number]
    assert quarter.begins <= instant < quarter.ends


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.integers(1, 12))
def test_a_quarter_ends_when_its_contact_is_due_and_the_next_begins(began: date, n: int) -> None:
    assert build_quarter(began, n, ATHENS).ends == touch_due(began, n, ATHENS)
    assert build_quarter(began, n, ATHENS).ends == build_quarter(began, n + 1, ATHENS).begins


def test_the_first_quarter_begins_with_the_day_on_which_the_sponsor_accepted() -> None:
    first, second = build_quarter(BEGAN, 1, ATHENS), build_quarter(BEGAN, 2, ATHENS)
    assert (first.first, first.last) == (BEGAN, date(2026, 5, 10))
    assert (second.first, second.last) == (date(2026, 5, 11), date(2026, 8, 10))


CALM = brief(
    cases=(), broken=(), scores=(5, 4), commitments=(), asks=(), owed=None, unread=False,
    end_proposed=False, renewal=Renewal(),
)  # fmt: skip


def test_where_nothing_presses_one_step_is_left() -> None:
    assert list_next_steps(CALM) == (N.STAY,)


def test_the_most_pressing_comes_first() -> None:
    steps = list_next_steps(brief())
    assert steps == tuple(sorted(steps, key=list(N).index))
    assert steps[0] is N.ANSWER
    assert N.STAY not in steps
    assert N.CALL not in steps  # as it is late already


@pytest.mark.parametrize(
    ("part", "step"),
    [
        ("cases", N.CASES), ("broken", N.BROKEN), ("asks", N.ANSWER),
        ("commitments", N.COMMITMENTS), ("owed", N.CALL_LATE), ("unread", N.READ),
        ("end_proposed", N.DECIDE),
    ],
)  # fmt: skip
def test_each_reason_brings_its_step(part: str, step: NextStep) -> None:
    known = {name: getattr(CALM, name) for name in CALM.__slots__}
    assert list_next_steps(brief(**known | {part: getattr(brief(), part)})) == (step,)


@pytest.mark.parametrize(("days", "near"), [(-1, False), (0, True), (120, True), (121, False)])
def test_a_renewal_is_spoken_of_when_it_is_near(days: int, near: bool) -> None:
    known = {name: getattr(CALM, name) for name in CALM.__slots__}
    day = CALM.today + timedelta(days=days)
    steps = list_next_steps(brief(**known | {"renewal": Renewal(day)}))
    assert (N.RENEWAL in steps) is near


def test_an_answer_of_two_is_unhappy_and_three_is_not() -> None:
    known = {name: getattr(CALM, name) for name in CALM.__slots__}
    for scores, unhappy in (((3, 3), False), ((5, 2), True)):
        assert (N.UNHAPPY in list_next_steps(brief(**known | {"scores": scores}))) is unhappy


def test_of_few_answers_there_is_no_mean() -> None:
    assert mean_score((1, 2, 3, 4)) is None
    assert mean_score((1, 2, 3, 4, 5)) == 3.0


def test_today_is_the_day_of_the_quarters_zone() -> None:
    late = datetime(2026, 5, 17, 22, 30, tzinfo=UTC)  # half past one in Athens, the next day
    assert brief(made_at=late).today == date(2026, 5, 18)

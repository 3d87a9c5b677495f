"""The arithmetic on time against every minute of random calendars, and the laws that it keeps.

``HYPOTHESIS_PROFILE=deep`` runs a hundred times as many examples.
"""

import os
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.rules.calendars.calendar import Calendar
from tests.bot.rules.minutes import DAYS, MINUTE, SCENES, WEEKDAYS, Picture

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
many = settings(
    max_examples=80_000 if DEEP else 800,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
some = settings(parent=many, max_examples=10_000 if DEEP else 100)

LATEST = 24 * 60
minutes_of_day = st.integers(0, LATEST // 5).map(lambda n: n * 5)
scenes = st.sampled_from(SCENES)
starts = st.integers(0, DAYS * 1440 - 1)


def wall(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def windows(draw: st.DrawFn) -> list[list[str]]:
    """Up to three windows of a day; they may overlap, touch midnight or run past it."""
    pairs = draw(st.lists(st.tuples(minutes_of_day, minutes_of_day), max_size=3))
    return [[wall(a), wall(b)] for a, b in pairs if a not in (b, LATEST)]


weeks = st.fixed_dictionaries({}, optional=dict.fromkeys(WEEKDAYS, windows()))


@st.composite
def offices(draw: st.DrawFn, scene: tuple[str, date]) -> tuple[Calendar, Picture]:
    """A random calendar of a scene, as the engine has it and as the minutes show it."""
    zone, middle = scene
    near = st.integers(-DAYS // 2, DAYS // 2).map(lambda n: middle + timedelta(days=n))
    weekly = draw(weeks)
    holidays = draw(st.lists(near, max_size=4))
    special = draw(st.dictionaries(near, windows(), max_size=3))
    spec = {
        "tz": zone,
        "weekly_hours": weekly,
        "holidays": holidays,
        "special_days": {day.isoformat(): hours for day, hours in special.items()},
    }
    return Calendar.from_spec(spec), Picture(scene, weekly, holidays, special)


@many
@given(st.data())
def test_due_instants_agree_with_every_minute(data: st.DataObject) -> None:
    calendar, picture = data.draw(scenes.flatmap(offices))
    start = data.draw(starts)
    budget = data.draw(st.integers(0, 6000))
    expected = picture.add(start, budget)
    if expected is not None:
        assert calendar.add(picture.at(start), budget * MINUTE) == picture.at(expected)
    opens = picture.next_open(start)
    if opens is not None:
        assert calendar.next_open(picture.at(start)) == picture.at(opens)


@many
@given(st.data())
def test_open_time_agrees_with_every_minute(data: st.DataObject) -> None:
    calendar, picture = data.draw(scenes.flatmap(offices))
    start, end = sorted((data.draw(starts), data.draw(starts)))
    expected = picture.between(start, end) * MINUTE
    assert calendar.between(picture.at(start), picture.at(end)) == expected
    listed = calendar.windows(picture.at(start), picture.at(end))
    assert sum((closes - opens for opens, closes in listed), timedelta()) == expected
    assert all(before[1] < after[0] for before, after in pairwise(listed))


@some
@given(st.data())
def test_a_union_agrees_with_every_minute(data: st.DataObject) -> None:
    middle = date(2026, 3, 29)
    zones = ("Europe/Athens", "America/New_York", "Asia/Beirut", "Asia/Kathmandu")
    parts = [data.draw(offices((zone, middle))) for zone in zones]
    calendar = Calendar.union([part[0] for part in parts])
    picture = Picture.union([part[1] for part in parts])
    start, budget = data.draw(starts), data.draw(st.integers(0, 6000))
    expected = picture.add(start, budget)
    if expected is not None:
        assert calendar.add(picture.at(start), budget * MINUTE) == picture.at(expected)


@some
@given(st.data())
def test_due_never_moves_back_when_the_budget_grows(data: st.DataObject) -> None:
    calendar, picture = data.draw(scenes.flatmap(offices))
    start = data.draw(starts)
    less, more = sorted(data.draw(st.tuples(st.integers(0, 6000), st.integers(0, 6000))))
    if picture.add(start, more) is not None:
        at = picture.at(start)
        assert calendar.add(at, less * MINUTE) <= calendar.add(at, more * MINUTE)


@some
@given(st.data())
def test_a_budget_spent_in_two_parts_ends_at_the_same_instant(data: st.DataObject) -> None:
    calendar, picture = data.draw(scenes.flatmap(offices))
    start = data.draw(starts)
    first, second = data.draw(st.integers(0, 3000)), data.draw(st.integers(0, 3000))
    if picture.add(start, first + second) is not None:
        at = picture.at(start)
        stop = calendar.add(at, first * MINUTE)
        assert calendar.add(stop, second * MINUTE) == calendar.add(at, (first + second) * MINUTE)


@some
@given(st.data())
def test_the_time_up_to_the_due_instant_is_the_budget(data: st.DataObject) -> None:
    calendar, picture = data.draw(scenes.flatmap(offices))
    start, budget = data.draw(starts), data.draw(st.integers(0, 6000))
    if picture.add(start, budget) is not None:
        at = picture.at(start)
        assert calendar.between(at, calendar.add(at, budget * MINUTE)) == budget * MINUTE


@some
@given(scenes.flatmap(offices))
def test_a_calendar_survives_storage(office: tuple[Calendar, Picture]) -> None:
    calendar, _ = office
    assert Calendar.from_spec(calendar.spec()) == calendar

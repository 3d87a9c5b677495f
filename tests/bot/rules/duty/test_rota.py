"""Who is on duty by the rota: shifts, nights, clock changes, people who are away."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.rules.calendars.calendar import Calendar
from bot.rules.duty import Absence, Gap, Rota, Shift
from bot.rules.policy.load import PolicyError, load_policy, policy_from_spec

DAY = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
NIGHT = {day: [["22:00", "06:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def calendar(hours: Mapping[str, Any], zone: str = "Europe/Athens") -> Calendar:
    return Calendar.from_spec({"tz": zone, "weekly_hours": hours})


CALENDARS = {
    "day": calendar(DAY),
    "night": calendar(NIGHT),
    "new_york": calendar(DAY, "America/New_York"),
    "always": Calendar.always("UTC"),
}
ATHENS = Shift("Athens", "day", ("EMMA", "EVAN"), ("LEAH",))
AMERICA = Shift("New York", "new_york", ("DORA",))


def at(day: int, hour: int, minute: int = 0, month: int = 2) -> datetime:
    """By UTC in 2026; Athens is two hours ahead in February."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def rota(shifts: Sequence[Shift], *absences: Absence) -> Rota:
    return Rota(shifts, CALENDARS, ("EMMA", "EVAN"), absences)


def test_without_shifts_everybody_is_on_duty_around_the_clock() -> None:
    watch = rota([]).watch_at(at(14, 1))
    assert (watch.people, watch.backup, watch.shifts, watch.until) == (
        ("EMMA", "EVAN"),
        (),
        (),
        None,
    )


def test_shifts_follow_one_another_around_the_world_and_overlap() -> None:
    both = rota([ATHENS, AMERICA])
    seen = {hour: both.watch_at(at(10, hour)).shifts for hour in (6, 7, 14, 15, 21, 22)}
    assert seen == {
        6: (), 7: ("Athens",), 14: ("Athens", "New York"), 15: ("New York",),
        21: ("New York",), 22: (),
    }  # fmt: skip
    assert both.watch_at(at(10, 14)).people == ("EMMA", "EVAN", "DORA")
    assert both.watch_at(at(10, 14)).until == at(10, 15)


@pytest.mark.parametrize(("day", "hours"), [(28, 7), (24, 9)])
def test_the_night_of_a_clock_change_is_as_long_as_it_is(day: int, hours: int) -> None:
    """On 29 March clocks go ahead in Athens, on 25 October they go back."""
    month = 3 if day == 28 else 10
    night = rota([Shift("night", "night", ("NINA",))])
    begin = at(day, 20 if month == 3 else 19, month=month)
    assert night.watch_at(begin).until == begin + timedelta(hours=hours)


def test_a_deputy_stands_in_only_while_the_absence_lasts_and_if_there() -> None:
    away = Absence("EMMA", at(10, 8), at(11, 8), "KATE")
    assert rota([ATHENS], away).watch_at(at(10, 7, 59)).people == ("EMMA", "EVAN")
    assert rota([ATHENS], away).watch_at(at(10, 8)).people == ("KATE", "EVAN")
    assert rota([ATHENS], away).watch_at(at(11, 8)).people == ("EMMA", "EVAN")
    too = Absence("KATE", at(10, 8), at(11, 8))
    assert rota([ATHENS], away, too).watch_at(at(10, 9)).people == ("EVAN",)


def test_a_deputy_who_is_on_duty_anyway_is_named_once() -> None:
    away = Absence("EMMA", at(10, 8), at(11, 8), "EVAN")
    assert rota([ATHENS], away).watch_at(at(10, 9)).people == ("EVAN",)


def test_gaps_are_nights_weekends_and_what_people_who_are_away_leave() -> None:
    away = [Absence(user, at(10, 9), at(10, 11)) for user in ("EMMA", "EVAN")]
    found = rota([ATHENS], *away).find_gaps(at(10, 8), at(11, 8))
    assert found == [
        Gap(at(10, 9), at(10, 11), ("EMMA", "EVAN")),
        Gap(at(10, 15), at(11, 7)),
    ]


def test_a_rota_around_the_clock_has_no_gap_and_none_is_everybody() -> None:
    always = Shift("always", "always", ("EMMA",))
    assert rota([always]).find_gaps(at(1, 0), at(15, 0)) == []
    assert rota([]).find_gaps(at(1, 0), at(15, 0)) == []


@pytest.mark.parametrize("day", range(1, 29))
def test_each_gap_is_one_at_every_instant_and_nothing_else_is(day: int) -> None:
    away = Absence("DORA", at(day, 12), at(day, 20))
    both = rota([ATHENS, AMERICA], away)
    begin, end = at(day, 0), at(day, 0) + timedelta(days=3)
    gaps = both.find_gaps(begin, end)
    now = begin
    while now < end:
        inside = any(gap.begins <= now < gap.ends for gap in gaps)
        assert inside == (not both.watch_at(now).people), now
        now += timedelta(minutes=30)


def spec(**duty: Any) -> dict[str, Any]:
    return {**load_policy().spec, "duty": duty}


def test_who_stands_in_the_rota_leads_escalations() -> None:
    shift = {"calendar": "business", "people": ["UEMMA"], "backup": ["UKATE"]}
    policy = policy_from_spec(spec(shifts=[shift]))
    assert policy.roles["escalation_manager"] == ("UEMMA", "UKATE")  # type: ignore[index]
    assert [(s.name, s.people, s.backup) for s in policy.shifts] == [("1", ("UEMMA",), ("UKATE",))]


@pytest.mark.parametrize(
    ("shift", "said"),
    [
        ({"calendar": "busines", "people": ["UEMMA"]}, "duty.shifts[0].calendar"),
        ({"calendar": "business"}, "duty.shifts[0].people"),
        ({"calendar": "business", "people": ["emma"]}, "duty.shifts[0].people"),
        ({"calendar": "business", "people": ["UEMMA"], "zone": "UTC"}, "duty.shifts[0].zone"),
    ],
)
def test_a_mistake_in_the_rota_is_named_with_its_place(shift: Any, said: str) -> None:
    with pytest.raises(PolicyError) as wrong:
        policy_from_spec(spec(shifts=[shift]))
    assert [each.key for each in wrong.value.problems] == [said]

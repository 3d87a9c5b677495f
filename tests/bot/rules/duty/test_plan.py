"""The shifts of the days to come: every instant once, by the reader's calendar."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.calendars.calendar import Calendar
from bot.rules.duty import Absence, Rota, Shift, Stint
from bot.rules.duty.plan import DAYS, plan_days

ATHENS, NEW_YORK = "Europe/Athens", "America/New_York"
WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDARS = {
    "athens": Calendar.from_spec({"tz": ATHENS, "weekly_hours": WEEK}),
    "new_york": Calendar.from_spec({"tz": NEW_YORK, "weekly_hours": WEEK}),
    "always": Calendar.always("UTC"),
}
SUN = (Shift("Athens", "athens", ("UEMMA", "UANNA"), ("UKATE",)),
       Shift("New York", "new_york", ("UNED",)))  # fmt: skip
NOW = datetime(2027, 3, 22, 8, 30, tzinfo=UTC)  # a Monday; the 28th has 23 hours


def rota(*absences: Absence, shifts: tuple[Shift, ...] = SUN) -> Rota:
    return Rota(shifts, CALENDARS, ("UEMMA",), absences)


def at(day: int, hour: int) -> datetime:
    return datetime(2027, 3, day, hour, tzinfo=UTC)


def test_a_day_has_its_shifts_and_its_holes_in_order() -> None:
    today, *_ = plan_days(rota(), NOW, ATHENS)
    seen = [(s.begins, s.ends, s.watch.shifts, s.watch.people) for s in today.stretches]
    assert today.day == date(2027, 3, 22)
    assert seen == [
        (NOW, at(22, 13), ("Athens",), ("UEMMA", "UANNA")),
        (at(22, 13), at(22, 15), ("Athens", "New York"), ("UEMMA", "UANNA", "UNED")),
        (at(22, 15), at(22, 21), ("New York",), ("UNED",)),
        (at(22, 21), at(22, 22), (), ()),
    ]


def test_who_is_away_is_named_with_the_hole_that_it_makes() -> None:
    away = Absence("UNED", at(22, 0), at(24, 0))
    days = plan_days(rota(away), NOW, ATHENS)
    alone = days[0].stretches[-2]
    assert (alone.watch.shifts, alone.watch.people, alone.away) == (("New York",), (), ("UNED",))


def test_the_night_of_the_clock_change_is_23_hours_long() -> None:
    days = plan_days(rota(), NOW, ATHENS)
    (sunday,) = [each for each in days if each.day == date(2027, 3, 28)]
    (stretch,) = sunday.stretches
    assert stretch.ends - stretch.begins == timedelta(hours=23)
    assert stretch.watch.people == ()


MOMENTS = st.integers(0, 365 * 24 * 60).map(lambda n: at(1, 0) + timedelta(minutes=n))
ZONES = st.sampled_from(["UTC", ATHENS, NEW_YORK, "Australia/Lord_Howe", "Asia/Kathmandu", "None"])


@given(MOMENTS, ZONES, st.lists(st.integers(0, 400), min_size=4, max_size=4))
def test_every_instant_is_in_one_stretch_and_says_who_is_on_duty_then(
    now: datetime, zone: str, hours: list[int]
) -> None:
    begins, ends, away, back = (now + timedelta(hours=each) for each in hours)
    stint = Stint("UNED", min(begins, ends), max(begins, ends))
    shifts = (*SUN, Shift("Pager", "always", (), stints=(stint,)))
    found = rota(Absence("UNED", min(away, back), max(away, back), "UKATE"), shifts=shifts)
    days = plan_days(found, now, zone)
    stretches = [each for day in days for each in day.stretches]

    assert len(days) == DAYS
    assert stretches[0].begins == now
    assert all(a.ends == b.begins for a, b in pairwise(stretches))
    for each in stretches:
        for moment in (each.begins, each.ends - timedelta(microseconds=1)):
            assert found.watch_at(moment).people == each.watch.people

"""When people go off duty, and who is on duty next."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.duty import Absence, DutyEnd, Rota, Shift, find_ends
from tests.bot.rules.duty.test_rota import AMERICA, ATHENS, CALENDARS, at, rota

WEEK = timedelta(days=7)
MONDAY = at(9, 0)
NIGHT = Shift("night", "night", ("NINA",))


def ends(shifts: Sequence[Shift], *absences: Absence, begins: datetime = MONDAY) -> list[DutyEnd]:
    return find_ends(rota(shifts, *absences), begins, begins + WEEK)


def test_who_is_alone_in_the_rota_has_nobody_to_hand_over_to() -> None:
    assert ends([ATHENS]) == []
    assert ends([]) == []


def test_a_shift_ends_into_the_one_that_goes_on() -> None:
    found = [end for end in ends([ATHENS, AMERICA]) if end.at == at(10, 15)]
    assert found == [DutyEnd(user, at(10, 15), ("DORA",)) for user in ("EMMA", "EVAN")]


def test_after_a_gap_the_next_shift_inherits_and_over_a_weekend_too() -> None:
    found = [end for end in ends([ATHENS, AMERICA]) if end.user == "DORA"]
    assert [(end.at, end.heirs) for end in found] == [
        (at(day, 22), ("EMMA", "EVAN")) for day in (9, 10, 11, 12, 13)
    ]  # on Friday the 13th whoever comes on Monday


def test_an_absence_that_begins_ends_a_duty() -> None:
    away = Absence("EMMA", at(10, 9), at(12, 9), "KATE")
    assert ends([ATHENS], away)[0] == DutyEnd("EMMA", at(10, 9), ("KATE", "EVAN"))
    assert ends([], away)[0] == DutyEnd("EMMA", at(10, 9), ("KATE", "EVAN"))


def test_who_is_also_on_the_next_shift_goes_on() -> None:
    late = Shift("late", "new_york", ("EMMA",))
    found = {end.user for end in ends([ATHENS, late]) if end.at == at(10, 15)}
    assert found == {"EVAN"}


@pytest.mark.parametrize(
    ("day", "month", "begins", "ends_at"),
    [(28, 3, 20, 3), (24, 10, 19, 4), (10, 2, 20, 4)],
)
def test_a_night_ends_when_it_does_where_clocks_change(
    day: int, month: int, begins: int, ends_at: int
) -> None:
    """At six in Athens: three by UTC in summer, four in winter, in the night of the change too."""
    begin = datetime(2026, month, day, begins, tzinfo=UTC)
    both = Rota([NIGHT, Shift("rest", "always", ("OLGA",))], CALENDARS, ())
    found = find_ends(both, begin, begin + timedelta(hours=12))
    assert found == [
        DutyEnd("NINA", datetime(2026, month, day + 1, ends_at, tzinfo=UTC), ("OLGA",))
    ]

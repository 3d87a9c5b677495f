"""Calendars: what their specification means, and their answers at the edges."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.rules.calendars.calendar import Calendar, CalendarError
from tests.bot.rules.cases import BUSINESS, NEW_YORK, OFFICE_HOURS, feb, hours

ATHENS = "Europe/Athens"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def spec(**other: object) -> dict[str, object]:
    return {"tz": ATHENS, "weekly_hours": OFFICE_HOURS, **other}


def test_a_budget_of_nothing_ends_where_it_starts() -> None:
    saturday = feb(14, 12)
    assert BUSINESS.add(saturday, timedelta()) == saturday


def test_a_budget_that_ends_at_closing_time_ends_at_the_close() -> None:
    assert BUSINESS.add(feb(13, 9), hours(8)) == feb(13, 17)


def test_time_between_is_negative_backwards() -> None:
    assert BUSINESS.between(feb(11, 10), feb(10, 16)) == -hours(2)


def test_a_close_belongs_to_the_time_after_it() -> None:
    assert BUSINESS.next_open(feb(10, 9)) == feb(10, 9)
    assert BUSINESS.next_open(feb(10, 17)) == feb(11, 9)
    assert BUSINESS.next_open(feb(13, 17)) == feb(16, 9)


def test_a_night_window_belongs_to_the_date_on_which_it_opens() -> None:
    night = Calendar.from_spec(
        {"tz": ATHENS, "weekly_hours": {"fri": [["22:00", "06:00"]]}, "holidays": ["2026-02-14"]}
    )
    assert night.windows(feb(13, 9), feb(16, 9)) == [(feb(13, 22), feb(14, 6))]
    assert night.business_day_close(feb(14, 2), 0) == feb(14, 6)


def test_overlapping_and_touching_windows_are_one() -> None:
    messy = {"tue": [["12:00", "15:00"], ["09:00", "13:00"], ["15:00", "24:00"]]}
    calendar = Calendar.from_spec({"tz": ATHENS, "weekly_hours": messy})
    assert calendar.windows(feb(10, 0), feb(11, 0)) == [(feb(10, 9), feb(11, 0))]


def test_a_special_day_beats_a_holiday_and_a_holiday_the_week() -> None:
    calendar = Calendar.from_spec(
        spec(
            holidays=["2026-02-10", "2026-02-11"],
            special_days={"2026-02-11": [["10:00", "12:00"]], "2026-02-12": []},
        )
    )
    assert calendar.windows(feb(10, 0), feb(13, 0)) == [(feb(11, 10), feb(11, 12))]


def test_a_gap_of_hours_without_end_is_refused_not_searched_for_ever() -> None:
    never = Calendar.from_spec({"tz": ATHENS, "weekly_hours": {}})
    with pytest.raises(CalendarError, match="do not open"):
        never.add(feb(10, 9), hours(1))
    with pytest.raises(CalendarError, match="business days"):
        never.business_day_close(feb(10, 9), 1)


def test_a_negative_budget_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        BUSINESS.add(feb(10, 9), -hours(1))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        BUSINESS.add(datetime(2026, 2, 10, 9), hours(1))  # noqa: DTZ001


def test_a_date_that_the_zone_skipped_has_no_hours() -> None:
    apia = Calendar.from_spec({"tz": "Pacific/Apia", "weekly_hours": {"fri": [["09:00", "17:00"]]}})
    assert apia.windows(utc(2011, 12, 27), utc(2012, 1, 5)) == []


def test_a_day_of_autumn_is_an_hour_longer_around_the_clock() -> None:
    day = Calendar.from_spec(
        {"tz": ATHENS, "weekly_hours": {"sun": [["00:00", "24:00"]]}, "holidays": []}
    )
    assert day.between(utc(2026, 10, 24), utc(2026, 10, 27)) == hours(25)


def test_calendar_days_keep_the_time_on_the_wall() -> None:
    friday = utc(2026, 3, 27, 16, 30)  # 18:30 in Athens, before the clocks change
    assert BUSINESS.add_days(friday, 3) == utc(2026, 3, 30, 15, 30)
    assert BUSINESS.add_days(friday, 0) == friday


@pytest.mark.parametrize(
    ("received", "close"),
    [
        (feb(10, 8), feb(11, 17)),  # before opening: that day is day 0
        (feb(10, 16, 59), feb(11, 17)),
        (feb(10, 17), feb(12, 17)),  # at the close: the next business day is day 0
        (feb(14, 12), feb(17, 17)),  # Saturday: Monday is day 0
    ],
)
def test_one_business_day(received: datetime, close: datetime) -> None:
    assert BUSINESS.business_day_close(received, 1) == close


def test_a_business_day_of_a_union_lasts_until_its_last_office_closes() -> None:
    both = Calendar.union([BUSINESS, NEW_YORK])
    assert both.business_day_close(feb(10, 12), 0) == utc(2026, 2, 10, 22)
    assert both.business_day_close(feb(11, 0, 30), 0) == utc(2026, 2, 11, 22)


def test_a_union_is_open_when_one_of_its_offices_has_a_holiday() -> None:
    closed = Calendar.from_spec(spec(holidays=["2026-02-10"]))
    both = Calendar.union([closed, NEW_YORK])
    assert both.windows(feb(10, 0), feb(11, 0)) == [(feb(10, 16), feb(11, 0))]


def test_the_holidays_of_a_country_come_with_their_names() -> None:
    greek = Calendar.from_spec(spec(country="GR"))
    easter = (utc(2026, 4, 9), utc(2026, 4, 14))
    found = greek.holidays(*easter, "en")
    assert [(h.day, h.name) for h in found] == [
        (date(2026, 4, 10), "Good Friday"),
        (date(2026, 4, 13), "Easter Monday"),
    ]
    assert greek.holidays(*easter, "el")[0].name == "Μεγάλη Παρασκευή"
    assert greek.between(*easter) == hours(8)


def test_the_holidays_of_a_part_of_a_country() -> None:
    bavaria = Calendar.from_spec(
        {"tz": "Europe/Berlin", "weekly_hours": OFFICE_HOURS, "country": "DE", "subdiv": "BY"}
    )
    epiphany = utc(2026, 1, 6, 12)  # a holiday in Bavaria only
    assert bavaria.next_open(epiphany) > epiphany


def test_around_the_clock_never_closes() -> None:
    always = Calendar.always(ATHENS)
    assert always.never_closes
    assert always.spec()["weekly_hours"] is None
    assert always.windows(feb(10, 0), feb(20, 0)) == [(feb(10, 0), feb(20, 0))]
    assert Calendar.from_spec({"tz": ATHENS, "weekly_hours": None}) == always


def test_equal_hours_have_equal_keys_and_other_hours_others() -> None:
    assert Calendar.from_spec(spec()).key == BUSINESS.key
    assert Calendar.from_spec(spec(holidays=["2026-02-10"])).key != BUSINESS.key
    both = Calendar.union([BUSINESS, NEW_YORK])
    assert Calendar.from_spec(both.spec()) == both


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"weekly_hours": {}}, "tz is missing"),
        (spec(tz="Europe/Athns"), "unknown time zone 'Europe/Athns'"),
        (spec(tz="../etc/passwd"), "unknown time zone"),
        (spec(hours={}), "unknown key 'hours'"),
        (spec(weekly_hours={"monday": []}), "unknown key 'monday'"),
        (spec(weekly_hours=[]), "must map weekdays"),
        (spec(weekly_hours={"mon": [["9:00", "17:00"]]}), "'9:00' is not a time"),
        (spec(weekly_hours={"mon": [["09:00", "25:00"]]}), "'25:00' is not a time"),
        (spec(weekly_hours={"mon": [["09:00"]]}), "pair of times"),
        (spec(weekly_hours={"mon": "09:00-17:00"}), "list of pairs"),
        (spec(weekly_hours={"mon": [["09:00", "09:00"]]}), "are empty"),
        (spec(holidays=["10/02/2026"]), "is not a date"),
        (spec(holidays="2026-02-10"), "must be a list of dates"),
        (spec(special_days=["2026-02-10"]), "must map dates"),
        (spec(country="ZZ"), "ZZ"),
        (spec(subdiv="BY"), "subdiv needs a country"),
        ({"union": []}, "at least one"),
        ({"union": [spec()], "tz": ATHENS}, "unknown key 'tz'"),
    ],
)
def test_a_wrong_specification_is_refused_by_name(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(CalendarError, match=says):
        Calendar.from_spec(wrong)


def test_ten_years_cost_no_more_tables_than_the_years_have_odd_weeks() -> None:
    """The usual weeks of all years share one table for each offset of the zone."""
    calendar = Calendar.from_spec({"tz": "Europe/Vilnius", "weekly_hours": OFFICE_HOURS})
    calendar.between(utc(2016, 1, 1), utc(2026, 1, 1))
    weeks = [week for block in calendar._hours._blocks.values() for week in block.weeks]
    changes_of_offset = 2 * 11
    assert len(weeks) >= 520
    assert len({id(week) for week in weeks}) <= 2 + changes_of_offset * 2

"""Periods as people type them, and the one before."""

from datetime import UTC, date, datetime

import pytest

from bot.rules.reports.periods import Period, PeriodKind, months_of, period_before, read_period

TODAY = date(2026, 11, 29)


def read(typed: str) -> Period | None:
    """What is read today, in Athens."""
    return read_period(typed, TODAY, "Europe/Athens")


@pytest.mark.parametrize(
    ("typed", "key", "first", "last"),
    [
        ("", "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-Q3", "2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("q3 2026", "2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2024-02", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025", "2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("90d", "90d", date(2026, 9, 1), TODAY),
        ("1 d", "1d", TODAY, TODAY),
        ("last", "2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
    ],
)
def test_a_period_is_read(typed: str, key: str, first: date, last: date) -> None:
    found = read(typed)
    assert found is not None
    assert (found.key, found.first, found.last) == (key, first, last)
    again = read(key)
    assert again is not None
    assert (again.first, again.last) == (first, last)


@pytest.mark.parametrize(
    "typed",
    ["2027", "2026-12", "2026-13", "2026-00", "2026-Q5", "0d", "9999d", "1999", "yesterday", "-1d"],
)
def test_what_names_no_period_or_lies_ahead_is_none(typed: str) -> None:
    assert read(typed) is None


def test_instants_are_those_of_the_zone_and_both_ends_are_told_apart() -> None:
    found = read("2026-Q4")
    assert found is not None
    assert found.begins.astimezone(UTC) == datetime(2026, 9, 30, 21, tzinfo=UTC)
    assert found.ends.astimezone(UTC) == datetime(2026, 12, 31, 22, tzinfo=UTC)  # winter by then
    assert found.holds(found.begins)
    assert not found.holds(found.ends)
    assert not found.holds(None)
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    assert found.until(now) == now


@pytest.mark.parametrize(
    ("typed", "before"),
    [("2026-Q1", "2025-Q4"), ("2026-01", "2025-12"), ("2026", "2025"), ("90d", "90d")],
)
def test_the_period_before_is_named_alike_and_ends_as_this_one_begins(
    typed: str, before: str
) -> None:
    found = read(typed)
    assert found is not None
    earlier = period_before(found)
    assert earlier.key == before
    assert earlier.ends == found.begins


def test_the_months_of_a_period() -> None:
    odd = Period(PeriodKind.DAYS, date(2025, 12, 31), date(2026, 2, 1), "UTC")
    assert [each.key for each in months_of(odd)] == ["2025-12", "2026-01", "2026-02"]

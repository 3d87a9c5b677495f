"""Instants in words: the right wall clock, and the zone that goes with it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.rules.words import Language
from messages.kit.dates import format_day, format_duration, format_moment, format_stamp

EN, EL = Language.ENGLISH, Language.GREEK
WINTER = datetime(2026, 2, 10, 14, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 4, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "english", "greek"),
    [
        ("Europe/Athens", "16:00 Athens time (UTC+2)", "στις 16:00 (ώρα Ελλάδας, UTC+2)"),
        ("America/New_York", "09:00 New York time (UTC-5)", "στις 09:00 (ώρα Νέας Υόρκης, UTC-5)"),
        ("Asia/Kolkata", "19:30 Kolkata time (UTC+5:30)", "στις 19:30 (Καλκούτα, UTC+5:30)"),
        ("UTC", "14:00 UTC", "στις 14:00 (UTC)"),
        ("Mars/Olympus", "14:00 UTC", "στις 14:00 (UTC)"),
    ],
)
def test_an_instant_is_written_with_its_zone(zone: str, english: str, greek: str) -> None:
    assert format_moment(WINTER, EN, zone) == f"{english} on Tuesday 10 February 2026"
    assert format_moment(WINTER, EL, zone) == f"την Τρίτη 10 Φεβρουαρίου 2026 {greek}"


def test_summer_time_is_told_apart() -> None:
    assert "17:00 Athens time (UTC+3)" in format_moment(SUMMER, EN, "Europe/Athens")


def test_the_day_is_the_one_of_the_zone() -> None:
    late = datetime(2026, 2, 10, 23, 0, tzinfo=UTC)
    assert format_moment(late, EL, "Europe/Athens").startswith(
        "την Τετάρτη 11 Φεβρουαρίου 2026 στη 01:00"
    )


def test_greek_days_carry_their_articles() -> None:
    week = [format_day(date(2026, 2, 9) + timedelta(days=n), EL).split()[0] for n in range(7)]
    assert week == ["τη", "την", "την", "την", "την", "το", "την"]


@pytest.mark.parametrize(
    ("minutes", "english", "greek"),
    [
        (0, "0 minutes", "0 λεπτά"),
        (1, "1 minute", "1 λεπτό"),
        (60, "1 hour", "1 ώρα"),
        (90, "1 hour 30 minutes", "1 ώρα και 30 λεπτά"),
        (2880, "48 hours", "48 ώρες"),
        (-5, "0 minutes", "0 λεπτά"),
    ],
)
def test_a_span_is_written_in_words(minutes: int, english: str, greek: str) -> None:
    assert format_duration(timedelta(minutes=minutes), EN) == english
    assert format_duration(timedelta(minutes=minutes), EL) == greek


def test_a_stamp_is_local() -> None:
    assert format_stamp(WINTER, EN, "Europe/Athens") == "10 Feb 2026, 16:00"
    assert format_stamp(WINTER, EL, "Europe/Athens") == "10 Φεβ 2026, 16:00"

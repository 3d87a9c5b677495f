"""Times as people type them, in both languages, by their own clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.errors import UserError
from handlers.commands import read_command
from handlers.commands.instants import resolve_time
from handlers.commands.parser import Command
from handlers.commands.when import find_leftover, read_for_person

ATHENS = ZoneInfo("Europe/Athens")
NOW = datetime(2027, 2, 8, 7, 10, tzinfo=UTC)  # a Monday, ten past nine in Athens

UNDERSTOOD = {
    "until Mon": "2027-02-15 09:00",
    "till Tuesday": "2027-02-09 09:00",
    "until Mon 18:00": "2027-02-08 18:00",
    "until next Fri": "2027-02-19 09:00",
    "until tomorrow": "2027-02-09 09:00",
    "until tomorrow 09:00": "2027-02-09 09:00",
    "until 5pm tomorrow": "2027-02-09 17:00",
    "until the day after tomorrow": "2027-02-10 09:00",
    "until 18:00": "2027-02-08 18:00",
    "until 9am": "2027-02-09 09:00",
    "until 12 am": "2027-02-09 00:00",
    "until noon": "2027-02-08 12:00",
    "until 5 Dec": "2027-12-05 09:00",
    "until Dec 5th at 18.30": "2027-12-05 18:30",
    "until Sunday, 5 December 2027 18:30": "2027-12-05 18:30",
    "until 5/12": "2027-12-05 09:00",
    "until 5.12.2027": "2027-12-05 09:00",
    "until 2027-12-05": "2027-12-05 09:00",
    "until 29 Feb": "2028-02-29 09:00",
    "for 3 days": "2027-02-11 09:10",
    "for 2 hours": "2027-02-08 11:10",
    "μέχρι Δευτέρα": "2027-02-15 09:00",
    "μεχρι τη δευτερα": "2027-02-15 09:00",
    "ΜΕΧΡΙ ΤΗΝ ΠΑΡΑΣΚΕΥΗ": "2027-02-12 09:00",
    "έως αύριο στις 14:00": "2027-02-09 14:00",
    "μέχρι τις 5 Δεκεμβρίου": "2027-12-05 09:00",
    "ως 5 Δεκ 6 μ.μ.": "2027-12-05 18:00",
    "μέχρι μεθαύριο το μεσημέρι": "2027-02-10 12:00",
    "για 2 εβδομάδες": "2027-02-22 09:10",
    # The clock is put forward at three on the 28th of March, and back at four on the 31st of
    # October: what is left out is an hour later, of what comes twice the first is meant.
    "until 28 Mar 03:30": "2027-03-28 04:30",
    "until 31 Oct 03:30": "2027-10-31 03:30",
}


@pytest.mark.parametrize(("typed", "local"), UNDERSTOOD.items())
def test_a_time_is_read_by_the_clock_of_who_typed_it(typed: str, local: str) -> None:
    found = read_command(f"away {typed}")
    assert isinstance(found, Command)
    assert found.arguments == {"until": typed.rstrip(".")}
    at = resolve_time(typed, NOW, ATHENS)
    assert f"{at.astimezone(ATHENS):%Y-%m-%d %H:%M}" == local
    assert at.utcoffset() == UTC.utcoffset(None)


def test_three_days_keep_the_time_of_day_over_a_change_of_clocks() -> None:
    friday = datetime(2027, 3, 26, 7, 0, tzinfo=UTC)
    at = resolve_time("for 3 days", friday, ATHENS)
    assert f"{at.astimezone(ATHENS):%d %H:%M}" == "29 09:00"
    assert resolve_time("for 72 hours", friday, ATHENS).astimezone(ATHENS).hour == 10


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("until", "odd_time"),
        ("until Blursday", "odd_time"),
        ("until 30 Feb", "odd_day"),
        ("until 32 Dec", "odd_day"),
        ("until 5/13", "odd_day"),
        ("until 2027-02-29", "odd_day"),
        ("until 5 Feb", "time_past"),
        ("until today 08:00", "time_past"),
        ("until 2026-12-05", "time_past"),
        ("για 0 ημέρες", "time_past"),
        ("until 25:00", "odd_time"),
        ("until 13 pm", "odd_time"),
    ],
)
def test_what_is_no_time_to_come_is_refused_with_what_was_understood(typed: str, key: str) -> None:
    with pytest.raises(UserError) as refused:
        resolve_time(typed, NOW, ATHENS)
    assert (refused.value.key, refused.value.facts["said"]) == (key, typed)


def test_the_end_is_sought_after_the_beginning() -> None:
    begins = resolve_time("from Fri", NOW, ATHENS)
    assert resolve_time("until Mon", NOW, ATHENS, begins).astimezone(ATHENS).day == 15
    with pytest.raises(UserError, match="away_backwards"):
        resolve_time("until 2027-03-05", NOW, ATHENS, resolve_time("from Dec 5", NOW, ATHENS))


def test_words_say_who_is_away_and_who_stands_in() -> None:
    typed = {
        "away until Mon <@U0KATE|kate>": {"until": "until Mon", "deputy": "U0KATE"},
        "away <@U0KATE> until Mon back soon": {
            "until": "until Mon", "deputy": "U0KATE", "note": "back soon",
        },
        "away for <@U0TOM> until Fri <@U0KATE>": {
            "colleague": "U0TOM", "until": "until Fri", "deputy": "U0KATE",
        },
        "λείπω από Παρασκευή μέχρι Δευτέρα για την <@U0TOM>": {
            "begins": "από Παρασκευή", "until": "μέχρι Δευτέρα", "colleague": "U0TOM",
        },
        "back <@U0TOM>": {"colleague": "U0TOM"},
    }  # fmt: skip
    for text, arguments in typed.items():
        found = read_command(text)
        assert isinstance(found, Command)
        assert found.arguments == arguments
    assert read_command("back to back errors since noon").arguments == {  # type: ignore[union-attr]
        "stake": "back to back errors since noon"
    }
    assert read_for_person("for kate") is None


@pytest.mark.parametrize(
    ("left", "named"), [("at 25:00", "at 25:00"), ("Dec is a mess", "Dec is"), ("see you", "")]
)
def test_what_looks_like_a_part_of_a_time_is_not_left_out(left: str, named: str) -> None:
    assert find_leftover(left) == named

"""A clock can say why: the numbers in the words are the engine's own."""

from datetime import datetime

import pytest

from bot.rules.sla import Event, Target, replay
from bot.rules.words import Language
from messages.clocks.explain import explain_clock
from tests.bot.rules.cases import CALENDARS, event, feb, pausable, pause, resume, start


def told(*events: Event, language: Language = Language.ENGLISH) -> list[str]:
    clock = next(e.clock for e in events if e.clock)
    state = replay(events, CALENDARS)[clock]
    return explain_clock(
        state, events, CALENDARS, "p7", language, "Europe/Athens"
    ).text.splitlines()


def test_a_due_instant_is_told_with_every_number() -> None:
    assert told(
        start(feb(13, 16), minutes=960, received_at=feb(13, 15)),
        event(feb(17, 10), "severity_change", minutes=840),
    ) == [
        "Resolution is due Tue 17 Feb 2026 13:00 (Athens time); 3 h left.",
        "Policy p7 allowed 16 h at first.",
        "Hours: Mon-Fri 09:00-17:00 (Athens time).",
        "Received Fri 13 Feb 15:00, from which it counts; taken in Fri 13 Feb 16:00.",
        (
            "Fri 13 Feb 15:00 to Tue 17 Feb 10:00: 11 h counted, of 16 h allowed then "
            "(Fri 13 Feb 15:00-17:00, Mon 16 Feb 09:00-17:00, Tue 17 Feb 09:00-10:00)."
        ),
        "Tue 17 Feb 10:00: severity changed; the target became 14 h; what was used counts.",
        "Used 11 h of 14 h; 3 h left.",
        (
            "From Tue 17 Feb 10:00, 3 h of open time: Tue 17 Feb 10:00-13:00; "
            "used up Tue 17 Feb 13:00."
        ),
    ]


def test_pauses_and_their_reasons_are_told() -> None:
    lines = told(
        pausable(feb(10, 9), minutes=600),
        pause(feb(10, 16)),
        resume(feb(11, 11)),
        pause(feb(11, 12)),
    )
    assert lines[0] == "Resolution is waiting (waiting for the customer); 2 h left when it goes on."
    assert (
        "Paused Tue 10 Feb 16:00 to Wed 11 Feb 11:00 (waiting for the customer): 3 h not counted."
        in lines
    )
    assert "Paused since Wed 11 Feb 12:00 (waiting for the customer)." in lines


def test_holidays_on_the_way_are_named() -> None:
    lines = told(start(feb(10, 15), calendar="holiday_11"))
    assert "Closed or special: Wed 11 Feb." in lines


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ([event(feb(10, 12), "severity_change", minutes=60)], "more was used than the new target"),
        ([event(feb(10, 18), "internal_note")], "The time was used up Tue 10 Feb 17:00"),
        ([event(feb(10, 16), "merge_in", received_at=feb(9, 9))], "With the older report"),
        ([event(feb(10, 12), "stop"), event(feb(11, 9), "reopen")], "Wed 11 Feb 09:00: reopened"),
        ([event(feb(10, 12), "calendar_change", calendar="new_york")], "(New York time)"),
        (
            [event(feb(10, 16), "stop", recorded_at=feb(10, 18))],
            "Tue 10 Feb 16:00: learned only Tue 10 Feb 18:00",
        ),
        (
            [event(feb(10, 16), "stop", recorded_at=feb(10, 18))],
            "An earlier breach alarm was wrong",
        ),
    ],
)
def test_what_happened_is_told(events: list[Event], says: str) -> None:
    assert any(says in line for line in told(start(feb(10, 9)), *events))


def test_a_promise_is_told_as_one() -> None:
    lines = told(
        start(feb(10, 9), "next_update", 240),
        event(feb(10, 10), "agent_public", promised_at=feb(10, 12)),
    )
    assert "Tue 10 Feb 10:00: the next update was promised for Tue 10 Feb 12:00." in lines
    assert lines[-1] == "Due Tue 10 Feb 12:00, as promised to the customer."


def test_days_are_told_as_days() -> None:
    lines = told(start(feb(10, 9), "postmortem_held", target=Target(calendar_days=3)))
    assert lines[1] == "Policy p7 allows 3 calendar days."
    assert lines[-1] == "The day that counts ends Fri 13 Feb 09:00."


def test_what_came_later_is_not_told_of_an_earlier_instant() -> None:
    events = [start(feb(10, 9)), event(feb(10, 12), "severity_change", minutes=240)]
    state = replay(events, CALENDARS, as_of=feb(10, 11))["resolution"]
    text = explain_clock(state, events, CALENDARS, "p7", Language.ENGLISH, "Europe/Athens").text
    assert "severity changed" not in text


def test_times_are_told_in_the_readers_zone() -> None:
    events = [start(feb(10, 9))]
    state = replay(events, CALENDARS)["resolution"]
    text = explain_clock(state, events, CALENDARS, "p7", Language.ENGLISH, "America/New_York").text
    assert "due Tue 10 Feb 2026 10:00 (New York time)" in text


def test_a_long_list_of_windows_is_shortened() -> None:
    lines = told(start(feb(2, 9), minutes=60 * 100), event(feb(13, 17), "internal_note"))
    assert any("… 7 more …" in line for line in lines)


def test_greek_readers_are_told_in_greek() -> None:
    lines = told(start(feb(10, 9)), language=Language.GREEK)
    assert lines[0] == "Επίλυση: προθεσμία Τρί 10 Φεβ 2026 17:00 (ώρα Ελλάδας)· υπόλοιπο: 8 ώρες."


def test_a_clock_that_owes_nothing_says_so() -> None:
    assert told(start(feb(10, 9), "next_reply"))[0].startswith(
        "Reply to the customer: nothing is due"
    )


def test_a_year_is_told_where_it_is_another() -> None:
    december: datetime = feb(10, 9).replace(month=12, day=31)
    assert any("2027" in line for line in told(start(december, minutes=960))[1:])


def test_each_stretch_names_the_target_that_held_in_it() -> None:
    lines = told(
        start(feb(10, 9), minutes=960),
        event(feb(10, 12), "severity_change", minutes=480),
        event(feb(10, 14), "severity_change", minutes=720),
        event(feb(10, 15), "internal_note"),
    )
    assert lines[1] == "Policy p7 allowed 16 h at first."
    counted = [line.partition(" counted, of ")[2] for line in lines if " counted, of " in line]
    assert [each.partition(" allowed")[0] for each in counted] == ["16 h", "8 h", "12 h"]
    assert [line.partition("target became ")[2][:4] for line in lines if "became" in line] == [
        "8 h;",
        "12 h",
    ]


def test_a_target_that_came_back_hides_no_other_between() -> None:
    lines = told(
        start(feb(10, 9)),
        event(feb(10, 10), "severity_change", minutes=600),
        event(feb(10, 11), "severity_change", minutes=480),
        event(feb(10, 12), "internal_note"),
    )
    assert lines[1] == "Policy p7 allowed 8 h at first."
    assert any("of 10 h allowed then" in line for line in lines)


def test_a_change_that_leaves_the_target_is_no_change() -> None:
    lines = told(start(feb(10, 9)), event(feb(10, 10), "severity_change", minutes=480))
    assert lines[1] == "Policy p7 allows 8 h."
    assert not any("severity changed" in line for line in lines)


def test_another_policy_is_not_told_as_another_severity() -> None:
    lines = told(start(feb(10, 9)), event(feb(10, 10), "severity_change", minutes=600, reason="p8"))
    assert lines[1] == "An earlier policy allowed 8 h at first."
    assert any("policy p8 was applied; the target became 10 h" in line for line in lines)


def test_a_change_after_the_end_is_not_told_of_a_clock_that_ended() -> None:
    lines = told(
        start(feb(10, 9)),
        event(feb(10, 10), "stop", clock="resolution"),
        event(feb(10, 12), "severity_change", minutes=60),
    )
    assert lines[1] == "Policy p7 allows 8 h."
    assert not any("became" in line for line in lines)


def test_a_pause_and_holidays_are_told_by_the_hours_of_their_time() -> None:
    to_always = event(feb(11, 9), "severity_change", minutes=6000, calendar="always")
    lines = told(pausable(feb(10, 9), minutes=600), pause(feb(10, 16)), to_always,
                 resume(feb(11, 12)))  # fmt: skip
    paused = next(line for line in lines if line.startswith("Paused"))
    assert paused.endswith("4 h not counted.")  # one hour until 17:00, three around the clock
    closed = told(
        start(feb(10, 15), minutes=6000, calendar="holiday_11"),
        event(feb(12, 9), "severity_change", minutes=9000, calendar="always"),
    )
    assert "Closed or special: Wed 11 Feb." in closed
    open_then = told(
        start(feb(10, 15), minutes=6000, calendar="always"),
        event(feb(12, 9), "severity_change", minutes=9000, calendar="holiday_11"),
    )
    assert "Closed or special: Wed 11 Feb." not in open_then


def test_a_changed_target_is_told_in_greek() -> None:
    lines = told(
        start(feb(10, 9), minutes=960),
        event(feb(10, 12), "severity_change", minutes=480),
        event(feb(10, 14), "internal_note"),
        language=Language.GREEK,
    )
    assert lines[1] == "Η πολιτική p7 επέτρεπε αρχικά 16 ώρες."
    assert any("με όριο τότε 16 ώρες" in line for line in lines)
    assert any("με όριο τότε 8 ώρες" in line for line in lines)

"""Pauses that dodge a breach stand out; honest ones do not."""

from datetime import datetime

from bot.rules.policy.suspicious_pauses import Pause, Sign, find_suspicious_pauses, pauses_of
from tests.bot.rules.cases import CALENDARS, feb, pausable, pause, resume


def a_pause(start: datetime, end: datetime | None = None, **other: object) -> Pause:
    facts = {
        "case": "ESC-1",
        "clock": "resolution",
        "by": "U1",
        "reasons": ("waiting_customer",),
        "due_before": feb(10, 17),
    }
    return Pause(start=start, end=end, **{**facts, **other})


def signs(*pauses: Pause) -> list[tuple[Sign, ...]]:
    return [suspicion.signs for suspicion in find_suspicious_pauses(pauses)]


def test_a_pause_long_before_anything_is_due_is_honest() -> None:
    assert signs(a_pause(feb(10, 10), feb(10, 12))) == []


def test_a_pause_just_before_the_due_instant_that_ends_right_after_it_stands_out() -> None:
    dodge = a_pause(feb(10, 16, 45), feb(10, 17, 10))
    assert signs(dodge) == [(Sign.JUST_BEFORE_DUE, Sign.ENDED_RIGHT_AFTER)]


def test_a_pause_after_the_breach_dodges_nothing() -> None:
    assert signs(a_pause(feb(10, 17, 10), feb(10, 18))) == []


def test_three_pauses_of_one_clock_stand_out() -> None:
    three = [a_pause(feb(10, hour), feb(10, hour, 30)) for hour in (9, 11, 13)]
    assert signs(*three) == [(Sign.REPEATED_ON_CLOCK,)] * 3
    assert signs(*three[:2]) == []


def test_one_person_pausing_many_cases_at_the_last_minute_stands_out() -> None:
    cases = [a_pause(feb(10, 16, 50), case=f"ESC-{n}") for n in range(3)]
    assert signs(*cases) == [(Sign.JUST_BEFORE_DUE, Sign.REPEATED_BY_PERSON)] * 3


def test_the_worst_comes_first() -> None:
    mild, bad = a_pause(feb(10, 16, 50), case="A"), a_pause(feb(10, 16, 55), feb(10, 17), case="B")
    assert [suspicion.pause.case for suspicion in find_suspicious_pauses([mild, bad])] == ["B", "A"]


def test_pauses_are_read_from_the_facts_of_a_case() -> None:
    events = [pausable(feb(10, 9)), pause(feb(10, 16, 50)), resume(feb(10, 17, 5))]
    [found] = pauses_of("ESC-7", events, CALENDARS, lambda _: "U9")
    assert (found.start, found.end, found.due_before, found.by) == (
        feb(10, 16, 50),
        feb(10, 17, 5),
        feb(10, 17),
        "U9",
    )


def test_people_of_whom_nothing_is_known_are_not_taken_for_one() -> None:
    cases = [a_pause(feb(10, 16, 50), case=f"ESC-{n}", by="") for n in range(3)]
    assert signs(*cases) == [(Sign.JUST_BEFORE_DUE,)] * 3

"""Each threshold is said once; what was missed collapses into the loudest."""

from datetime import datetime

from bot.rules.sla import ClockState, due_thresholds, next_fire_at, thresholds
from tests.bot.rules.cases import event, feb, pausable, pause, start, state

TERMS = {"minutes": 240, "warn_pct": (50, 75, 90), "ladder_minutes": (0, 30, 120)}


def running() -> ClockState:
    return state(start(feb(10, 9), **TERMS))


def said(clock: ClockState, fired: set[str], now: datetime) -> tuple[list[str], str | None]:
    new, aloud = due_thresholds(clock, fired, now)
    return [threshold.name for threshold in new], aloud.name if aloud else None


def test_the_rung_at_the_breach_is_the_breach() -> None:
    assert [(t.name, t.at) for t in thresholds(running())] == [
        ("warn:50", feb(10, 11)),
        ("warn:75", feb(10, 12)),
        ("warn:90", feb(10, 12, 36)),
        ("breach", feb(10, 13)),
        ("ladder:1", feb(10, 13, 30)),
        ("ladder:2", feb(10, 15)),
    ]


def test_a_warning_is_said_at_its_instant_and_never_again() -> None:
    assert said(running(), set(), feb(10, 10, 59)) == ([], None)
    assert said(running(), set(), feb(10, 11)) == (["warn:50"], "warn:50")
    assert said(running(), {"warn:50"}, feb(10, 11, 30)) == ([], None)


def test_what_downtime_missed_collapses_into_the_loudest() -> None:
    assert said(running(), {"warn:50"}, feb(10, 13, 31)) == (
        ["warn:75", "warn:90", "breach", "ladder:1"],
        "ladder:1",
    )


def test_a_quieter_one_than_what_was_said_is_recorded_in_silence() -> None:
    assert said(running(), {"breach"}, feb(10, 13)) == (["warn:50", "warn:75", "warn:90"], None)


def test_the_next_instant_to_wake_is_the_first_unsaid() -> None:
    assert next_fire_at(running(), set()) == feb(10, 11)
    assert next_fire_at(running(), {"warn:50", "warn:75", "warn:90"}) == feb(10, 13)
    everything = {threshold.name for threshold in thresholds(running())}
    assert next_fire_at(running(), everything) is None


def test_a_waiting_clock_has_only_what_it_had_reached() -> None:
    clock = state(pausable(feb(10, 9), **TERMS), pause(feb(10, 11, 30)))
    assert [t.name for t in thresholds(clock)] == ["warn:50"]
    assert next_fire_at(clock, {"warn:50"}) is None


def test_a_met_clock_has_nothing_more_to_say() -> None:
    assert thresholds(state(start(feb(10, 9), **TERMS), event(feb(10, 12), "stop"))) == []


def test_a_clock_that_ended_late_says_once_that_it_breached() -> None:
    clock = state(start(feb(10, 9), **TERMS), event(feb(10, 16), "stop"))
    assert said(clock, {"warn:50"}, feb(10, 17)) == (["breach"], "breach")


def test_a_cancelled_clock_is_silent() -> None:
    assert thresholds(state(start(feb(10, 9), **TERMS), event(feb(10, 16), "cancel"))) == []


def test_a_target_used_up_by_a_change_speaks_once_of_the_breach() -> None:
    clock = state(start(feb(10, 9), **TERMS), event(feb(10, 12), "severity_change", minutes=60))
    assert said(clock, {"warn:50"}, feb(10, 12)) == (["warn:75", "breach"], "breach")

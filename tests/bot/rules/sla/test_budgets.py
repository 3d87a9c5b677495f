"""Clocks with one budget: pauses, changes, merges, reopening and late facts, alone and together."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.sla import Cause, Event, EventKind, Result, State, Target, replay
from tests.bot.rules.cases import (
    CALENDARS,
    WAITING,
    event,
    feb,
    hours,
    pausable,
    pause,
    resume,
    start,
    state,
)


def test_the_remainder_after_a_severity_change_in_a_pause_is_what_the_new_target_leaves() -> None:
    events = [
        pausable(feb(10, 9)),
        pause(feb(10, 11)),
        event(feb(10, 12), "severity_change", minutes=240),
    ]
    waiting = state(*events)
    assert (waiting.state, waiting.due, waiting.remaining) == (State.PAUSED, None, hours(2))
    assert state(*events, resume(feb(10, 14))).due == feb(10, 16)


def test_a_target_used_up_already_breaches_in_the_pause_at_the_change() -> None:
    clock = state(
        pausable(feb(10, 9)),
        pause(feb(10, 14)),
        event(feb(10, 15), "severity_change", minutes=240),
    )
    assert clock.state is State.BREACHED
    assert clock.paused
    assert (clock.breached_at, clock.breach_cause) == (feb(10, 15), Cause.RETARGET)


def test_consumed_time_equal_to_the_new_target_is_a_breach_at_the_change() -> None:
    clock = state(start(feb(10, 9)), event(feb(10, 12), "severity_change", minutes=180))
    assert (clock.breached_at, clock.breach_cause) == (feb(10, 12), Cause.RETARGET)


def test_a_stop_at_the_instant_of_a_severity_change_is_met() -> None:
    clock = state(
        start(feb(10, 9)),
        event(feb(10, 12), "severity_change", minutes=60),
        event(feb(10, 12), "stop"),
    )
    assert clock.state is State.MET


def test_a_breach_comes_before_a_pause_of_the_same_instant() -> None:
    clock = state(pausable(feb(10, 9), minutes=240), pause(feb(10, 13)))
    assert clock.state is State.BREACHED
    assert (clock.breached_at, clock.paused) == (feb(10, 13), True)


def test_a_breach_comes_before_a_target_raised_at_the_same_instant() -> None:
    clock = state(
        start(feb(10, 9), minutes=240), event(feb(10, 13), "severity_change", minutes=960)
    )
    assert (clock.breached_at, clock.breach_cause) == (feb(10, 13), Cause.ELAPSED)


def test_a_clock_that_starts_on_hold_waits_at_once() -> None:
    clock = state(
        start(feb(10, 9), "acknowledge"), pause(feb(10, 10)), pausable(feb(10, 11), "resolution")
    )
    assert clock.state is State.RUNNING
    both = replay(
        [start(feb(10, 9), "acknowledge"), pause(feb(10, 10)), pausable(feb(10, 11))], CALENDARS
    )
    assert both["resolution"].pause_reasons == (WAITING,)
    assert both["resolution"].due is None


def test_a_pause_of_one_clock_leaves_the_others_running() -> None:
    events = [
        pausable(feb(10, 9), "workaround"),
        pausable(feb(10, 9), "resolution"),
        Event(at=feb(10, 10), kind=EventKind.PAUSE, clock="workaround", reason=WAITING),
    ]
    clocks = replay(events, CALENDARS)
    assert clocks["workaround"].state is State.PAUSED
    assert clocks["resolution"].state is State.RUNNING


def test_the_customers_word_ends_the_wait_of_every_clock_that_listed_it() -> None:
    events = [
        pausable(feb(10, 9), "workaround"),
        pausable(feb(10, 9), "resolution"),
        pause(feb(10, 10)),
        event(feb(10, 12), "customer_message"),
        resume(feb(10, 16)),
    ]
    clocks = replay(events, CALENDARS)
    assert {clock.due for clock in clocks.values()} == {feb(11, 11)}


def test_the_customers_word_does_not_end_another_wait() -> None:
    clock = state(
        pausable(feb(10, 9)),
        pause(feb(10, 10)),
        pause(feb(10, 10), "waiting_third_party"),
        event(feb(10, 11), "customer_message"),
    )
    assert clock.pause_reasons == ("waiting_third_party",)
    assert [span.reasons for span in clock.paused_spans][-1] == ("waiting_third_party",)


def test_a_resume_that_was_learned_late_counts_from_when_it_happened() -> None:
    clock = state(
        pausable(feb(10, 9), minutes=300),
        pause(feb(10, 10)),
        event(feb(10, 12), "customer_message", recorded_at=feb(10, 15)),
    )
    assert clock.due == feb(10, 16)


def test_a_calendar_change_in_a_pause_counts_the_rest_on_the_new_hours() -> None:
    clock = state(
        pausable(feb(10, 9)),
        pause(feb(10, 15)),
        event(feb(10, 16), "calendar_change", calendar="new_york"),
        resume(feb(10, 16, 30)),
    )
    assert clock.due == feb(10, 18, 30)  # two hours from 09:30 in New York


def test_an_edit_of_the_calendar_leaves_the_past_as_it_was() -> None:
    clock = state(
        start(feb(10, 15), minutes=600),
        event(feb(10, 16), "calendar_change", calendar="holiday_11"),
    )
    assert clock.due == feb(12, 17)
    assert [segment.calendar for segment in clock.segments] == ["business"]


def test_a_reopened_clock_goes_on_with_what_pauses_had_left() -> None:
    clock = state(
        pausable(feb(10, 9)),
        pause(feb(10, 10)),
        resume(feb(10, 12)),
        event(feb(10, 13), "stop"),
        event(feb(11, 10), "reopen"),
    )
    assert (clock.state, clock.due, clock.remaining) == (State.RUNNING, feb(11, 16), hours(6))
    assert clock.stopped_at is None


def test_a_case_reopened_on_hold_waits() -> None:
    clock = state(
        pausable(feb(10, 9)),
        pause(feb(10, 10)),
        event(feb(10, 13), "stop"),
        event(feb(11, 10), "reopen"),
    )
    assert (clock.state, clock.remaining) == (State.PAUSED, hours(7))


def test_a_target_changed_while_resolved_holds_after_the_reopening() -> None:
    events = [start(feb(10, 9)), event(feb(10, 12), "stop")]
    lower = event(feb(10, 13), "severity_change", minutes=120)
    resolved = state(*events, lower)
    assert (resolved.state, resolved.breached_at) == (State.MET, None)
    again = state(*events, lower, event(feb(11, 10), "reopen"))
    assert (again.breached_at, again.breach_cause) == (feb(11, 10), Cause.RETARGET)


def test_a_breach_stands_after_stop_and_reopening() -> None:
    clock = state(
        start(feb(10, 9), minutes=60),
        event(feb(10, 12), "stop"),
        event(feb(11, 10), "reopen"),
        as_of=feb(11, 12),
    )
    assert (clock.state, clock.breached_at) == (State.BREACHED, feb(10, 10))
    assert clock.stopped_at is None
    assert clock.consumed == hours(5)


def test_what_was_answered_once_is_not_measured_again_after_a_reopening() -> None:
    events = [
        start(feb(10, 9), "first_response", 60, stop_on="agent_public"),
        start(feb(10, 9), "acknowledge", 60),
        event(feb(10, 9, 30), "agent_public"),
        event(feb(10, 9, 40), "stop"),
        event(feb(11, 9), "reopen"),
    ]
    clocks = replay(events, CALENDARS)
    assert {clock.state for clock in clocks.values()} == {State.MET}


def test_a_stop_of_the_case_is_no_first_response_but_one_of_the_clock_is() -> None:
    events = [
        start(feb(10, 9), "first_response", 240, stop_on="agent_public"),
        event(feb(10, 10), "stop"),
    ]
    assert state(*events).state is State.RUNNING
    call = Event(at=feb(10, 11), kind=EventKind.STOP, clock="first_response")
    assert state(*events, call).stopped_at == feb(10, 11)


def test_a_merge_that_uses_up_the_budget_breaches_at_the_merge() -> None:
    clock = state(
        start(feb(10, 11), minutes=120), event(feb(10, 12, 30), "merge_in", received_at=feb(10, 9))
    )
    assert (clock.breached_at, clock.breach_cause) == (feb(10, 12, 30), Cause.MERGE)
    assert (clock.started_at, clock.consumed) == (feb(10, 9), hours(3.5))


def test_a_merge_counts_only_open_time_and_keeps_a_pause() -> None:
    clock = state(
        pausable(feb(10, 10)),
        pause(feb(10, 11)),
        event(feb(10, 12), "merge_in", received_at=feb(9, 16)),
        resume(feb(10, 13)),
    )
    assert (clock.consumed, clock.remaining) == (hours(3), hours(5))
    assert clock.due == feb(11, 10)


def test_a_merge_of_a_younger_report_changes_nothing() -> None:
    clock = state(start(feb(10, 9)), event(feb(10, 12), "merge_in", received_at=feb(10, 11)))
    assert (clock.due, clock.started_at) == (feb(10, 17), feb(10, 9))


def test_a_merge_into_a_finished_clock_does_not_judge_it_again() -> None:
    clock = state(
        start(feb(10, 11), minutes=120),
        event(feb(10, 12), "stop"),
        event(feb(10, 12, 30), "merge_in", received_at=feb(10, 9)),
    )
    assert (clock.state, clock.breached_at) == (State.MET, None)


def test_late_evidence_after_the_alarm_takes_it_back() -> None:
    reply = event(feb(10, 10, 55), "agent_public", recorded_at=feb(10, 11, 20))
    clock = state(start(feb(10, 9), "first_response", 120, stop_on="agent_public"), reply)
    assert (clock.state, clock.breach_retracted) == (State.MET, True)


@pytest.mark.parametrize("recorded", [feb(10, 10, 58), feb(10, 11)])
def test_late_evidence_before_the_alarm_has_nothing_to_take_back(recorded: datetime) -> None:
    reply = event(feb(10, 10, 55), "agent_public", recorded_at=recorded)
    clock = state(start(feb(10, 9), "first_response", 120, stop_on="agent_public"), reply)
    assert (clock.state, clock.breach_retracted) == (State.MET, False)


def test_late_evidence_of_a_late_reply_takes_nothing_back() -> None:
    reply = event(feb(10, 11, 5), "agent_public", recorded_at=feb(10, 11, 20))
    clock = state(start(feb(10, 9), "first_response", 120, stop_on="agent_public"), reply)
    assert (clock.state, clock.breach_retracted) == (State.BREACHED, False)
    assert clock.breached_at == feb(10, 11)


def test_at_an_instant_only_what_was_known_then_counts() -> None:
    events = [
        start(feb(10, 9), "first_response", 120, stop_on="agent_public"),
        event(feb(10, 10, 55), "agent_public", recorded_at=feb(10, 11, 20)),
    ]
    assert replay(events, CALENDARS, as_of=feb(10, 8)) == {}
    assert state(*events, as_of=feb(10, 10)).state is State.RUNNING
    assert state(*events, as_of=feb(10, 11, 10)).state is State.BREACHED
    assert state(*events, as_of=feb(10, 12)).state is State.MET


def test_calendar_days_warn_by_the_wall_clock() -> None:
    clock = state(
        start(feb(10, 12), "postmortem_held", target=Target(calendar_days=2), warn_pct=(50, 75))
    )
    assert clock.due == feb(12, 12)
    assert dict(clock.warn_at) == {50: feb(11, 12), 75: feb(12, 0)}


def test_business_days_warn_by_the_open_time_that_they_hold() -> None:
    clock = state(
        start(feb(10, 15), "postmortem_held", target=Target(business_days=1), warn_pct=(50,))
    )
    assert (clock.due, clock.budget) == (feb(11, 17), hours(10))
    assert clock.warn_at[50] == feb(11, 12)


def test_business_days_still_end_at_a_close_after_a_holiday_is_declared() -> None:
    clock = state(
        start(feb(10, 15), "handoff:4", target=Target(business_days=2)),
        event(feb(10, 16), "calendar_change", calendar="holiday_11"),
    )
    assert clock.due == feb(13, 17)


def test_business_days_wait_in_a_pause_by_open_time() -> None:
    clock = state(
        pausable(feb(10, 15), "handoff", target=Target(business_days=1)),
        pause(feb(10, 16)),
        resume(feb(11, 11)),
    )
    assert clock.due == feb(12, 12)  # 1 h + 2 h later than Wednesday's close


def test_a_severity_change_from_calendar_days_to_business_days_counts_from_the_start() -> None:
    clock = state(
        start(feb(10, 12), "postmortem_held", target=Target(calendar_days=3)),
        event(feb(10, 16), "severity_change", target=Target(business_days=5)),
    )
    assert clock.due == feb(17, 17)


def test_a_warning_that_a_new_target_passes_is_reached_at_the_change() -> None:
    clock = state(
        start(feb(10, 9), minutes=960, warn_pct=(50, 75, 90)),
        event(feb(10, 15), "severity_change", minutes=480),
    )
    assert dict(clock.warn_at) == {50: feb(10, 15), 75: feb(10, 15), 90: feb(10, 16, 12)}


def test_a_warning_that_was_reached_keeps_its_instant_over_a_pause() -> None:
    events = [pausable(feb(10, 9), minutes=240, warn_pct=(50, 75)), pause(feb(10, 11, 30))]
    assert dict(state(*events).warn_at) == {50: feb(10, 11)}
    assert dict(state(*events, resume(feb(10, 13))).warn_at) == {
        50: feb(10, 11),
        75: feb(10, 13, 30),
    }


def test_the_ladder_of_a_breached_clock_does_not_move() -> None:
    events = [pausable(feb(10, 9), minutes=240, ladder_minutes=(0, 30, 120))]
    ladder = (feb(10, 13), feb(10, 13, 30), feb(10, 15))
    assert state(*events).ladder == ladder
    later = [*events, pause(feb(10, 13, 10)), event(feb(10, 14), "severity_change", minutes=960)]
    assert state(*later).ladder == ladder


def test_a_paused_clock_has_no_ladder_and_a_resumed_one_a_later() -> None:
    events = [pausable(feb(10, 9), minutes=240, ladder_minutes=(0,)), pause(feb(10, 12))]
    assert state(*events).ladder == ()
    assert state(*events, resume(feb(10, 14))).ladder == (feb(10, 15),)


def test_a_clock_started_afresh_keeps_the_record_of_its_last_round() -> None:
    clock = state(
        start(feb(10, 9), "check_in", 60),
        Event(at=feb(10, 11), kind=EventKind.STOP, clock="check_in"),
        start(feb(10, 11), "check_in", 60),
    )
    assert (clock.cycle, clock.state, clock.due) == (2, State.RUNNING, feb(10, 12))
    assert [(cycle.result, cycle.due) for cycle in clock.cycles] == [(Result.MISSED, feb(10, 10))]


def test_a_second_start_of_a_running_clock_restarts_nothing() -> None:
    clock = state(start(feb(10, 9)), start(feb(10, 11)))
    assert (clock.due, clock.cycle) == (feb(10, 17), 1)


def test_a_clock_may_start_and_stop_at_one_instant() -> None:
    clock = state(start(feb(10, 9), "acknowledge"), event(feb(10, 9), "stop"))
    assert (clock.state, clock.elapsed) == (State.MET, timedelta())


def test_a_cancelled_clock_is_never_due() -> None:
    clock = state(start(feb(10, 9)), event(feb(10, 10), "cancel"), as_of=feb(12, 9))
    assert (clock.state, clock.due, clock.breached_at) == (State.CANCELLED, None, None)


def test_cancelling_does_not_judge_a_finished_clock_again() -> None:
    clock = state(start(feb(10, 9)), event(feb(10, 10), "stop"), event(feb(10, 11), "cancel"))
    assert clock.state is State.MET


def test_the_order_in_which_events_are_given_does_not_matter() -> None:
    events = [pausable(feb(10, 9)), pause(feb(10, 10)), resume(feb(10, 12))]
    assert state(*events) == state(*reversed(events))


def test_consumed_and_remaining_make_the_budget_at_every_instant() -> None:
    events = [pausable(feb(10, 9)), pause(feb(10, 12)), resume(feb(11, 10))]
    for hour in range(9, 16):
        clock = state(*events, as_of=feb(11, hour))
        assert clock.consumed + clock.remaining == clock.budget == hours(8)


def test_a_start_needs_a_target() -> None:
    bare = Event(at=feb(10, 9), kind=EventKind.START, clock="resolution", calendar="business")
    with pytest.raises(ValueError, match="needs a target"):
        replay([bare], CALENDARS)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        Event(at=datetime(2026, 2, 10, 9), kind=EventKind.STOP)  # noqa: DTZ001


def test_instants_are_kept_in_utc() -> None:
    assert event(feb(10, 9), "stop").at.tzinfo is UTC

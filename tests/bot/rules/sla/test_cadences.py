"""Clocks that repeat: the next update with its promises, and the reply to the customer."""

from bot.rules.sla import Event, EventKind, Result, State, Target
from tests.bot.rules.cases import event, feb, hours, pausable, pause, resume, start, state

UPDATE = "next_update"
REPLY = "next_reply"


def test_the_message_that_begins_the_cadence_does_not_also_fulfil_it() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 240),
        event(feb(10, 9), "agent_public", promised_at=feb(10, 11)),
    )
    assert (clock.cycle, clock.due, clock.promised) == (1, feb(10, 11), True)


def test_a_promise_later_than_policy_needs_an_override() -> None:
    late = {"promised_at": feb(10, 16)}
    begun = start(feb(10, 9), UPDATE, 240)
    plain = state(begun, event(feb(10, 10), "agent_public", **late))
    assert (plain.due, plain.promised) == (feb(10, 14), False)
    allowed = state(begun, event(feb(10, 10), "agent_public", override_approved=True, **late))
    assert (allowed.due, allowed.promised) == (feb(10, 16), True)


def test_a_promise_made_by_itself_moves_the_running_cycle() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 240), event(feb(10, 10), "promise", promised_at=feb(10, 11))
    )
    assert (clock.cycle, clock.due, clock.promised) == (1, feb(10, 11), True)


def test_a_promise_does_not_erase_an_update_already_missed() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 60),
        event(feb(10, 11), "promise", promised_at=feb(10, 15), override_approved=True),
    )
    assert (clock.state, clock.due) == (State.BREACHED, feb(10, 10))


def test_a_promise_for_the_past_is_none() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 240),
        event(feb(10, 10), "agent_public", promised_at=feb(10, 9, 30)),
    )
    assert (clock.due, clock.promised) == (feb(10, 14), False)


def test_a_promise_freezes_in_a_pause_with_what_was_left() -> None:
    events = [
        pausable(feb(10, 9), UPDATE, 240),
        event(feb(10, 10), "agent_public", promised_at=feb(10, 12, 30)),
        pause(feb(10, 11)),
    ]
    waiting = state(*events)
    assert (waiting.state, waiting.due, waiting.remaining) == (State.PAUSED, None, hours(1.5))
    assert state(*events, event(feb(10, 12), "customer_message")).due == feb(10, 13, 30)


def test_a_promise_for_a_closed_hour_is_kept_to_the_minute() -> None:
    events = [
        pausable(feb(10, 9), UPDATE, 960, warn_pct=(50,)),
        event(feb(10, 16), "agent_public", promised_at=feb(10, 20)),
    ]
    assert state(*events).due == feb(10, 20)
    assert state(*events).warn_at[50] == feb(10, 16, 30)  # half of the hour that is open
    night = [pause(feb(10, 18)), resume(feb(10, 19))]
    assert state(*events, *night).due == feb(10, 20)


def test_a_promise_between_closed_hours_warns_by_the_wall_clock() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 960, warn_pct=(50,)),
        event(feb(10, 18), "agent_public", promised_at=feb(10, 20)),
    )
    assert (clock.due, clock.warn_at[50]) == (feb(10, 20), feb(10, 19))


def test_a_promise_stands_when_the_severity_drops_and_falls_when_it_rises() -> None:
    promised = [
        start(feb(10, 9), UPDATE, 240),
        event(feb(10, 10), "agent_public", promised_at=feb(10, 12)),
    ]
    lower = state(*promised, event(feb(10, 11), "severity_change", minutes=480))
    assert (lower.due, lower.promised) == (feb(10, 12), True)
    higher = state(*promised, event(feb(10, 11), "severity_change", minutes=30))
    assert (higher.due, higher.promised) == (feb(10, 11, 30), False)


def test_the_next_cycle_has_the_interval_of_the_new_severity() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 120),
        event(feb(10, 10), "severity_change", minutes=480),
        event(feb(10, 11), "agent_public"),
    )
    assert clock.due == feb(11, 11)
    assert [cycle.result for cycle in clock.cycles] == [Result.MET]


def test_a_raised_cadence_warns_by_what_is_left_from_the_change() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 480, warn_pct=(50,)),
        event(feb(10, 11), "severity_change", minutes=60),
    )
    assert (clock.due, clock.warn_at[50]) == (feb(10, 12), feb(10, 11, 30))


def test_a_raised_cadence_in_a_pause_has_no_more_left_than_the_new_interval() -> None:
    clock = state(
        pausable(feb(10, 9), UPDATE, 480),
        pause(feb(10, 10)),
        event(feb(10, 11), "severity_change", minutes=60),
        resume(feb(10, 12)),
    )
    assert clock.due == feb(10, 13)


def test_a_raised_cadence_on_new_hours_keeps_the_earlier_instant() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 480),
        event(feb(10, 16), "severity_change", minutes=240, calendar="always"),
    )
    assert clock.due == feb(10, 17)  # promised to the customer before, and sooner than 20:00


def test_a_cadence_on_new_hours_counts_its_rest_there() -> None:
    clock = state(
        start(feb(10, 12), UPDATE, 480),
        event(feb(10, 16), "calendar_change", calendar="new_york"),
    )
    assert clock.due == feb(10, 20)


def test_an_overdue_update_stays_overdue_until_it_is_sent() -> None:
    events = [start(feb(10, 9), UPDATE, 60, ladder_minutes=(0, 30))]
    overdue = state(*events, event(feb(10, 11), "severity_change", minutes=30))
    assert (overdue.state, overdue.breached_at) == (State.BREACHED, feb(10, 10))
    assert overdue.ladder == (feb(10, 10), feb(10, 10, 30))
    sent = state(*events, event(feb(10, 12), "agent_public"))
    assert (sent.state, sent.cycle, sent.due, sent.breached_at) == (
        State.RUNNING,
        2,
        feb(10, 13),
        None,
    )


def test_a_message_sent_while_waiting_begins_a_cycle_that_waits() -> None:
    clock = state(
        pausable(feb(10, 9), UPDATE, 240),
        pause(feb(10, 10)),
        event(feb(10, 12), "agent_public"),
        event(feb(10, 13), "customer_message"),
    )
    assert clock.due == feb(10, 17)
    assert [(cycle.due, cycle.result) for cycle in clock.cycles] == [(None, Result.MET)]


def test_a_message_learned_late_takes_the_alarm_back_and_shifts_the_cycle() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 120),
        event(feb(10, 10, 50), "agent_public", recorded_at=feb(10, 11, 30)),
    )
    assert clock.breach_retracted
    assert (clock.due, [cycle.result for cycle in clock.cycles]) == (feb(10, 12, 50), [Result.MET])


def test_a_message_learned_late_takes_back_no_other_miss() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 120),
        event(feb(10, 10, 30), "agent_public"),
        event(feb(10, 10), "agent_public", recorded_at=feb(10, 13)),
        as_of=feb(10, 14),
    )
    assert (clock.state, clock.breach_retracted) == (State.BREACHED, False)


def test_the_end_of_the_case_ends_the_cadence_without_a_verdict() -> None:
    ended = state(start(feb(10, 9), UPDATE, 240), event(feb(10, 10), "stop"))
    assert (ended.state, ended.cycles) == (State.MET, ())
    missed = state(start(feb(10, 9), UPDATE, 60), event(feb(10, 11), "stop"))
    assert missed.state is State.BREACHED
    assert [(c.fulfilled_at, c.result) for c in missed.cycles] == [(None, Result.MISSED)]


def test_a_reopened_case_owes_an_update_again() -> None:
    clock = state(
        start(feb(10, 9), UPDATE, 240), event(feb(10, 10), "stop"), event(feb(11, 9), "reopen")
    )
    assert (clock.state, clock.due) == (State.RUNNING, feb(11, 13))


def test_intervals_may_be_business_days() -> None:
    weekly = start(feb(10, 9), UPDATE, target=Target(business_days=5))
    assert state(weekly).due == feb(17, 17)
    assert state(weekly, event(feb(11, 9), "agent_public")).due == feb(18, 17)


def test_no_reply_is_owed_before_the_customer_writes_or_after_the_answer() -> None:
    armed = start(feb(10, 9), REPLY, 120)
    assert (state(armed).state, state(armed).due, state(armed).open) == (State.MET, None, False)
    answered = state(
        armed, event(feb(10, 10), "customer_message"), event(feb(10, 11), "agent_public")
    )
    assert (answered.state, answered.stopped_at, answered.cycle) == (State.MET, feb(10, 11), 1)
    assert [cycle.result for cycle in answered.cycles] == [Result.MET]


def test_a_reply_learned_late_answers_only_what_came_before_it() -> None:
    clock = state(
        start(feb(10, 9), REPLY, 120),
        event(feb(10, 10), "customer_message"),
        event(feb(10, 11), "customer_message"),
        event(feb(10, 10, 30), "agent_public", recorded_at=feb(10, 12, 30)),
    )
    assert clock.breach_retracted
    assert (clock.started_at, clock.due) == (feb(10, 11), feb(10, 13))


def test_an_answer_at_the_instant_of_a_question_does_not_answer_it() -> None:
    clock = state(
        start(feb(10, 9), REPLY, 120),
        event(feb(10, 10), "customer_message"),
        event(feb(10, 10), "agent_public"),
    )
    assert (clock.state, clock.due) == (State.RUNNING, feb(10, 12))


def test_a_reopened_case_is_owed_a_reply() -> None:
    clock = state(start(feb(10, 9), REPLY, 120), event(feb(11, 9), "reopen"))
    assert (clock.state, clock.due) == (State.RUNNING, feb(11, 11))


def test_a_bot_does_not_answer_a_customer() -> None:
    clock = state(
        start(feb(10, 9), REPLY, 120),
        event(feb(10, 10), "customer_message"),
        event(feb(10, 10, 1), "auto_reply"),
        event(feb(10, 10, 2), "internal_note"),
    )
    assert clock.due == feb(10, 12)


def test_an_older_duplicate_moves_the_oldest_unanswered_word() -> None:
    asked = [start(feb(10, 9), REPLY, 120), event(feb(10, 11), "customer_message")]
    merge = event(feb(10, 11, 30), "merge_in", received_at=feb(10, 10))
    assert state(*asked, merge).due == feb(10, 12)


def test_a_duplicate_that_was_answered_since_moves_nothing() -> None:
    clock = state(
        start(feb(10, 9), REPLY, 120),
        event(feb(10, 9, 30), "customer_message"),
        event(feb(10, 10, 30), "agent_public"),
        event(feb(10, 11), "customer_message"),
        event(feb(10, 11, 30), "merge_in", received_at=feb(10, 10)),
    )
    assert clock.due == feb(10, 13)


def test_a_call_that_is_logged_answers_the_reply_clock() -> None:
    clock = state(
        start(feb(10, 9), REPLY, 120),
        event(feb(10, 10), "customer_message"),
        Event(at=feb(10, 11), kind=EventKind.STOP, clock=REPLY),
        event(feb(10, 12), "customer_message"),
    )
    assert (clock.due, [c.result for c in clock.cycles]) == (feb(10, 14), [Result.MET])

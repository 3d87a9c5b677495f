"""Laws of the clocks that hold whatever the hours, the pauses and the changes are."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.sla import ClockState, Event, State
from tests.bot.rules.cases import CALENDARS, event, feb, pausable, pause, resume, state

quick = settings(max_examples=300, deadline=None)
START = feb(10, 10)
instants = st.integers(0, 14 * 1440).map(lambda n: START + timedelta(minutes=n))
names = st.sampled_from(sorted(CALENDARS))
budgets = st.integers(30, 3000)


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    """A start and up to six things that happen after it."""
    happened = [pausable(START, minutes=draw(budgets), calendar=draw(names), warn_pct=(50, 75, 90))]
    for at in draw(st.lists(instants, max_size=6)):
        kind = draw(st.sampled_from(["pause", "resume", "change", "calendar", "customer_message"]))
        match kind:
            case "pause":
                happened.append(pause(at))
            case "resume":
                happened.append(resume(at))
            case "change":
                happened.append(event(at, "severity_change", minutes=draw(budgets)))
            case "calendar":
                happened.append(event(at, "calendar_change", calendar=draw(names)))
            case _:
                happened.append(event(at, kind))
    return happened


def verdict(clock: ClockState) -> tuple[object, ...]:
    return clock.state, clock.due, clock.breached_at, clock.remaining, clock.consumed


@quick
@given(stories(), instants)
def test_consumed_and_remaining_make_the_budget(story: list[Event], now: datetime) -> None:
    clock = state(*story, as_of=now)
    if clock.state is State.BREACHED:
        assert clock.remaining == timedelta()
    else:
        assert clock.consumed + clock.remaining == clock.budget


@quick
@given(stories(), instants)
def test_a_pause_of_no_length_changes_nothing(story: list[Event], at: datetime) -> None:
    if any(e.at == at for e in story):
        return  # at one instant the order of what is said decides
    reason = "waiting_third_party"
    end = max(START + timedelta(days=20), at)
    nothing = [pause(at, reason), resume(at, reason)]
    assert verdict(state(*story, *nothing, as_of=end)) == verdict(state(*story, as_of=end))


@quick
@given(stories(), instants, instants)
def test_a_breach_is_never_erased(story: list[Event], one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    before = state(*story, as_of=earlier).breached_at
    if before:
        assert state(*story, as_of=later).breached_at == before


@quick
@given(stories(), instants)
def test_what_is_due_is_due_wherever_one_looks_from(story: list[Event], now: datetime) -> None:
    """As long as nothing more happens, looking later gives the same due instant and warnings."""
    last = max(e.at for e in story)
    seen, again = state(*story), state(*story, as_of=max(now, last))
    assert again.due == (again.breached_at or seen.due)
    if not again.breached_at:
        assert again.warn_at == seen.warn_at


@quick
@given(stories())
def test_warnings_come_in_order_and_not_after_the_due_instant(story: list[Event]) -> None:
    clock = state(*story)
    reached = [clock.warn_at[pct] for pct in sorted(clock.warn_at)]
    assert reached == sorted(reached)
    if clock.due and reached and clock.state is State.RUNNING:
        assert reached[-1] <= clock.due


@quick
@given(stories(), st.integers(1, 600))
def test_a_longer_first_budget_is_never_due_sooner(story: list[Event], more: int) -> None:
    first, *rest = [e for e in story if e.kind != "severity_change"]
    longer = pausable(START, minutes=(first.target.minutes or 0) + more, calendar=first.calendar)
    end = START + timedelta(days=400)
    shorter_due, longer_due = state(first, *rest, as_of=end), state(longer, *rest, as_of=end)
    if longer_due.breached_at:
        assert shorter_due.breached_at is not None
        assert shorter_due.breached_at <= longer_due.breached_at

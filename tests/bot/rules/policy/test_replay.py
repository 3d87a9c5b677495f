"""The same facts under another policy: what would have breached, been warned, been paged."""

from pathlib import Path

from bot.rules.policy.clock_events import severity_events, start_event
from bot.rules.policy.load import Policy, load_policy
from bot.rules.policy.replay import replay_under
from bot.rules.sla import State, Target
from bot.rules.words import Severity
from tests.bot.rules.cases import event, feb

SEVERITIES = [(feb(10, 9), Severity.SEV3), (feb(10, 13), Severity.SEV2)]


def policy(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "other.toml"
    path.write_text(text)
    return load_policy(path)


def compared(old: Policy, new: Policy, **start: object) -> object:
    begun = start_event(old, Severity.SEV3, "resolution", feb(10, 9), **start)
    raised = severity_events(old, Severity.SEV2, ["resolution"], feb(10, 13))
    events = [begun, *raised, event(feb(11, 16), "stop")]
    return replay_under(events, SEVERITIES, old, new, old.calendars_by_key, feb(12, 9))


def test_a_stricter_policy_shows_what_would_have_breached(tmp_path: Path) -> None:
    old = load_policy()
    new = policy(tmp_path, '[severities.SEV2.clocks]\nresolution = { target = "8h" }')
    [clock] = compared(old, new).changed
    assert (clock.old.state, clock.old.breaches, clock.old.warned) == (State.MET, 0, (50,))
    assert (clock.new.state, clock.new.breaches, clock.new.paged) == (State.BREACHED, 1, 4)


def test_the_same_policy_changes_nothing() -> None:
    old = load_policy()
    assert compared(old, old).changed == ()


def test_a_clock_that_the_new_policy_does_not_run_is_missing(tmp_path: Path) -> None:
    text = '[severities.SEV3.clocks]\nresolution = { target = "none" }'
    [clock] = compared(load_policy(), policy(tmp_path, text)).changed
    assert clock.new is None


def test_a_target_that_a_person_set_stays(tmp_path: Path) -> None:
    old = load_policy()
    new = policy(tmp_path, '[severities.SEV3.clocks]\nhandoff = { target = "1h" }')
    own = start_event(old, Severity.SEV3, "handoff:1", feb(10, 9), target=Target(business_days=3))
    assert own
    comparison = replay_under([own], SEVERITIES, old, new, old.calendars_by_key, feb(11, 9))
    assert comparison.changed == ()

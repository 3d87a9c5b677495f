"""Who hears of which threshold: few messages, each to somebody who can act on it."""

import pytest

from bot.rules.words import Role
from bot.sla.reminders import REMINDERS, find_listeners, find_reminder

OWNER, AGENT = "owner", Role.AGENT
WARNS = (50, 75, 90)


def heard(clock: str, threshold: str, *folded: str) -> set[str]:
    """The roles that hear a threshold of a clock."""
    entry = find_reminder(REMINDERS, clock, threshold)
    assert entry is not None
    wanted, told = find_listeners(entry, threshold, WARNS, folded)
    return wanted - told


def test_an_early_warning_only_colours_the_card() -> None:
    assert heard("next_update", "warn:50") == set()


def test_each_person_is_warned_once_about_a_promise() -> None:
    assert heard("next_update", "warn:75") == {AGENT}
    assert heard("next_update", "warn:90") == {OWNER}


def test_a_warning_that_passed_while_the_desk_was_away_is_made_good_by_the_last() -> None:
    assert heard("next_update", "warn:90", "warn:50", "warn:75") == {OWNER, AGENT}


def test_with_one_warning_both_hear_it() -> None:
    entry = find_reminder(REMINDERS, "next_update", "warn:80")
    assert entry is not None
    assert find_listeners(entry, "warn:80", [80]) == ({OWNER, AGENT}, set())


@pytest.mark.parametrize("threshold", ["warn:33", "warn:66"])
def test_the_customers_confirmation_is_asked_for_each_time(threshold: str) -> None:
    entry = find_reminder(REMINDERS, "customer_confirmation", threshold)
    assert entry is not None
    assert find_listeners(entry, threshold, [33, 66]) == ({AGENT}, set())


def test_names_are_unique() -> None:
    names = [entry.what for entry in REMINDERS]
    assert len(names) == len(set(names))

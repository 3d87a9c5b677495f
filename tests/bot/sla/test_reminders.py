"""Which thresholds are said at all: few messages; an early warning only colours the card."""

import pytest

from bot.sla.reminders import REMINDERS, find_reminder, is_said

WARNS = (50, 75, 90)


def said(clock: str, threshold: str, *folded: str, warns: tuple[int, ...] = WARNS) -> bool:
    """Whether a threshold of a clock reaches a person."""
    entry = find_reminder(REMINDERS, clock, threshold)
    assert entry is not None
    return is_said(entry, threshold, warns, folded)


def test_of_a_clocks_warnings_one_is_said_and_the_others_colour_the_card() -> None:
    heard = [pct for pct in WARNS if said("next_update", f"warn:{pct}")]
    assert heard == [75]


def test_a_warning_that_passed_while_the_app_was_away_is_made_good_by_the_last() -> None:
    assert said("next_update", "warn:90", "warn:50", "warn:75")


def test_a_single_warning_is_said() -> None:
    assert said("next_update", "warn:80", warns=(80,))


@pytest.mark.parametrize("threshold", ["warn:33", "warn:66"])
def test_the_customers_confirmation_is_asked_for_each_time(threshold: str) -> None:
    assert said("customer_confirmation", threshold, warns=(33, 66))


def test_names_are_unique() -> None:
    names = [entry.what for entry in REMINDERS]
    assert len(names) == len(set(names))

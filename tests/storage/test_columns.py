"""Conditions that queries and indexes say in the same words mean what the rules mean."""

from bot.rules.lifecycle import LIVE
from bot.rules.states import UNSETTLED, ConcessionState
from bot.rules.words import Status
from storage.columns import OPEN_CASE, OPEN_CONCESSION


def test_an_open_case_is_a_live_one() -> None:
    closed = {status for status in Status if f"'{status.value}'" in str(OPEN_CASE)}
    stored = set(Status) - {Status.CANDIDATE}  # no row of a case is one: candidates have a table
    assert stored - closed == set(LIVE)


def test_an_open_concession_is_an_unsettled_one() -> None:
    named = {state for state in ConcessionState if f"'{state.value}'" in str(OPEN_CONCESSION)}
    assert named == set(UNSETTLED)

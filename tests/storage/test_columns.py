"""Conditions that queries and indexes say in the same words mean what the rules mean."""

from bot.rules.lifecycle import LIVE
from bot.rules.states import UNSETTLED, ConcessionState
from bot.rules.words import Status
from storage.columns import OPEN_CASE, OPEN_CONCESSION


def test_an_open_case_is_a_live_one() -> None:
    closed = {status.value for status in Status if f"'{status.value}'" in str(OPEN_CASE)}
    assert closed == {status.value for status in Status} - {status.value for status in LIVE}


def test_an_open_concession_is_an_unsettled_one() -> None:
    named = {state for state in ConcessionState if f"'{state.value}'" in str(OPEN_CONCESSION)}
    assert named == set(UNSETTLED)

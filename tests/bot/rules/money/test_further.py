"""What was promised may be said again; as much on top of it is another promise."""

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.rules.facts import ConcessionFacts
from bot.rules.money.concessions import Allowance, Gap
from bot.rules.money.offers import find_offers
from bot.rules.states import ConcessionState
from bot.rules.words import ConcessionKind

LETTERS = Path(__file__).parents[3] / "data" / "money" / "further.toml"
NOW = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)


def letters(kind: str) -> list[str]:
    """The letters of a kind, of every language."""
    told = tomllib.loads(LETTERS.read_text(encoding="utf-8"))
    return [text for part in told.values() for text in part[kind]]


def gaps(text: str, *states: ConcessionState) -> list[Gap]:
    """Why parts of the text are not covered where 500 EUR are in each of these states."""
    granted = [
        ConcessionFacts(number, ConcessionKind.GOODWILL, Decimal(500), "EUR", state, NOW, NOW)
        for number, state in enumerate(states, start=1)
    ]
    found = Allowance(granted=granted).judge_offers(find_offers(text))
    return [each.gap for each in found.uncovered]


@pytest.mark.parametrize("text", letters("stops"))
def test_as_much_again_is_stopped_once_the_first_was_promised(text: str) -> None:
    assert gaps(text, ConcessionState.PROMISED) == [Gap.AGAIN]
    assert gaps(text, ConcessionState.FULFILLED) == [Gap.AGAIN]


@pytest.mark.parametrize("text", letters("stops"))
def test_as_much_again_passes_where_it_was_approved_for_itself(text: str) -> None:
    assert gaps(text, ConcessionState.PROMISED, ConcessionState.APPROVED) == []


@pytest.mark.parametrize("text", letters("passes"))
def test_what_was_promised_is_said_again(text: str) -> None:
    assert gaps(text, ConcessionState.PROMISED) == []


def test_only_the_amount_that_comes_on_top_is_meant() -> None:
    (money,) = find_offers("In addition to the 500 EUR we promised, we will refund you 200 EUR.")
    assert [each.value for each in money.further] == [Decimal(200)]
    (money,) = find_offers("We will refund you 300 EUR and another 500 EUR.")
    assert Decimal(500) in [each.value for each in money.further]

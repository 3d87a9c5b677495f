"""The guard on money: what is an offer, what is none, and what of it is covered."""

import sys
import time
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from bot.rules.money.offers import find_offers, found_in

SENTENCES = Path(__file__).parents[3] / "data" / "money"
CAUGHT_MIN, PASSED_MIN = 0.95, 0.95
SOME_TIME = 8  # times as long for four times the text; a quadratic scan takes sixteen


def lists(name: str) -> list[tuple[str, bool]]:
    """Sentences, and whether each must stop."""
    told = tomllib.loads((SENTENCES / f"{name}.toml").read_text(encoding="utf-8"))
    return [
        (text, kind == "stops") for part in told.values() for kind in part for text in part[kind]
    ]


@pytest.mark.parametrize(("text", "stops"), [*lists("tuned"), *lists("everyday")])
def test_an_offer_is_known_however_it_is_written(text: str, stops: bool) -> None:
    assert bool(find_offers(text)) is stops


def test_sentences_that_it_was_not_tuned_on_are_judged_as_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = lists("held_out")
    caught = [bool(find_offers(text)) for text, stops in told if stops]
    passed = [not find_offers(text) for text, stops in told if not stops]
    with capsys.disabled():
        sys.stdout.write(
            f"\nmoney: {sum(caught)} of {len(caught)} offers stopped,"
            f" {sum(passed)} of {len(passed)} others passed\n"
        )
    assert sum(caught) >= CAUGHT_MIN * len(caught)
    assert sum(passed) >= PASSED_MIN * len(passed)


@pytest.mark.parametrize(
    "text", ["We refund you five&nbsp;hundred euros.", "We refund you &#53;00 &euro;."]
)
def test_characters_that_are_written_as_html_are_read(text: str) -> None:
    (money,) = find_offers(text)
    assert [(each.value, each.unit) for each in money.amounts] == [(Decimal(500), "EUR")]


@pytest.mark.parametrize("entity", ["&#0;", "&#1;", "&#x110000;", "&unheard;", "&;"])
def test_an_entity_that_is_none_spoils_nothing(entity: str) -> None:
    assert [m.amounts[0].value for m in find_offers(f"{entity} We refund you 500 EUR.")] == [500]


STAKE = "If you do not refund us €40,000 by Friday we leave"


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        (f"You told us: “{STAKE}”.", False),
        (f"We will do it: {STAKE}.", False),
        (f"We will give you what you ask, a refund of 500 EUR. {STAKE}", True),
        ("We will refund you €40,000 by Friday.", True),
    ],
)
def test_what_the_customer_said_may_be_repeated_and_not_promised(text: str, stops: bool) -> None:
    assert bool(find_offers(text, (STAKE,))) is stops


def test_an_offer_written_down_as_the_customers_words_is_still_ours() -> None:
    promise = "We will refund you 50,000 EUR on Monday"
    assert find_offers(f"You told us: “{promise}”.", (promise,))


def test_what_is_denied_or_asked_for_is_known_as_money_and_not_stopped() -> None:
    for text in ("No discount was promised.", "Your question about the refund goes to Dan."):
        (money,) = found_in(text)
        assert not money.offered


@pytest.mark.parametrize(
    "junk", ["<a ", "we ", "€ ", "one ", "1,000", "a", "you will not ", "re-", "επιστρέφουμε "]
)
def test_the_time_taken_grows_with_the_text_and_not_faster(junk: str) -> None:
    def taken(size: int) -> float:
        text = (junk * size)[:size]
        best = []
        for _ in range(3):
            begun = time.process_time()
            found_in(text)
            best.append(time.process_time() - begun)
        return min(best)

    taken(100)  # the patterns are compiled
    assert taken(24000) < SOME_TIME * max(taken(6000), 0.01)

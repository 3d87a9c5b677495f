"""What those who need not know money read of a text: all but the figures offered."""

import tomllib
from pathlib import Path

import pytest

from bot.rules.money.masking import BLOCK, mask_offers
from bot.rules.money.offers import find_offers


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("We will refund you €500 on Monday.", f"We will refund you {BLOCK} on Monday."),
        ("You paid 3,000 EUR in May. It is fixed.", "You paid 3,000 EUR in May. It is fixed."),
        ("We give you five hundred\neuros.", f"We give you {BLOCK}."),
        ("Σας πιστώνουμε πεντακόσια ευρώ.", f"Σας πιστώνουμε {BLOCK}."),
        ("12 orders failed at 14:00.", "12 orders failed at 14:00."),
        ("", ""),
    ],
)
def test_the_figures_offered_are_masked_and_nothing_else(text: str, masked: str) -> None:
    assert mask_offers(text) == masked


@pytest.mark.parametrize("file", ["written_amounts", "more_written_amounts"])
def test_no_written_offer_keeps_its_figure(file: str) -> None:
    lists = tomllib.loads(Path(f"tests/data/money/{file}.toml").read_text(encoding="utf-8"))
    for text, _, _ in [row for rows in lists.values() for row in rows]:
        masked = mask_offers(text)
        assert BLOCK in masked
        assert not any(money.amounts for money in find_offers(masked)), text

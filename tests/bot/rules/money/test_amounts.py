"""Amounts as people write them, in both languages."""

from decimal import Decimal

import pytest

from bot.rules.money.amounts import find_amounts, find_shares, parse_amount
from bot.rules.prose.folding import fold_text


def read(text: str) -> list[tuple[str | None, str]]:
    """The amounts of a text, as digits with their unit."""
    found = [*find_amounts(fold_text(text).text), *find_shares(fold_text(text).text)]
    return [(None if each.value is None else f"{each.value:f}", each.unit) for each in found]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("€500", "500", "EUR"),
        ("500€", "500", "EUR"),
        ("EUR 1.200,50", "1200.50", "EUR"),
        ("1,200.50 USD", "1200.50", "USD"),
        ("1 200 euro", "1200", "EUR"),
        ("500,- €", "500", "EUR"),
        ("10k EUR", "10000", "EUR"),
        ("1.5 million dollars", "1500000.0", "USD"),
        ("5 χιλιάδες ευρώ", "5000", "EUR"),
        ("five hundred euros", "500", "EUR"),
        ("fifty thousand euros", "50000", "EUR"),
        ("two thousand and five hundred pounds", "2500", "GBP"),
        ("a hundred bucks", "100", "USD"),
        ("πεντακόσια ευρώ", "500", "EUR"),
        ("χίλια διακόσια ευρώ", "1200", "EUR"),
        ("είκοσι πέντε χιλιάδες ευρώ", "25000", "EUR"),
        ("500 or 600 EUR", "600", "EUR"),
        ("€500-700", "700", "EUR"),
        ("500 and 600 EUR", "1100", "EUR"),
        ("100, 200 και 300 ευρώ", "600", "EUR"),
        ("500 (five hundred) EUR", "500", "EUR"),
        ("a few hundred euros", None, "EUR"),
        ("hundreds of euros", None, "EUR"),
        ("80 EUR a month", None, "EUR"),
        ("80 ευρώ τον μήνα", None, "EUR"),
        ("20%", "20", "%"),
        ("fifteen per cent", "15", "%"),
        ("είκοσι τοις εκατό", "20", "%"),
        ("half", None, "%"),
        ("5 hundred €", "500", "EUR"),
        ("2 thousand five hundred euros", None, "EUR"),
        ("5 five hundred euros", None, "EUR"),
        ("€5 00", None, "EUR"),
    ],
)
def test_an_amount_is_read(text: str, value: str | None, unit: str) -> None:
    assert (value, unit) in read(text)


@pytest.mark.parametrize("text", ["Order 4500", "12/3 at 14:00", "v4.50.2", "ESC-500", "40 shops"])
def test_a_number_without_a_currency_is_no_amount(text: str) -> None:
    assert read(text) == []


def test_where_a_separator_is_in_doubt_the_greater_number_counts() -> None:
    assert [parse_amount(each) for each in ("1.234", "1,234", "12,34", "1.234.567")] == [
        Decimal(1234), Decimal(1234), Decimal("12.34"), Decimal(1234567),
    ]  # fmt: skip

"""An amount that a person types: understood in every usual form, or refused with its reason."""

import pytest

from bot.rules.money.typed import WrongAmountError, read_typed_amount


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("500 EUR", "500 EUR"), ("500 eur", "500 EUR"), ("EUR 500", "500 EUR"),
        ("500EUR", "500 EUR"), ("€500", "500 EUR"), ("500€", "500 EUR"), ("€ 500", "500 EUR"),
        ("€1.000,50", "1000.50 EUR"), ("1,000.50 USD", "1000.50 USD"), ("$1,000", "1000 USD"),
        ("us$ 12", "12 USD"), ("1 000,50 €", "1000.50 EUR"), ("1\u00a0000 €", "1000 EUR"),
        ("1'000 CHF", "1000 CHF"), ("£12.5", "12.5 GBP"), ("500 euro", "500 EUR"),
        ("500 ευρώ", "500 EUR"), ("500 ΕΥΡΩ", "500 EUR"), ("  500   EUR ", "500 EUR"),
        ("0.01 EUR", "0.01 EUR"), ("€500 EUR", "500 EUR"), ("1.000 EUR", "1000 EUR"),
        ("99 XYZ", "99 XYZ"),
    ],
)  # fmt: skip
def test_an_amount_is_read(typed: str, read: str) -> None:
    assert str(read_typed_amount(typed)) == read


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("", "money"), ("five euro", "money"), ("500 + 20 EUR", "money"), ("1.00.0 EUR", "money"),
        ("EUR", "money"), ("0 EUR", "money_zero"), ("0,00 €", "money_zero"),
        ("-5 EUR", "money_negative"), ("EUR -5", "money_negative"), ("−5 EUR", "money_negative"),
        ("5%", "money_share"), ("5 % EUR", "money_share"), ("500", "money_currency"),
        ("€500 USD", "money_currency"), ("500 bananas", "money_currency"),
        ("9999999999 EUR", "money_large"), ("1.2345 EUR", "money"), ("1e9 EUR", "money"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused_for_its_own_reason(typed: str, kind: str) -> None:
    with pytest.raises(WrongAmountError) as caught:
        read_typed_amount(typed)
    assert caught.value.kind == kind

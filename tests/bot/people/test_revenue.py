"""Revenue as the world writes it: read right, or refused; never guessed."""

import time

import pytest

from bot.people.revenue import NotRevenueError, read_revenue

READ = {
    "410000": 410000, "410,000": 410000, "410.000": 410000, "410 000": 410000,
    "410\u00a0000": 410000, "410\u202f000": 410000, "410'000.50": 410000, "410’000": 410000,
    "1.250.000": 1250000, "96.500,50": 96500, "96,500.51": 96501, "410000,00": 410000,
    "12,34,567": 1234567, "٤١٠٠٠٠": 410000, "４１０，０００": 410000, "410.000,-": 410000, "0": 0,
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_it_is_read_as_it_was_meant(text: str) -> None:
    revenue = read_revenue(text)
    assert revenue is not None
    assert revenue.units == READ[text]


@pytest.mark.parametrize(
    "text",
    ["12,5", "12.5", "12²", "²", "½", "410k", "1e6", "-5", "0,500", "410000,000", "1,2345",
     "1 20 000", "1,234.567", "1.234.56", "5 EURO", "410 00", "1..000", "9" * 20, "x"],
)  # fmt: skip
def test_what_could_be_something_else_is_refused(text: str) -> None:
    with pytest.raises(NotRevenueError, match="is "):
        read_revenue(text)


@pytest.mark.parametrize(
    ("text", "currency"),
    [("€ 5", "EUR"), ("5 GBP", "GBP"), ("$5", "USD"), ("usd 5", "USD"), ("5", "")],
)
def test_a_sign_beside_it_tells_the_currency(text: str, currency: str) -> None:
    revenue = read_revenue(text)
    assert revenue is not None
    assert revenue.currency == currency


def test_a_long_cell_takes_time_in_proportion_to_its_length() -> None:
    begun = time.process_time()
    with pytest.raises(NotRevenueError):
        read_revenue("x" + " " * 50_000 + "x")
    assert time.process_time() - begun < 1  # it was a minute

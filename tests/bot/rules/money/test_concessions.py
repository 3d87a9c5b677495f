"""What approvals allow: the threshold for two people is in euro, and nothing is converted."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.rules.facts import AskFacts
from bot.rules.money.concessions import approved_amounts
from bot.rules.words import AskMeaning
from tests.bot.policies import defaults

AT = datetime(2027, 2, 8, tzinfo=UTC)


def yes(who: str, amount: int, currency: str) -> AskFacts:
    """An approval."""
    offer = (AskMeaning.OFFER, Decimal(amount), currency)
    return AskFacts(1, 7, who, "U0MAYA", "May we?", AT, "approve", AT, *offer)


@pytest.mark.parametrize(
    ("currency", "amounts", "allowed"),
    [
        ("EUR", {"U1": 9_000}, 9_000),
        ("EUR", {"U1": 12_000}, 10_000),
        ("EUR", {"U1": 12_000, "U2": 11_000}, 11_000),
        ("USD", {"U1": 9_000}, 0),
        ("KWD", {"U1": 9_000}, 0),
        ("JPY", {"U1": 9_000, "U2": 9_000}, 9_000),
        ("USD", {"U1": 50_000, "U2": 300}, 300),
        ("%", {"U1": 20}, 20),
    ],
)
def test_one_person_alone_approves_only_up_to_the_threshold_in_euro(
    currency: str, amounts: dict[str, int], allowed: int
) -> None:
    asks = [yes(who, amount, currency) for who, amount in amounts.items()]
    assert approved_amounts(defaults().concessions, asks) == {currency: Decimal(allowed)}

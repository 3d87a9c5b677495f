"""One amount as a person types it into a field: ``500 EUR``, ``€1.000,50``, ``1,000.50 usd``. Pure.

Nothing is guessed: what has no currency, what is no amount, and a share of a price are refused,
each for its own reason.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from bot.rules.money.amounts import parse_amount
from bot.rules.money.lexicon import SIGNS

MOST = 1_000_000_000
_SIGNS = "|".join(map(re.escape, SIGNS))
_NUMBER = r"(?:\d{1,3}(?:[ .,']\d{3})+|\d+)(?:[.,]\d{1,2})?"
_TYPED = re.compile(
    rf"(?:(?P<before>{_SIGNS}|[a-z]{{3}})\s*)?(?P<number>{_NUMBER})"
    rf"(?:\s*(?P<behind>{_SIGNS}|[a-z]{{3,}}))?"
)
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
# What people call the euro beside its code.
_NAMES = {"euro": "EUR", "euros": "EUR", "\u03b5\u03c5\u03c1\u03c9": "EUR",
          "\u03b5\u03c5\u03c1\u03ce": "EUR"}  # fmt: skip
_MINUS = ("-", "\u2212", "\u2013")


class WrongAmountError(ValueError):
    """What is no amount; ``kind`` is a text under ``field.``."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class TypedAmount:
    """An amount above 0 and the code of its currency, which need not exist."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


def read_typed_amount(text: str) -> TypedAmount:
    """The amount that was typed. Raises WrongAmountError.

    Kinds: ``money`` (no amount), ``money_share`` (per cent), ``money_negative``, ``money_zero``,
    ``money_large``, ``money_currency`` (none, or two).
    """
    plain = _SPACES.sub(" ", text).strip().lower()
    if "%" in plain or "\u066a" in plain:
        raise WrongAmountError("money_share")
    if any(sign in plain for sign in _MINUS):
        raise WrongAmountError("money_negative")
    for name, code in _NAMES.items():
        plain = re.sub(rf"(?<![^\W\d_]){name}(?![^\W\d_])", code.lower(), plain)
    found = _TYPED.fullmatch(plain)
    if found is None:
        raise WrongAmountError("money")
    amount = parse_amount(found["number"])
    if not amount:
        raise WrongAmountError("money_zero")
    if amount > MOST:
        raise WrongAmountError("money_large")
    return TypedAmount(amount, _currency(found["before"], found["behind"]))


def _currency(before: str | None, behind: str | None) -> str:
    codes = {SIGNS.get(each, each.upper()) for each in (before, behind) if each}
    if len(codes) != 1 or any(len(code) != 3 for code in codes):
        raise WrongAmountError("money_currency")
    return codes.pop()

"""Yearly revenue as people and programs write it in a table: ``410.000,00 €``. Pure.

Whether a comma or a point sets thousands apart is told by the number itself: behind the last mark
stand three digits, or one or two, which are cents. What could be both is refused, never guessed.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from babel import Locale
from babel.numbers import list_currencies

UNITS_MAX = 10**15  # more than any company earns, in any currency
SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₺": "TRY", "₹": "INR", "₽": "RUB",
         "₴": "UAH", "₩": "KRW", "₪": "ILS", "zł": "PLN", "Kč": "CZK"}  # fmt: skip
DOLLARS = frozenset({"USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "TWD"})

_SPACES = re.compile(r"[\s_'’]")  # what sets thousands apart and never decimals; \s has all spaces
_GROUPED = re.compile(r"\d{1,3}(?:(?P<mark>[ ,.])\d{3})(?:(?P=mark)\d{3})*")
_LAKHS = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}")  # as in India: 12,34,567
_PLAIN = re.compile(r"\d+")
_DECIMALS = re.compile(r"(?P<whole>.*?\d)(?P<mark>[.,])(?P<cents>\d{1,2}|-{1,2}|–|—)")
_MARKS = str.maketrans({"٬": ",", "٫": ".", "，": ",", "．": "."})


class NotRevenueError(ValueError):
    """What is no amount of revenue; the message says why, after the value itself."""


@dataclass(frozen=True, slots=True)
class Revenue:
    """``units`` are whole units of the currency; ``currency`` is empty where no sign tells it."""

    units: int
    currency: str = ""


def read_revenue(text: str) -> Revenue | None:
    """The revenue in one cell, cents rounded to whole units; None for an empty one.

    A sign or a code of a currency may stand before or behind. Raises NotRevenueError.
    """
    bare, currency = _without_currency(" ".join(text.split()))
    if not bare and not currency:
        return None
    number = _SPACES.sub(" ", bare).translate(_MARKS).strip()
    value = _number(number)
    if value > UNITS_MAX:
        raise NotRevenueError("is more than revenue can be")
    return Revenue(int(value.to_integral_value(ROUND_HALF_EVEN)), currency)


def _number(text: str) -> Decimal:
    """A number in digits of any script. Raises NotRevenueError."""
    if (whole := _whole(text)) is not None:
        return Decimal(whole)
    found = _DECIMALS.fullmatch(text)
    whole = _whole(found["whole"], unlike=found["mark"]) if found else None
    if found is None or whole is None:
        raise NotRevenueError(_why_not(text))
    cents = found["cents"]
    if cents.isdigit() and len(cents) == 1 and int(cents):
        raise NotRevenueError("is not a whole number; write whole units, or cents with two digits")
    return Decimal(whole) + (Decimal(int(cents)) / 10 ** len(cents) if cents.isdigit() else 0)


def _whole(text: str, unlike: str = "") -> int | None:
    """A whole number with or without thousands set apart, by another mark than ``unlike``."""
    grouped = _GROUPED.fullmatch(text) or _LAKHS.fullmatch(text)
    if not _PLAIN.fullmatch(text) and (not grouped or (unlike and unlike in text)):
        return None
    if grouped and len(text) > 1 and int(text[0]) == 0:
        return None
    return int(re.sub(r"\D", "", text))


def _why_not(text: str) -> str:
    if text.startswith(("-", "−", "(")):
        return "is negative; revenue is a whole number such as 410000"
    if not re.fullmatch(r"[\d .,]+", text):
        return "is not a whole number such as 410000"
    return "is not a whole number: it can be read in two ways; write it as 410000"


def _without_currency(text: str) -> tuple[str, str]:
    """The text without the sign or the code of a currency at one end, and that currency's code."""
    codes = "|".join([*map(re.escape, SIGNS), "[A-Za-z]{3}"])
    found = re.fullmatch(rf"(?:({codes})[\s.]*)?(.*?)(?:\s*({codes}))?", text, re.DOTALL)
    named = (found[1] or found[3] or "") if found else ""
    code = SIGNS.get(named, named.upper())
    if not found or not code or code not in list_currencies():
        return text, ""
    return found[2].strip(), code


def read_currency(text: str) -> str | None:
    """The ISO 4217 code that was written as a code or a sign; None for any other word."""
    code = SIGNS.get(text, text.upper())
    return code if code in list_currencies() else None


def similar_currency(text: str) -> str:
    """The code of the currency whose name or beginning was written: EUR for ``EURO``; or empty."""
    wanted = text.casefold().strip()
    names = Locale("en").currencies
    named = [code for code, name in names.items() if wanted in name.casefold().split()]
    common = [code for code in SIGNS.values() if code in named or wanted.startswith(code.lower())]
    return next(iter([*common, *named]), "")


def agrees_with(sign: str, currency: str) -> bool:
    """Whether a currency beside a number is the one of its column: ``$`` is any dollar."""
    return not sign or sign == currency or (sign == "USD" and currency in DOLLARS)

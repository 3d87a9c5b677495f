"""Amounts of money and shares of a price, as people write them: in digits and in words.

Each word and sign of a folded text becomes one letter of what it is (lexicon.py), and amounts are
found by patterns of these letters, with the currency before or behind. Where a separator could be
one of thousands or of decimals, the greater number counts. Whether an amount is offered is judged
in offers.py.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.rules.money.lexicon import Lexeme, read_lexemes

SHARE = "%"  # the unit of a share of a price
_NUMBERS = r"N(?:(?:[O-]|,?&|,)N){0,5}"
_WORDS = r"(?:a?[USVH]o?(?:-|&(?=a?[USVH]))?){1,12}"
_AMOUNT = re.compile(
    rf"(?P<before>C):?(?P<n1>{_NUMBERS})S?|(?P<n2>{_NUMBERS})S?(?:\([^()]{{1,12}}\))?(?P<behind>C)"
    rf"|(?P<words>{_WORDS})(?P<named>C)|(?P<first>C)(?P<later>{_WORDS})"
)
_SHARE = re.compile(rf"(?P<n>N)P|(?P<words>{_WORDS})P|[aU]?H")
_RATE = re.compile(r",?(?:[pa]T|R)")
_GOES_ON = re.compile(r"[NnUSV]-?$")


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of a currency, or a share (unit ``%``); ``value`` is None where it cannot be told.

    ``start`` and ``end`` are places in the folded text; ``unit`` is an ISO 4217 code, ``BTC`` or
    ``%``.
    """

    start: int
    end: int
    value: Decimal | None
    unit: str


def find_amounts(folded: str) -> Iterator[Amount]:
    """Amounts with a currency, in the order of the text.

    One that is paid again and again has no known value, nor has one beside another number, of
    which it may be a part. Of “500 or 600 euro” the value is 600, of “500 and 600 euro” 1100.
    """
    letters, lexemes = read_lexemes(folded)
    for found in _AMOUNT.finditer(letters):
        part = lexemes[found.start() : found.end()]
        unit = next(each.unit for each in part if each.letter == "C")
        again = _RATE.match(letters, found.end()) or _is_part(letters, found)
        value = None if again else _value(part, found)
        yield Amount(part[0].start, part[-1].end, value, unit)


def _is_part(letters: str, found: re.Match[str]) -> bool:
    """True when the number may be longer than what was read of it."""
    if found["n2"] or found["words"]:
        return _GOES_ON.search(letters, max(0, found.start() - 2), found.start()) is not None
    return found["n1"] is not None and letters[found.end() : found.end() + 1] in {"N", "n"}


def find_shares(folded: str) -> Iterator[Amount]:
    """Shares: per cent with its value, and fractions such as “half”, which have none."""
    letters, lexemes = read_lexemes(folded)
    for found in _SHARE.finditer(letters):
        part = lexemes[found.start() : found.end()]
        value = parse_amount(part[0].text) if found["n"] else None
        if found["words"]:
            value = _spoken(part)
        yield Amount(part[0].start, part[-1].end, value, SHARE)


def _value(part: Sequence[Lexeme], found: re.Match[str]) -> Decimal | None:
    if found["words"] or found["later"]:
        return _spoken(part)
    outside = _without_brackets(part)
    scales = [each.value for each in outside if each.letter == "S"]
    return _together(outside) * (scales[0] if scales else 1)


def _without_brackets(part: Sequence[Lexeme]) -> list[Lexeme]:
    """The number is said again in words between brackets."""
    opened = next((at for at, each in enumerate(part) if each.letter == "("), len(part))
    return [*part[:opened]]


def _together(part: Sequence[Lexeme]) -> Decimal:
    """Numbers of one currency: of “500 or 600” the greater counts, “500 and 600” are both."""
    last = sums = Decimal(0)
    either = False
    for each in part:
        if each.letter == "N":
            value = parse_amount(each.text)
            last, sums = (max(last, value), sums) if either else (value, sums + last)
            either = False
        elif each.letter in "O-":
            either = True
    return sums + last


def parse_amount(text: str) -> Decimal:
    """A number in digits, however its thousands are set apart: ``1.200,50``, ``1,200``.

    Exactly three digits after the last separator are thousands.
    """
    plain = text.removesuffix(",-").removesuffix(".-").replace("'", "").replace(" ", "")
    whole, mark, rest = plain, "", ""
    if (at := max(plain.rfind("."), plain.rfind(","))) >= 0:
        whole, mark, rest = plain[:at], plain[at], plain[at + 1 :]
    decimals = bool(mark) and len(rest) != 3
    digits = re.sub(r"\D", "", whole) + ("" if decimals else rest)
    return Decimal(digits + (f".{rest}" if decimals and rest else ""))


def _spoken(part: Sequence[Lexeme]) -> Decimal | None:
    """A number in words: “two thousand five hundred”.

    None for “a few hundred”, and for no number.
    """
    total = group = 0
    counted = False
    for each in part:
        if each.letter in "VH":
            return None
        if each.letter == "U":
            group, counted = group + each.value, True
        elif each.letter == "S":
            group, counted = max(group, 1) * each.value, True
            if each.value > 100:
                total, group = total + group, 0
    return Decimal(total + group) if counted else None

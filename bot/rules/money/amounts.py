"""Amounts of money and shares of a price, as people write them: in digits and in words.

English and Greek, with the currency before or behind. What is read is folded text. Where a
separator could be one of thousands or of decimals, the greater number counts. Whether an amount is
offered is judged in offers.py.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from bot.rules.languages import find_languages, read_data

SHARE = "%"  # the unit of a share of a price


def _numbers(kind: str) -> Mapping[str, int]:
    """The numbers in words of every language: ``units``, which add up, or ``scales``."""
    found: dict[str, int] = {}
    for code in find_languages():
        found |= read_data(code, "reading.toml").get("numbers", {}).get(kind, {})
    return found


_UNITS = _numbers("units")
_SCALES = _numbers("scales")
_VAGUE = tuple(
    word
    for code in find_languages()
    for word in read_data(code, "reading.toml").get("numbers", {}).get("vague", ())
)
_SAID = "|".join(sorted({*_UNITS, *_SCALES, *_VAGUE}, key=len, reverse=True))
_NUMBER = r"(?:\d{1,3}(?:[ .,']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)(?:,-)?"
_CURRENCIES: Mapping[str, str] = {
    "EUR": r"€|eur|euros?|evro|ευρω|εuro", "USD": r"us\$|\$|usd|dollars?|bucks?|δολαρι\w{1,3}",
    "GBP": r"£|gbp|pounds?|sterling|quid|λιρεσ|λιρων", "CHF": r"chf|francs?", "JPY": r"¥|jpy|yen",
    "SEK": "sek", "NOK": "nok", "DKK": "dkk", "PLN": r"pln|zloty", "CZK": "czk", "HUF": "huf",
    "BGN": r"bgn|lev\w{0,2}", "AUD": "aud", "CAD": "cad", "BTC": r"₿|btc|bitcoins?",
}  # fmt: skip
_CURRENCY = "|".join(_CURRENCIES.values())
_SCALE = (
    r"(?:\s?(?:k|m|mio|mn|hundred|thousand|grand|million|χιλ(?:ιαδ\w{1,3})?\.?|εκατομμυρι\w{1,2}|εκατ?\.?)"
    r"(?!\w))"
)
# Between two numbers of one currency: one or the other, or both.
_OR = r"\s*(?:-|\u2013|to|or|εωσ|ωσ|η|με)\s*"
_AND = r"\s*(?:,\s|and|plus|και|συν|&|\+)\s*"
_NUMBERS = rf"{_NUMBER}(?:(?:{_OR}|{_AND}){_NUMBER}){{0,5}}"
_WORDS = rf"(?<!\w)(?:(?:an?\s+)?(?:{_SAID})(?:\s+of)?(?:[\s-]+(?:and\s+|και\s+)?)){{1,12}}?"
_AMOUNT = re.compile(
    rf"(?:(?<!\w)(?P<before>{_CURRENCY})\s?:?\s?(?P<n1>{_NUMBERS})(?P<s1>{_SCALE})?"
    rf"|(?<![\w.,])(?P<n2>{_NUMBERS})(?P<s2>{_SCALE})?\s?(?:\([^()]{{1,80}}\)\s?)?"
    rf"(?P<behind>{_CURRENCY})(?!\w)"
    rf"|(?P<words>{_WORDS})(?P<named>{_CURRENCY})(?!\w)"
    rf"|(?<!\w)(?P<first>{_CURRENCY})\s+(?P<later>(?:(?:{_SAID})[\s-]*){{1,12}}))"
)
_EACH = re.compile(rf"(?:(?P<either>{_OR})|{_AND})?(?P<number>{_NUMBER})")
_PER_CENT = r"(?:%|٪|per ?cent|percent|percentage points?|pct|τοισ εκατο|τησ εκατο|επι τοισ εκατο)"
_SHARE = re.compile(
    rf"(?:(?<![\w.,])(?P<n>{_NUMBER})\s?{_PER_CENT}(?!\w)|(?P<words>{_WORDS}){_PER_CENT}(?!\w)"
    r"|(?<!\w)(?P<half>half|(?:one |a |two |the )?(?:third|quarter|fifth|tenth)s?|"
    r"(?:το |τα )?μισ(?:ο|α|η|εσ)|"
    r"(?:το |τα )?(?:ενα |δυο )?(?:τριτο|τριτα|τεταρτο|τεταρτα|πεμπτο|δεκατο))(?!\w))"
)
# What is told of a number outside an amount, such as “2 thousand” in “2 thousand five hundred €”.
_NUMBER_BEFORE = re.compile(rf"(?:(?<!\w)(?:{_SAID})|\d)[\s-]{{1,3}}$")
_NUMBER_BEHIND = re.compile(r"[\s-]\d")
_NEAR = 24  # characters: the longest word of a number, and what may stand behind it
_RATE = re.compile(
    r"\s*(?:(?:,)?\s*(?:a|an|per|each|every|/)\s*(?:month|monthly|seat|user|day|week|year|hour|licence|license|"
    r"shop|dock|order|invoice|employee|head|person|unit|piece)|monthly|yearly|annually|each|"
    r"(?:τον|το|την|ανα|κατα|καθε|/)\s?(?:μηνα|χρηστη|θεση|ημερα|εβδομαδα|χρονο|ετοσ|ωρα|καταστημα|παραγγελια)|"
    r"μηνιαιωσ|ετησιωσ|εκαστοσ|το καθενα)(?!\w)"
)


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
    for found in _AMOUNT.finditer(folded):
        written = found["before"] or found["behind"] or found["named"] or found["first"]
        again = _RATE.match(folded, found.end())
        value = None if again or _goes_on(folded, found) else _value(found)
        yield Amount(found.start(), found.end(), value, currency_of(written))


def _goes_on(folded: str, found: re.Match[str]) -> bool:
    """True when the number may be longer than what was read of it."""
    start = found.start()
    if found["n2"] or found["words"]:
        return _NUMBER_BEFORE.search(folded[max(0, start - _NEAR) : start]) is not None
    return found["n1"] is not None and bool(_NUMBER_BEHIND.match(folded, found.end()))


def find_shares(folded: str) -> Iterator[Amount]:
    """Shares: per cent with its value, and fractions such as “half”, which have none."""
    for found in _SHARE.finditer(folded):
        value = None
        if found["n"]:
            value = parse_amount(found["n"])
        elif found["words"]:
            value = spoken_number(found["words"])
        yield Amount(found.start(), found.end(), value, SHARE)


def _value(found: re.Match[str]) -> Decimal | None:
    spoken = found["words"] or found["later"]
    if spoken:
        return spoken_number(spoken)
    scale = (found["s1"] or found["s2"] or "").strip(" .\n")
    return _together(found["n1"] or found["n2"]) * (_scale(scale) if scale else 1)


def _together(written: str) -> Decimal:
    """Numbers of one currency: of “500 or 600” the greater counts, “500 and 600” are both."""
    last = sums = Decimal(0)
    for found in _EACH.finditer(written):
        value = parse_amount(found["number"])
        either = found["either"] is not None
        last, sums = (max(last, value), sums) if either else (value, sums + last)
    return sums + last


def _scale(word: str) -> int:
    """What a word of scale multiplies by; one that is not listed counts as a thousand."""
    return next(
        (n for name, n in _SCALES.items() if name == word), 10**6 if "εκατ" in word else 1000
    )


@cache
def currency_of(written: str) -> str:
    """The ISO code of a currency as it was written. StopIteration for what is none."""
    return next(code for code, form in _CURRENCIES.items() if re.fullmatch(form, written))


def parse_amount(text: str) -> Decimal:
    """A number in digits, however its thousands are set apart: ``1.200,50``, ``1,200``.

    Exactly three digits after the last separator are thousands.
    """
    plain = text.removesuffix(",-").replace("'", "").replace(" ", "")
    whole, mark, rest = plain, "", ""
    if (at := max(plain.rfind("."), plain.rfind(","))) >= 0:
        whole, mark, rest = plain[:at], plain[at], plain[at + 1 :]
    decimals = bool(mark) and len(rest) != 3
    digits = re.sub(r"\D", "", whole) + ("" if decimals else rest)
    return Decimal(digits + (f".{rest}" if decimals and rest else ""))


def spoken_number(text: str) -> Decimal | None:
    """A number in words: “two thousand five hundred”.

    None for “a few hundred”, and for no number.
    """
    total = group = 0
    counted = False
    for word in re.findall(r"[^\W\d_]+", text):
        if word in _VAGUE or word in {"hundreds", "thousands", "millions", "εκατονταδεσ"}:
            return None
        if word in _UNITS:
            group, counted = group + _UNITS[word], True
        elif word in _SCALES:
            scale, counted = _SCALES[word], True
            group = max(group, 1) * scale
            if scale > 100:
                total, group = total + group, 0
    return Decimal(total + group) if counted else None

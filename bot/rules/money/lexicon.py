"""What each word and sign of a folded text is, where money is looked for: one letter each.

=====  ================================================================================
``N``  a number in digits; ``n`` one inside a code (``ESC-500``, ``4.50.2``)
``U``  a word that adds to a number (five), ``S`` one that multiplies it (thousand, k)
``V``  a word for no certain number (several), ``H`` a fraction (half)
``C``  a currency, ``P`` per cent
``a``  an article, ``o`` of, ``&`` and, ``O`` or
``p``  per, ``T`` what is paid for again and again (month), ``R`` the same in one word
``x``  any other word; other signs stand for themselves
=====  ================================================================================

The words are ``[numbers]`` and ``[money]`` of every ``reading.toml``. A word in another alphabet is
also known when it is typed with Latin letters.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from bot.rules.languages import read_data
from bot.rules.prose.folding import fold_text
from bot.rules.prose.spelling import read_word, spell_word
from bot.rules.words import Language

SIGNS: Mapping[str, str] = {
    "us$": "USD", "$": "USD", "\u20ac": "EUR", "\u00a3": "GBP", "\u00a5": "JPY", "\u20bf": "BTC",
}  # fmt: skip
CODES = (
    "eur", "usd", "gbp", "chf", "jpy", "sek", "nok", "dkk", "pln", "czk", "huf", "ron", "bgn",
    "ils", "aud", "cad", "nzd", "sgd", "hkd", "inr", "cny", "btc",
)  # fmt: skip
LETTERS = {  # lists of ``[money]``
    "article": "a", "of": "o", "and": "&", "or": "O", "per": "p", "periods": "T", "repeated": "R",
    "fractions": "H", "per_cent": "P",
}  # fmt: skip
MEANINGS = {"%": "P", "\u066a": "P", "&": "&", "+": "&", "/": "p", "\u2013": "O"}  # of signs
PHRASE_MAX = 3  # words of one lexeme: “per cent”
TEXTS_KEPT = 64
WORDS_KEPT = 20_000
_LEXEME = re.compile(
    r"(?P<number>(?:\d{1,3}(?:[ .,']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)(?!\d)(?:[.,]-)?)"
    r"|(?P<word>us\$|[^\W\d_]+)|(?P<sign>\S)"
)
_IN_CODE = re.compile(r"(?:[^\W_]|[^\W_][-._]|\.)$")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A word or sign with its place, its letter, and the number or currency that it means."""

    start: int
    end: int
    text: str
    letter: str
    value: int = 0
    unit: str = ""


Meaning = tuple[str, int, str]  # letter, value, unit


@lru_cache(TEXTS_KEPT)
def read_lexemes(folded: str) -> tuple[str, Sequence[Lexeme]]:
    """The letters of a folded text, and the lexemes that they stand for."""
    found = tuple(_read(folded))
    return "".join(each.letter for each in found), found


def _read(folded: str) -> Iterator[Lexeme]:
    """The words of a text that may have to do with money, in their order.

    Of phrases the longest counts; a number within a code is marked as such.
    """
    places = list(_LEXEME.finditer(folded))
    at = 0
    while at < len(places):
        place = places[at]
        size, (letter, value, unit) = 1, ("x", 0, "")
        if place["number"]:
            letter = "n" if _is_in_code(folded, place.start()) else "N"
        elif place["sign"]:
            letter, value, unit = _sign(place[0])
        else:
            size, (letter, value, unit) = _longest(
                [each[0] for each in places[at : at + PHRASE_MAX]]
            )
        end = places[at + size - 1].end()
        yield Lexeme(place.start(), end, folded[place.start() : end], letter, value, unit)
        at += size


def _is_in_code(folded: str, start: int) -> bool:
    """True for digits behind a letter, or behind a mark inside a code."""
    before = folded[max(0, start - 2) : start]
    if before[-1:].isspace() or not before or currency_of_sign(before[-1:]):
        return False
    return bool(_IN_CODE.search(before)) and not (before[-1:] == "-" and before[:1].isdigit())


def currency_of_sign(sign: str) -> str:
    """The ISO code of a currency's sign, such as ``$``; empty for none."""
    return SIGNS.get(sign, "")


def _sign(sign: str) -> Meaning:
    if sign in SIGNS:
        return "C", 0, SIGNS[sign]
    return MEANINGS.get(sign, sign if sign.isascii() else "."), 0, ""


def _longest(words: Sequence[str]) -> tuple[int, Meaning]:
    """How many of the words are one lexeme, and what it means."""
    for size in range(len(words), 0, -1):
        meaning = _meaning(tuple(words[:size]))
        if meaning:
            return size, meaning
    return 1, ("x", 0, "")


@lru_cache(WORDS_KEPT)
def _meaning(words: tuple[str, ...]) -> Meaning | None:
    if words[0] in SIGNS:
        return ("C", 0, SIGNS[words[0]]) if len(words) == 1 else None
    for language in Language:
        known = _known(language)
        readings = [read_word(word, language, latin=True) for word in words]
        for key in _keys(readings):
            if key in known:
                return known[key]
    return None


def _keys(readings: Sequence[frozenset[str]]) -> Iterator[str]:
    """Every way to read the words, one after the other."""
    if not readings:
        yield ""
        return
    for rest in _keys(readings[1:]):
        yield from (f"{first} {rest}".strip() for first in sorted(readings[0]))


@cache
def _known(language: Language) -> Mapping[str, Meaning]:
    """What the language's words mean, by their keys."""
    data = read_data(language.value, "reading.toml")
    found: dict[str, Meaning] = {code: ("C", 0, code.upper()) for code in CODES}
    for words, meaning in _entries(data.get("numbers", {}), data.get("money", {})):
        spelled = [spell_word(word, language) for word in fold_text(words).text.split()]
        found.setdefault(" ".join(spelled), meaning)
    return found


def _entries(numbers: Mapping[str, Any], money: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    """Words with their meaning; what comes first counts."""
    for word in numbers.get("vague", ()):
        yield word, ("V", 0, "")
    for unit, words in money.get("currencies", {}).items():
        yield from ((word, ("C", 0, unit)) for word in words)
    for name, letter in LETTERS.items():
        listed = money.get(name, ())
        for word in listed.split() if isinstance(listed, str) else listed:
            yield word, (letter, 0, "")
    for kind, letter in (("units", "U"), ("scales", "S")):
        yield from ((word, (letter, n, "")) for word, n in numbers.get(kind, {}).items())

"""In which language a folded text is written: by its letters, or by its small words.

``reading.toml`` of a language has under ``[script]`` its own ``letters`` where it has an alphabet
apart, how those are typed with Latin letters (``latin``), and ``small_words``: common ones, folded,
with spaces between.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from bot.rules.languages import read_data
from bot.rules.words import Language

WORD = re.compile(r"[^\W\d_]+")


@cache
def script_of(language: Language) -> Mapping[str, Any]:
    """What ``reading.toml`` says of the language's writing."""
    found: Mapping[str, Any] = read_data(language.value, "reading.toml").get("script", {})
    return found


def latin_table(language: Language) -> Mapping[str, str]:
    """How the language's letters are typed with Latin ones; empty for one written in those."""
    found: Mapping[str, str] = script_of(language).get("latin", {})
    return found


@cache
def _letters(language: Language) -> re.Pattern[str] | None:
    letters = script_of(language).get("letters")
    return re.compile(f"[{letters}]") if letters else None


@cache
def _small_words(language: Language) -> frozenset[str]:
    return frozenset(script_of(language).get("small_words", "").split())


def own_letters(folded: str) -> Language | None:
    """The language with an alphabet of its own in which more than a stray word is written.

    More letters than a quarter of the number of words are enough. None for Latin.
    """
    words = len(WORD.findall(folded))
    for language in Language:
        letters = _letters(language)
        if letters is not None and len(letters.findall(folded)) * 4 > words:
            return language
    return None


def typed_in_latin(folded: str, expected: Language) -> Language | None:
    """The language with an alphabet of its own that was typed with Latin letters, if one was.

    In doubt it is the ``expected`` one, in which the customer is written to.
    """
    if own_letters(folded):
        return None
    said = WORD.findall(folded)
    plain = max(_count(said, each) for each in Language if not latin_table(each))
    for language in (each for each in Language if latin_table(each)):
        count = _count(said, language)
        if count > plain or (language is expected and count == plain):
            return language
    return None


def plain_latin(folded: str, expected: Language) -> Language:
    """The language of a text in Latin letters: the ``expected`` one unless its words say another.

    A language without ``small_words`` is taken at the writer's word.
    """
    if latin_table(expected):
        expected = Language.ENGLISH
    if not _small_words(expected):
        return expected
    said = WORD.findall(folded)
    plain = [each for each in Language if not latin_table(each)]
    return max(plain, key=lambda each: (_count(said, each), each is expected))


def _count(said: list[str], language: Language) -> int:
    return sum(word in _small_words(language) for word in said)

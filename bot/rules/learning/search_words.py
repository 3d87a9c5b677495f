"""The words by which a solved case is found again: folded, cut to their stems, in any language.

A stem is the first ``STEM`` letters of a folded word, without what endings are made of: so
``queues`` and ``Queue`` are one word, as ``payments`` and ``Payment``. Words that every text has
are none; they and the letters of endings stand under ``[search]`` of each ``reading.toml``. Pure.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from math import log

from bot.rules.languages import find_languages, read_data
from bot.rules.prose.folding import fold_character

STEM = 6  # letters of a word that are compared
SHORTEST = 3  # letters of a word; fewer only with a digit among them, such as ``v2``
WORDS_MAX = 150  # of one case, the first ones
SOUGHT_MAX = 40  # of one search, the first ones
WEIGHED_MAX = 12  # words that are looked for, the rarest ones
ALIKE = 2  # words that two cases must share at least, where so many are looked for

_SKIPPED = re.compile(r"https?://\S+|<[^<>]{1,300}>|\S+@\S+")  # addresses, and what Slack escapes
_WORD = re.compile(r"\w+")


@cache
def _small_words() -> frozenset[str]:
    """What is no word to look for, folded, of every language."""
    lists = (read_data(code, "reading.toml").get("search", {}) for code in find_languages())
    return frozenset(fold_word(word) for each in lists for word in each.get("left_out", "").split())


@cache
def _endings() -> frozenset[str]:
    """The letters of which endings are made, folded, of every language."""
    lists = (read_data(code, "reading.toml").get("search", {}) for code in find_languages())
    return frozenset("".join(fold_word(each.get("endings", "")) for each in lists))


def fold_word(word: str) -> str:
    """A word without case and accents, its last sigma as any other."""
    return "".join(map(fold_character, word))


def search_words(*texts: str, limit: int = WORDS_MAX) -> tuple[str, ...]:
    """The stems of what these texts say, each once, in the order of the texts; at most ``limit``.

    Addresses of pages and of people, and what Slack escapes, are left out.
    """
    found: dict[str, None] = {}
    for text in texts:
        for word in _WORD.findall(fold_word(_SKIPPED.sub(" ", text))):
            if word not in _small_words() and _is_long(word):
                found[_stem(word)] = None
    return tuple(found)[:limit]


def _stem(word: str) -> str:
    """The word's beginning without the letters of its ending, ``SHORTEST`` letters at least."""
    stem = word[:STEM]
    while len(stem) > SHORTEST and stem[-1] in _endings():
        stem = stem[:-1]
    return stem


def _is_long(word: str) -> bool:
    """Whether a word says something: long enough, or with a digit among its letters.

    A number counts from ``SHORTEST`` digits on: ``502`` is an error, ``7`` a sentence's rest.
    """
    has_digit = any(map(str.isdigit, word))
    return len(word) >= SHORTEST or (len(word) > 1 and has_digit and not word.isdigit())


def weigh_words(counts: Mapping[str, int], cases: int) -> dict[str, float]:
    """How much each word tells, by the number of cases that have it: rare ones most.

    ``cases`` is how many there may be at all. Only the ``WEIGHED_MAX`` rarest are in the answer,
    and none that more than a third of many cases have; equally rare ones by the alphabet.
    """
    common = max(cases // 3, 10)
    rare = sorted((count, word) for word, count in counts.items() if 0 < count <= common)
    return {word: log(1 + max(cases, count) / count) for count, word in rare[:WEIGHED_MAX]}


def least_shared(words: Iterable[str]) -> int:
    """How many of the words that were asked for a case must have to be like it.

    One word in common is chance, unless it was the only one that was looked for.
    """
    return min(ALIKE, len(set(words)))

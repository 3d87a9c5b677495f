"""Text as the rules read it: folded, with places.

Folding makes case, accents, compatibility forms such as full-width digits, invisible characters and
typographic apostrophes not matter, and remembers where each character came from, so that a finding
can point at the text. Disguises are taken off in disguises.py.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

Span = tuple[int, int]  # start and end, end exclusive

APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'", "\u00b4": "'"})
INVISIBLE = frozenset({"Mn", "Cf"})  # Unicode categories: accents apart, characters without width
CHARACTERS_KEPT = 4096  # of which it is remembered how they fold


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` folded; ``origins`` has for each of its characters the place in ``original``."""

    original: str
    text: str
    origins: tuple[int, ...]

    def place(self, start: int, end: int) -> Span:
        """The span of the original that a non-empty span of the folded text comes from.

        Accents that follow the last letter belong to it.
        """
        first, last = self.origins[start], self.origins[end - 1] + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return first, last


def fold_text(text: str) -> Folded:
    """Any text, however odd, with the place of each folded character."""
    letters: list[str] = []
    origins: list[int] = []
    for place, char in enumerate(text):
        for each in fold_character(char):
            letters.append(each)
            origins.append(place)
    return Folded(text, "".join(letters), tuple(origins))


@lru_cache(CHARACTERS_KEPT)
def fold_character(char: str) -> str:
    """One character in small letters, without accents; empty for one that is not seen.

    Digits of any script become those of ASCII.
    """
    apart = unicodedata.normalize("NFKD", char.translate(APOSTROPHES))
    small = unicodedata.normalize("NFKD", apart.casefold())
    return "".join(map(_plain, small)).translate(APOSTROPHES)


def _plain(char: str) -> str:
    if unicodedata.category(char) in INVISIBLE:
        return ""
    digit = unicodedata.digit(char, None)
    return char if digit is None else str(digit)


def find_occurrences(text: str, known: Iterable[str]) -> list[Span]:
    """Every place where one of the ``known`` texts stands, however its lines are broken.

    Letter by letter apart from white space: case and accents matter. In the original text.
    """
    words = [each.split() for each in known]
    return [span for each in words if each for span in _places(text, each)]


def _places(text: str, words: Sequence[str]) -> list[Span]:
    pattern = r"\s+".join(map(re.escape, words))
    return [found.span() for found in re.finditer(pattern, text)]


def is_inside(span: Span, areas: Sequence[Span]) -> bool:
    """True when the span lies wholly in one of the areas."""
    return any(start <= span[0] and span[1] <= end for start, end in areas)

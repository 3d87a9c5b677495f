"""Text as the tone rules read it: folded, with places.

Folding makes case, accents, final sigma, invisible characters and typographic apostrophes not
matter, and remembers where each character came from, so that a finding can point at the text.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int]  # start and end, end exclusive

APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "ς": "σ"})

_SENTENCE_END = re.compile(r"[.!?;·](?=\s|$)|\n")

# The words of the customer that may stand in a message: quotation marks, and quoted lines.
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|\"[^\"\n]*\"|„[^“”]*[“”]")
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)


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
        for each in unicodedata.normalize("NFD", char.casefold().translate(APOSTROPHES)):
            if unicodedata.category(each) in {"Mn", "Cf"}:
                continue
            letters.append(" " if each == "\xa0" else each.translate(APOSTROPHES))
            origins.append(place)
    return Folded(text, "".join(letters), tuple(origins))


def quoted_areas(text: str, known: Iterable[str]) -> list[Span]:
    """Where the customer is quoted: marks, quoted lines, and ``known`` words of theirs."""
    marked = [found.span() for found in _QUOTED.finditer(text)]
    return marked + customer_areas(text, known)


def customer_areas(text: str, known: Iterable[str]) -> list[Span]:
    """Where the words are surely the customer's: quoted lines, and ``known`` words of theirs."""
    return [found.span() for found in _QUOTED_LINE.finditer(text)] + find_occurrences(text, known)


def find_occurrences(text: str, known: Iterable[str]) -> list[Span]:
    """Every place where one of the ``known`` texts stands, however its lines are broken.

    Letter by letter apart from white space: case and accents matter. In the original text.
    """
    spans: list[Span] = []
    for each in known:
        words = each.split()
        if words:
            pattern = r"\s+".join(map(re.escape, words))
            spans += [found.span() for found in re.finditer(pattern, text)]
    return spans


def is_inside(span: Span, areas: Sequence[Span]) -> bool:
    """True when the span lies wholly in one of the areas."""
    return any(start <= span[0] and span[1] <= end for start, end in areas)


def split_sentences(folded: str) -> list[Span]:
    """The sentences of a folded text; a line break ends one too."""
    spans: list[Span] = []
    start = 0
    for found in _SENTENCE_END.finditer(folded):
        spans.append((start, found.end()))
        start = found.end()
    return [*spans, (start, len(folded))]


def span_around(place: int, spans: Sequence[Span]) -> Span:
    """The one of consecutive ``spans`` that has ``place`` in it; the last one after them all."""
    return next((span for span in spans if span[0] <= place < span[1]), spans[-1])

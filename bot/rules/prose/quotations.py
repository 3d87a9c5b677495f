"""Where the words in a message are the customer's: in the original text.

Surely theirs are quoted lines, and words that are known to be theirs. What stands in quotation
marks is theirs too where the sentence says that they wrote or said it (``[quotations]`` of
``tone.toml``); other words in marks are the writer's own.
"""

import re
from collections.abc import Iterable

from bot.rules.prose.folding import Span, find_occurrences
from bot.rules.prose.reading import Prose

_MARKED = re.compile(
    '\u201c[^\u201d]*\u201d|\u00ab[^\u00bb]*\u00bb|"[^"\n]*"|\u201e[^\u201c\u201d]*[\u201c\u201d]'
)
_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
BEFORE = 60  # characters before a quotation in which it is said to be theirs
FILE = "tone.toml"


def customer_areas(text: str, known: Iterable[str]) -> list[Span]:
    """Where the words are surely the customer's: quoted lines, and ``known`` words of theirs."""
    return [found.span() for found in _LINE.finditer(text)] + find_occurrences(text, known)


def quoted_areas(prose: Prose, known: Iterable[str]) -> list[Span]:
    """Where the customer is quoted: what is surely theirs, and what is said to be, in marks."""
    text = prose.folded.original
    said = [
        prose.place_of(sentence, hit)[1]
        for sentence in prose.sentences
        for hit in prose.find_phrases(FILE, sentence)
        if hit.name == ("quotations", "theirs")
    ]
    marked = [found.span() for found in _MARKED.finditer(text)]
    return customer_areas(text, known) + [
        span for span in marked if any(span[0] - BEFORE <= end <= span[0] + 1 for end in said)
    ]

"""Sentences and words of a folded text.

A line that is wrapped does not end a sentence; one that ends in a mark, an empty line and a list
item do. Short forms (``don't``) are read as the words that they stand for, by ``[contractions]``
of every ``reading.toml``: whole ones, and endings that begin with an apostrophe or ``n't``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.rules.languages import find_languages, read_data
from bot.rules.prose.folding import Folded, Span

_CLOSING = r"(?=\s|$|[\"'\u201d\u00bb)])"
# A full stop after a letter that stands alone (“p.m.”) ends no sentence.
_END = re.compile(
    rf"(?<![\s.][^\W\d_])[.]+{_CLOSING}|[!?;\u00b7\u2026]+{_CLOSING}"
    r"|\n\s*\n|\n(?=\s*[-\u2022*>])|(?<=[,:.!?;\u00b7])[ \t]*\n"
)
_WORD = re.compile(
    r"\d+(?:[.,:/]\d+)*(?![^\W_])|[^\W_]+(?:'[^\W_]+)*|[%\u20ac$\u00a3\u00a5\u20bf&+]"
)
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}")
_DATE = re.compile(r"\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?")
_CLAUSE = re.compile(r"[,:;()\u2013\u2014]")
WORDS_KEPT = 20_000

NUMBER, CLOCK, DATE, NAME = "#number", "#clock", "#date", "#name"
BREAK = ","  # a comma, colon, bracket or dash stands before the word


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a sentence: ``text`` is folded, ``kinds`` what else is told by how it looks.

    The words of a short form have the same place.
    """

    start: int
    end: int
    text: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its place in the folded text."""

    start: int
    end: int
    words: tuple[Word, ...]

    def span_of(self, first: int, last: int) -> Span:
        """The place of the words from ``first`` up to, not including, ``last``."""
        return self.words[first].start, self.words[max(last - 1, first)].end


def split_sentences(folded: Folded) -> tuple[Sentence, ...]:
    """The sentences of a folded text that have words, in order."""
    found = (
        Sentence(start, end, tuple(_words(folded, start, end)))
        for start, end in _spans(folded.text)
    )
    return tuple(sentence for sentence in found if sentence.words)


def _spans(text: str) -> Iterator[Span]:
    start = 0
    for found in _END.finditer(text):
        yield start, found.end()
        start = found.end()
    yield start, len(text)


def _words(folded: Folded, start: int, end: int) -> Iterator[Word]:
    before = start
    for found in _WORD.finditer(folded.text, start, end):
        kinds = set(_kinds(found[0]))
        if before == start or _CLAUSE.search(folded.text, before, found.start()):
            kinds.add(BREAK)
        if before != start and _is_name(folded, found):
            kinds.add(NAME)
        before = found.end()
        for text in long_form(found[0]):
            yield Word(found.start(), found.end(), text, frozenset(kinds))
            kinds.discard(BREAK)


def _is_name(folded: Folded, found: re.Match[str]) -> bool:
    """True for a word with a capital first letter, and small ones."""
    written = folded.original[slice(*folded.place(*found.span()))]
    return len(written) > 2 and written.isalpha() and written.istitle()


@lru_cache(WORDS_KEPT)
def _kinds(text: str) -> tuple[str, ...]:
    if not text[0].isdigit():
        return ()
    found = [NUMBER] if text.replace(".", "").replace(",", "").isdigit() else []
    found += [CLOCK] if _CLOCK.fullmatch(text) else []
    return (*found, DATE) if _DATE.fullmatch(text) else tuple(found)


@lru_cache(WORDS_KEPT)
def long_form(word: str) -> tuple[str, ...]:
    """The words that a short form stands for; the word itself where it is none."""
    whole, endings = _contractions()
    if word in whole:
        return tuple(whole[word].split())
    for ending, meant in endings.items():
        if word.endswith(ending) and len(word) > len(ending):
            return word.removesuffix(ending), *meant.split()
    return (word,)


@cache
def _contractions() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Whole short forms, and endings."""
    known: dict[str, str] = {}
    for code in find_languages():
        known |= read_data(code, "reading.toml").get("contractions", {})
    endings = {each: meant for each, meant in known.items() if each.startswith(("'", "n't"))}
    return {each: meant for each, meant in known.items() if each not in endings}, endings


def split_words(text: str) -> tuple[str, ...]:
    """The words of a folded phrase, short forms in full."""
    return tuple(each for found in _WORD.finditer(text) for each in long_form(found[0]))

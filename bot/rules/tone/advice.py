"""Phrases that a customer should not have to read, by the rules of ``tone.toml``.

``phrases`` of a rule are found unless they share a word with one of its ``unless`` phrases. Where a
rule is ``dated``, they are innocent in a sentence that says when. Names of machines and lines of
code are jargon in any language.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.rules.prose.books import Hit
from bot.rules.prose.folding import Span
from bot.rules.prose.reading import Prose
from bot.rules.prose.sentences import Sentence
from bot.rules.tone.suggestions import FILE, tone_rules
from bot.rules.words import Language

JARGON = "jargon"
TIME = ("next_update", "time")
_HOST = re.compile(
    r"(?<![\w@./-])(?:(?:[a-z][a-z0-9]*-)+[a-z]*\d{1,2}|(?:prod|stg|db|srv|redis|kafka|web|api|node)-?[a-z]*-?\d+|"
    r"[\w-]+(?:\.[\w-]+)*\.(?:internal|local|svc|lan|corp)|(?:\d{1,3}\.){3}\d{1,3})(?![\w-])"
)
_CODE = re.compile(
    r"(?<!\w)(?:at [\w.$]+\([\w.]+:\d+\)|file \"[^\"]+\", line \d+|"
    r"\w+(?:error|exception):|0x[0-9a-f]{4,})"
)
_REFERENCE = re.compile(r"[a-z]{2,8}-\d+")  # ESC-7, INC-4711: numbers that the customer was given


def find_phrases(prose: Prose) -> Iterator[tuple[str, Span]]:
    """The names of rules with the places in the original, of one rule none inside another."""
    for sentence in prose.sentences:
        hits = prose.find_phrases(FILE, sentence)
        for rule in sorted({hit.name[0] for hit in hits if hit.name[1] == "phrases"}):
            for first, last in _merge(_of_rule(rule, hits)):
                yield rule, prose.folded.place(*sentence.span_of(first, last))
    yield from ((JARGON, span) for span in _machines(prose))


def _of_rule(rule: str, hits: Sequence[Hit]) -> Iterator[Span]:
    """The phrases of one rule that nothing excuses, as numbers of words."""
    if _is_dated(rule) and any(hit.name == TIME for hit in hits):
        return
    excused = [(hit.first, hit.last) for hit in hits if hit.name == (rule, "unless")]
    for hit in hits:
        free = all(last <= hit.first or hit.last <= first for first, last in excused)
        if hit.name == (rule, "phrases") and free:
            yield hit.first, hit.last


@cache
def _is_dated(rule: str) -> bool:
    return any(tone_rules(each).get(rule, {}).get("dated") for each in Language)


def _merge(spans: Iterator[Span]) -> Iterator[Span]:
    """Spans that share a word as one."""
    start = end = -1
    for first, last in sorted(spans):
        if first >= end:
            if end > 0:
                yield start, end
            start = first
        end = max(end, last)
    if end > 0:
        yield start, end


def _machines(prose: Prose) -> Iterator[Span]:
    for pattern in (_HOST, _CODE):
        for found in pattern.finditer(prose.folded.text):
            if not _REFERENCE.fullmatch(found[0]):
                yield prose.folded.place(*found.span())


def says_what_is_next(prose: Prose, sentence: Sentence) -> Sequence[Hit]:
    """The words for telling in a sentence that says that we speak to the customer, and when.

    Empty for any other sentence.
    """
    hits = [hit for hit in prose.find_phrases(FILE, sentence) if hit.name[0] == TIME[0]]
    if {hit.name[1] for hit in hits} < {"time", "tell", "ahead"}:
        return ()
    return [hit for hit in hits if hit.name[1] == "tell"]

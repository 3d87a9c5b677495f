"""What a writer left to be filled in: brackets, braces, blanks, and marks of programs.

Square brackets and double braces count whatever words are in them; other brackets, single braces
and quotation marks only with words of ``[placeholder]`` in ``tone.toml``: ``words`` for what is
filled in, ``orders`` for telling to. Numbers in brackets, addresses and the placeholders that the
app fills in itself are none.
"""

import re
from collections.abc import Iterator
from functools import cache

from bot.rules.prose.folding import Folded, Span, fold_text
from bot.rules.tone.suggestions import tone_rules
from bot.rules.words import Language

FILLED = frozenset({"{greeting}", "{contact}", "{customer}"})  # by the app, in a letter to many
_INSIDE = r"[^\W\d_][^\[\]{}<>\n@/:=\"\d]{0,59}"
_SURE = re.compile(
    rf"\[(?:{_INSIDE})\](?![(\w])|\{{\{{[^{{}}\n]{{1,60}}\}}\}}|\{{%[^{{}}\n]{{1,60}}%\}}"
    r"|\$\{[^{}\n]{1,60}\}|\*\|\w{2,40}\|\*|(?<![\w%])%[^\W\d]{3,40}%(?!\w)|(?<![\d\w])%[sd](?!\w)"
    r"|##[^\W\d][\w ]{1,40}##|\$[a-z]+_[a-z_]+|\{\d?\}|\{[^\W\d]\w*_\w+\}"
    r"|(?<!\w)_{3,}(?!\w)|\.{5,}|\u2026{2,}|(?<!\S)\?{2,}(?!\S)|[\u20ac$\u00a3]\s?\?{2,}"
    r"|(?<![\w*-])[x\u03c7]{3,}(?![\w*]|[ -]*\d)"
    r"|(?<!\w)[x\u03c7]{2}(?:[:/.][x\u03c7]{2,4}){1,2}(?!\w)"
    r"|lorem ipsum"
)
_MAYBE = re.compile(
    r"[({<\u00ab\u201c\"](?P<inside>[^(){}<>\u00ab\u00bb\u201c\u201d\"\n]{2,50})[)}>\u00bb\u201d\"]"
)
_SHOUTED = re.compile(r"(?<!\w)(?:TODO|FIXME|XXX)(?!\w)")
_CAMEL = re.compile(r"\{[a-z]+(?:[A-Z][a-z]+)+\}")


def find_placeholders(text: str) -> Iterator[Span]:
    """Where they stand in a text, in order; none inside another."""
    folded = fold_text(text)
    found = [*_places(folded), *(each.span() for each in _SHOUTED.finditer(text))]
    found += [each.span() for each in _CAMEL.finditer(text)]
    spans = sorted({span for span in found if text[span[0] : span[1]] not in FILLED})
    yield from (
        span
        for span in spans
        if not any(each != span and each[0] <= span[0] and span[1] <= each[1] for each in spans)
    )


def _places(folded: Folded) -> Iterator[Span]:
    """Where something is left to be filled in, as places in the text as it was written."""
    for found in _SURE.finditer(folded.text):
        if not _is_aside(found[0]):
            yield folded.place(*found.span())
    for found in _MAYBE.finditer(folded.text):
        written = folded.original[slice(*folded.place(*found.span("inside")))]
        named = found[0][0] in "({<" or written.isupper()
        if named and _is_to_fill(found["inside"]):
            yield folded.place(*found.span())


def _is_aside(found: str) -> bool:
    return found.strip("[]") in {"sic", "...", "x", "v"}


def _is_to_fill(inside: str) -> bool:
    """True for the name of a thing, “customer name”, and for an order to write one."""
    words = inside.split()
    if words and words[0] in _listed("orders"):
        return len(words) > 1
    return bool(words) and all(each in _listed("words") for each in words)


@cache
def _listed(name: str) -> frozenset[str]:
    """The folded words of every language's list."""
    tables = [tone_rules(each).get("placeholder", {}) for each in Language]
    return frozenset(
        word for table in tables for word in fold_text(table.get(name, "")).text.split()
    )

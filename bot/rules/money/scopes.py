"""How far a word reaches that takes the giving out of a sentence: no, whether, you asked for.

Tables of ``money.toml``: ``negated``, ``asked``, ``reported`` and ``others`` (a third party gives)
have ``phrases`` that open a scope. It ends before the next comma, colon or bracket, or before a
phrase of ``resume``. A phrase of ``unless`` that begins behind the opening undoes it: “not only”;
behind a negation it must stand in its scope, since “until noon” in the reason undoes nothing.
"""

from collections.abc import Iterator, Sequence

from bot.rules.prose.books import Hit
from bot.rules.prose.folding import Span
from bot.rules.prose.sentences import BREAK, Sentence

SCOPED = ("negated", "asked", "reported", "others")


def find_scopes(sentence: Sentence, hits: Sequence[Hit]) -> list[Span]:
    """The scopes in a sentence, as places in the folded text; they may overlap."""
    return [
        sentence.span_of(*scope) for table in SCOPED for scope in _of_table(table, sentence, hits)
    ]


def _of_table(table: str, sentence: Sentence, hits: Sequence[Hit]) -> Iterator[Span]:
    """The scopes of one table, as numbers of words."""
    places = {
        part: [hit.first for hit in hits if hit.name == (table, part)]
        for part in ("unless", "resume")
    }
    for hit in hits:
        if hit.name == (table, "phrases"):
            end = _end(sentence, hit, places["resume"])
            last = end if table == "negated" else len(sentence.words)
            if not any(hit.first <= at < last for at in places["unless"]):
                yield hit.first, end


def _end(sentence: Sentence, opening: Hit, resumed: Sequence[int]) -> int:
    stops = [at for at in resumed if at >= opening.last]
    stops += [
        at for at in range(opening.last, len(sentence.words)) if BREAK in sentence.words[at].kinds
    ]
    return min(stops, default=len(sentence.words))

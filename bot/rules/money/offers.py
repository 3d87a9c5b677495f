"""Where a text to a customer offers money: an amount, a share of a price, or a concession.

Judged sentence by sentence on the text as it reads (``unmask_text``). An amount with a currency
is an offer unless the sentence says that it is the customer's own; a word of refund, credit or
discount is one where something is given. What the customer said may be repeated, not promised.
The phrases are parts of ``money.toml``: mention, sure, cue, price, theirs, shown, innocent, denied.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.rules.money.amounts import Amount, find_amounts, find_shares
from bot.rules.money.text import unmask_text
from bot.rules.tone.phrases import in_all_languages
from bot.rules.tone.text import Folded, Span, find_occurrences

QUOTED_MIN = 3  # words; fewer are found anywhere and are no quote
HEADLINE = 9  # words of a line that offers without a verb: “Twenty percent off your renewal.”
_END = re.compile(r"[.!?;·…](?=\s|$)|\n\s*\n|\n(?=\s*[-•*>])")
_WORD = re.compile(r"\w+")
_WHOLE = re.compile(
    r"(?<!\w)(?:full|whole|entire|everything|all (?:the|your|of)|ολοκληρ\w{1,3}|ολ(?:α|η|ο|οσ)|"
    r"πληρ(?:η|ωσ))(?!\w)"
)
_OPENING = re.compile(r"\s*(?:\W*(?:an?|the|one|your|η|ο|το|μια|ενα|τα|οι)\s)?\W*")


@dataclass(frozen=True, slots=True)
class Money:
    """Money in a sentence: ``place`` in the original text, and whether we offer it.

    ``amounts`` are those offered; ``open_ended``: something is offered that no amount tells.
    """

    place: Span
    offered: bool
    amounts: tuple[Amount, ...] = ()
    open_ended: bool = False


@cache
def _words(part: str) -> re.Pattern[str]:
    """The phrases of one part of ``money.toml`` in all languages, as one pattern."""
    return in_all_languages("money.toml", part, "phrases")


def is_money_word(word: str) -> bool:
    """True for a folded word of refund, credit or discount."""
    return _words("mention").fullmatch(word) is not None


def found_in(text: str, quoted: Sequence[str] = ()) -> tuple[Money, ...]:
    """Every sentence of a text in which money is spoken of, in order; places are in the original.

    ``quoted`` are the customer's words; those of fewer than ``QUOTED_MIN`` words do not count.
    """
    folded = unmask_text(text, is_money_word)
    long = [each for each in quoted if len(each.split()) >= QUOTED_MIN]
    theirs = [_inner(folded, span) for span in find_occurrences(text, long)]
    return tuple(
        money for span in _sentences(folded.text) for money in _judged(folded, span, theirs)
    )


def find_offers(text: str, quoted: Sequence[str] = ()) -> tuple[Money, ...]:
    """Only what we offer; arguments and order as of ``found_in``."""
    return tuple(money for money in found_in(text, quoted) if money.offered)


def _inner(folded: Folded, span: Span) -> Span:
    """A span of the original as one of the folded text."""
    return bisect_left(folded.origins, span[0]), bisect_left(folded.origins, span[1])


def _sentences(text: str) -> Iterator[Span]:
    """The spans of sentences and list items; unlike in tone/text.py one line break ends none."""
    start = 0
    for found in _END.finditer(text):
        if text[start : found.end()].strip():
            yield start, found.end()
        start = found.end()
    if text[start:].strip():
        yield start, len(text)


def _judged(folded: Folded, span: Span, theirs: Sequence[Span]) -> Iterator[Money]:
    """At most one ``Money`` for the sentence: an offer, a mention, or nothing for no money."""
    start, end = span
    innocent = _without(" ".join(folded.text[start:end].split("\n")), "innocent")
    said = _without(innocent, "denied")
    money = tuple(find_amounts(said))
    parts = _of_a_price(said, money)
    words = [found.span() for found in _words("mention").finditer(said)]
    spoken = [found.span() for found in _words("mention").finditer(innocent)]
    sure = [found.span() for found in _words("sure").finditer(said)]
    hits = [*spoken, *sure, *((each.start, each.end) for each in (*money, *parts))]
    if not hits:
        return
    repeated = _repeats(said, start, hits, theirs)
    own = _is_theirs(innocent, mentioned=bool(words))
    offered = not repeated and _is_offer(said, money, parts, words, sure, own=own)
    place = folded.place(start + min(h[0] for h in hits), start + max(h[1] for h in hits))
    if not offered:
        if spoken and not repeated:
            yield Money(place, offered=False)
        return
    given = (*money, *parts)
    unknown = not given or not all(each.value for each in given) or bool(_WHOLE.search(said))
    yield Money(place, offered=True, amounts=given, open_ended=unknown)


def _is_theirs(said: str, *, mentioned: bool) -> bool:
    """True when amounts in the sentence are the customer's own, or only stand on a screen."""
    shown = not mentioned and _words("shown").search(said) is not None
    return shown or _words("theirs").search(said) is not None


def _without(said: str, part: str) -> str:
    """A sentence with the phrases of a part left blank."""
    return _words(part).sub(lambda found: " " * len(found[0]), said)


def _of_a_price(said: str, money: Sequence[Amount]) -> tuple[Amount, ...]:
    found = [
        each for each in find_shares(said) if not any(m.start <= each.start < m.end for m in money)
    ]
    giving = _words("cue").search(said) or _words("sure").search(said)
    priced = _words("price").search(said)
    kept = [
        e for e in found if priced and (giving or e.value is not None or _begins(said, e.start))
    ]
    return tuple(kept)


def _is_offer(
    said: str,
    money: Sequence[Amount],
    parts: Sequence[Amount],
    words: list[Span],
    sure: list[Span],
    *,
    own: bool,
) -> bool:
    """``own``: the sentence says that amounts in it are the customer's own."""
    if sure or parts:
        return True
    giving = _words("cue").search(said) is not None
    if money:
        return giving or not own
    short = len(_WORD.findall(said)) <= HEADLINE
    return bool(words) and (giving or (short and _begins(said, words[0][0])))


def _begins(said: str, place: int) -> bool:
    """True when a sentence begins with what stands at ``place``."""
    found = _OPENING.match(said)
    return found is not None and found.end() >= place


def _repeats(said: str, start: int, hits: Sequence[Span], theirs: Sequence[Span]) -> bool:
    """True when all money in the sentence stands in words of the customer, who asks or tells.

    Words that promise something to the reader are no customer's, wherever they were written down.
    """
    near = [
        (max(a - start, 0), b - start) for a, b in theirs if a < start + len(said) and b > start
    ]
    rest = said
    for first, last in near:
        rest = rest[:first] + " " * (min(last, len(said)) - first) + rest[last:]
    if not near or any(rest[first:last].strip() for first, last in hits):
        return False
    if _words("cue").search(rest) or _words("sure").search(rest):
        return False
    return not any(_promises(said[first:last]) for first, last in near)


def _promises(words: str) -> bool:
    return bool(
        _words("cue").search(words) and re.search(r"(?<!\w)(?:you|your|σασ|εσασ)(?!\w)", words)
    )

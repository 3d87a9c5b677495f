"""Where a text to a customer offers money: an amount, a share of a price, or a concession.

Judged sentence by sentence. An amount with a currency is an offer where something is given, or
where we and the reader are both spoken of, unless the sentence says that it is the reader's own; a
word of refund, credit or discount is one where something is given. What the customer said may be
repeated, not promised. The phrases are tables of ``money.toml``, which says what each is for.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.rules.money.amounts import Amount, find_amounts, find_shares
from bot.rules.money.further import FURTHER, choose_further
from bot.rules.money.kinds import EVERY, LISTS, TABLE, fitting_kinds
from bot.rules.money.scopes import SCOPED, find_scopes
from bot.rules.prose.books import books_of
from bot.rules.prose.folding import Folded, Span
from bot.rules.prose.quotations import quoted_areas
from bot.rules.prose.reading import Prose, read_prose
from bot.rules.prose.sentences import BREAK, Sentence, Word
from bot.rules.words import ConcessionKind, Language

FILE = "money.toml"
QUOTED_MIN = 3  # words; fewer are found anywhere and are no quote
HEADLINE = 9  # words of a line that offers without a verb: “Twenty percent off your renewal.”
OPENING = 2  # words, such as an article, with which a headline may begin before it
SPEAKING = frozenset({"mention", "sure", "spared"})
JUDGING = frozenset(
    {"cue", "loose", "hint", "price", "shown", "theirs", "whole", "reader", "giver", "onward"}
)
REST = JUDGING | frozenset({"innocent", "denied", TABLE, FURTHER, *SCOPED})
AMOUNT, SHARE = "#amount", "#share"  # kinds of words
WORDS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Money:
    """Money in a sentence: ``place`` in the original text, and whether we offer it.

    ``amounts`` are those offered; ``open_ended``: something is offered that no amount tells.
    ``kinds`` are the kinds of concession that the words can mean. ``further`` are those of the
    amounts that are said to come on top of what was given (further.py).
    """

    place: Span
    offered: bool
    amounts: tuple[Amount, ...] = ()
    open_ended: bool = False
    kinds: frozenset[ConcessionKind] = EVERY
    further: tuple[Amount, ...] = ()


@lru_cache(WORDS_KEPT)
def is_money_word(word: str) -> bool:
    """True for a folded word of refund, credit or discount."""
    alone = Sentence(0, len(word), (Word(0, len(word), word, frozenset()),))
    return any(
        hit.name == ("mention", "phrases")
        for book in books_of(FILE)
        for hit in book.find(alone, latin=False, kinds={})
    )


def found_in(text: str, quoted: Sequence[str] = ()) -> tuple[Money, ...]:
    """Every sentence of a text in which money is spoken of, in order; places are in the original.

    ``quoted`` are the customer's words; those of fewer than ``QUOTED_MIN`` words do not count.
    """
    return judge_prose(read_prose(text, Language.ENGLISH, is_money_word), quoted)


def find_offers(text: str, quoted: Sequence[str] = ()) -> tuple[Money, ...]:
    """Only what we offer; arguments and order as of ``found_in``."""
    return tuple(money for money in found_in(text, quoted) if money.offered)


def judge_prose(prose: Prose, quoted: Sequence[str]) -> tuple[Money, ...]:
    """As ``found_in``, of a text that was read."""
    long = [each for each in quoted if len(each.split()) >= QUOTED_MIN]
    theirs = [_inner(prose.folded, span) for span in quoted_areas(prose, long)]
    return tuple(
        money
        for sentence in prose.sentences
        for money in _judge(_Said(prose, sentence), prose.folded, theirs)
    )


def _inner(folded: Folded, span: Span) -> Span:
    """A span of the original as one of the folded text."""
    return bisect_left(folded.origins, span[0]), bisect_left(folded.origins, span[1])


class _Said:
    """A sentence with the phrases and amounts in it; spans are of the folded text.

    What is a part of an innocent or denied phrase, or ends in a scope that takes the giving out of
    it (scopes.py), is not among them. ``spoken`` are the words of money that are not innocent.
    """

    def __init__(self, prose: Prose, sentence: Sentence) -> None:
        """Find amounts, shares and phrases of one sentence; places count from its start.

        A share that stands within an amount is none. Without money and its words nothing more is
        looked for.
        """
        self.sentence = sentence
        text = prose.folded.text[sentence.start : sentence.end]
        amounts = [_moved(each, sentence.start) for each in find_amounts(text)]
        shares = [
            share
            for share in (_moved(each, sentence.start) for each in find_shares(text))
            if not any(a.start <= share.start < a.end for a in amounts)
        ]
        kinds = self._kinds(amounts, shares)
        self._hits = prose.find_phrases(FILE, sentence, kinds, SPEAKING)
        if self._hits or kinds:  # a sentence without money is not looked at any further
            self._hits += prose.find_phrases(FILE, sentence, kinds, REST)
        innocent = self._spans("innocent")
        excused = self._spans("denied", "unless")
        denied = [span for span in self._spans("denied") if not _meets(span, excused)]
        self._aside = [*innocent, *denied]
        self._scopes = find_scopes(sentence, self._hits)
        self.spoken = [span for span in self._spans("mention") if not _meets(span, innocent)]
        self.amounts = [a for a in amounts if self._counts((a.start, a.end))]
        self.shares = [s for s in shares if self._counts((s.start, s.end))]

    def _kinds(self, amounts: Sequence[Amount], shares: Sequence[Amount]) -> dict[int, str]:
        """The words that are parts of amounts, by their place in the sentence."""
        found = {}
        for kind, known in ((SHARE, shares), (AMOUNT, amounts)):
            for at, word in enumerate(self.sentence.words):
                if any(each.start <= word.start < each.end for each in known):
                    found[at] = kind
        return found

    def _spans(self, table: str, part: str = "phrases") -> list[Span]:
        hits = [hit for hit in self._hits if hit.name == (table, part)]
        return [self.sentence.span_of(hit.first, hit.last) for hit in hits]

    def _counts(self, span: Span) -> bool:
        scoped = any(start < span[1] <= end for start, end in self._scopes)
        return not scoped and not _meets(span, self._aside)

    def find(self, table: str) -> list[Span]:
        """The phrases of a table that are not taken out; negation belongs to ``spared`` ones."""
        if table == "spared":
            return [span for span in self._spans(table) if not _meets(span, self._aside)]
        return [span for span in self._spans(table) if self._counts(span)]

    def says(self, table: str) -> bool:
        """True when there is such a phrase."""
        return bool(self.find(table))

    def hears(self, table: str) -> bool:
        """True when there is such a phrase, also in an innocent one."""
        return bool(self._spans(table))

    def find_further(self) -> tuple[Amount, ...]:
        """The amounts that come on top of what was given before."""
        return choose_further(self.amounts, self._spans)

    def names_kind(self, name: str) -> bool:
        """True when a phrase of this list of ``[kinds]`` is said."""
        return bool(self._spans(TABLE, name))

    def begins_with(self, place: int) -> bool:
        """True when the sentence begins with what stands at a place."""
        return sum(word.start < place for word in self.sentence.words) <= OPENING

    @property
    def is_short(self) -> bool:
        """True for a few words."""
        return len(self.sentence.words) <= HEADLINE


def _moved(amount: Amount, by: int) -> Amount:
    return Amount(amount.start + by, amount.end + by, amount.value, amount.unit)


def _meets(span: Span, others: Sequence[Span]) -> bool:
    """True when the span shares a character with another."""
    return any(start < span[1] and span[0] < end for start, end in others)


def _judge(said: _Said, folded: Folded, theirs: Sequence[Span]) -> Iterator[Money]:
    """At most one ``Money`` for the sentence: an offer, a mention, or nothing for no money."""
    parts = _of_a_price(said)
    words, sure = said.find("mention"), [*said.find("sure"), *said.find("spared")]
    money = said.amounts
    hits = [*said.spoken, *sure, *((each.start, each.end) for each in (*money, *parts))]
    if not hits:
        return
    repeated = _repeats(said, hits, theirs)
    offered = not repeated and (bool(sure) or _is_offer(said, (*money, *parts), words))
    place = folded.place(min(hit[0] for hit in hits), max(hit[1] for hit in hits))
    if not offered:
        if said.spoken and not repeated:
            yield Money(place, offered=False)
        return
    given = (*money, *parts)
    unknown = not given or not all(each.value for each in given) or said.says("whole")
    kinds = fitting_kinds(name for name in LISTS if said.names_kind(name))
    further = said.find_further()
    yield Money(place, True, given, open_ended=unknown, kinds=kinds, further=further)


def _of_a_price(said: _Said) -> tuple[Amount, ...]:
    giving = any(map(said.says, ("cue", "loose", "sure", "hint")))
    if not said.says("price"):
        return ()
    kept = [e for e in said.shares if giving or e.value is not None or said.begins_with(e.start)]
    return tuple(kept)


def _is_offer(said: _Said, amounts: Sequence[Amount], words: Sequence[Span]) -> bool:
    """True when something is given, and what is given is not the reader's own."""
    if not amounts:
        giving = any(map(said.says, ("cue", "loose", "hint")))
        return bool(words) and (giving or _is_headline(said, words[0]))
    if said.says("cue") or (words and said.says("hint")):
        return True
    if said.hears("theirs") or (not words and said.hears("shown")):
        return False
    between_us = said.hears("giver") and said.hears("reader")
    heading = _is_headline(said, (amounts[0].start, amounts[0].end))
    return bool(words) or between_us or heading or said.says("loose") or said.says("hint")


def _is_headline(said: _Said, word: Span) -> bool:
    """True for a few words that begin with money and go on as no sentence does."""
    behind = [each for each in said.sentence.words if each.start >= word[1]]
    onward = [start for start, _ in said.find("onward")]
    stands = not behind or BREAK in behind[0].kinds or behind[0].start in onward
    return said.is_short and said.begins_with(word[0]) and stands


def _repeats(said: _Said, hits: Sequence[Span], theirs: Sequence[Span]) -> bool:
    """True when all money in the sentence stands in words of the customer, who asks or tells.

    Words that promise something to the reader are no customer's, wherever they were written down.
    """
    if not all(any(a <= hit[0] and hit[1] <= b for a, b in theirs) for hit in hits):
        return False
    giving = [*said.find("cue"), *said.find("sure"), *said.find("spared")]
    outside = [span for span in giving if not _meets(span, theirs)]
    return not outside and not (giving and said.hears("reader"))

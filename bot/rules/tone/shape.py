"""The shape of a message: capitals, question marks, informal signs, greeting and length."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from bot.rules.prose.folding import Span, fold_text, is_inside
from bot.rules.prose.scripts import own_letters, script_of
from bot.rules.words import Language

WORDS_MAX = 150  # words of one's own, beyond the approved ones and the customer's
HEAD = 200  # characters in which the reader is greeted
SHOUT_WORDS = 3  # words in capitals that together are shouting
_MARKS = "\u0300-\u036f"  # accents written apart from their letters
_ENDS = re.compile(r"(?P<mark>[?!;]+)|\.(?=\s)|\n")
_LAST = re.compile(r"\s*(?:\n|$)")
_FIRST = re.compile(r"[^\W\d_]+")
_EMOJI = "[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?"
_INFORMAL = re.compile(rf"!{{2,}}|(?<!\S)[:;]-?[)dp(](?!\w)|<3(?!\d)|(?:{_EMOJI}\s?){{2,}}")
_WORD = re.compile(rf"\w[\w{_MARKS}]*(?:['\u2019-]\w[\w{_MARKS}]*)*")


def find_shouting(text: str) -> Iterator[Span]:
    """Words in capitals that follow each other, enough of them to be loud."""
    run: list[Span] = []
    for word in _WORD.finditer(text):
        letters = unicodedata.normalize("NFC", word[0])
        if letters.isupper() and len(letters) > 1 and letters.isalpha():
            run.append(word.span())
            continue
        if len(run) >= SHOUT_WORDS:
            yield run[0][0], run[-1][1]
        run = []
    if len(run) >= SHOUT_WORDS:
        yield run[0][0], run[-1][1]


def find_question_marks(folded: str) -> Iterator[Span]:
    """Question marks of another language, in a folded text.

    Those of English behind words of a language that has another; and that other one at the end of a
    line in Latin letters that asks, as ``question_words`` at its beginning tell.
    """
    begun = 0
    for found in _ENDS.finditer(folded):
        before, mark = folded[begun : found.start()], found["mark"] or ""
        begun = found.end()
        if mark and _is_amiss(before, mark[0], last=_LAST.match(folded, found.end()) is not None):
            yield found.span("mark")


def _is_amiss(before: str, mark: str, *, last: bool) -> bool:
    """True for a mark behind these words that their language has not; ``last`` of its line."""
    written = own_letters(before)
    if written and "question_mark" in script_of(written):
        return mark == "?" and not before.rpartition(" ")[2].startswith(("http://", "https://"))
    opening = _FIRST.search(before) if last and mark in _other_marks() else None
    return opening is not None and opening[0] in _question_words()


@cache
def _other_marks() -> frozenset[str]:
    """The marks that languages have in place of ``?``."""
    marks = (script_of(each).get("question_mark") for each in Language)
    return frozenset(mark for mark in marks if mark)


@cache
def _question_words() -> frozenset[str]:
    listed = (script_of(each).get("question_words", "") for each in Language)
    return frozenset(word for words in listed for word in words.split())


def find_informal(folded: str) -> Iterator[Span]:
    """Signs that letters to a customer do without: rows of exclamation marks, faces, emoji."""
    for found in _INFORMAL.finditer(folded):
        yield found.span()


def greets_contact(text: str, contact: str, approved: str) -> bool:
    """True when one of the contact's names, also as it is declined, stands at the top.

    So does the first line of the ``approved`` text: it greets as well as the accounts let it.
    """
    first = approved.strip().partition("\n")[0].strip()
    if first and text.strip().startswith(first):
        return True
    head = fold_text(text.strip()[:HEAD]).text
    names = [word for word in fold_text(contact).text.split() if len(word) > 1]
    stems = [word[:-1] if len(word) > 4 else word for word in names]
    return any(re.search(rf"(?<!\w){re.escape(stem)}", head) for stem in stems)


def find_excess(text: str, spared: Sequence[Span]) -> Span | None:
    """What of the text goes beyond ``WORDS_MAX`` words of the writer's own; None for nothing."""
    own = [word for word in _WORD.finditer(text) if not is_inside(word.span(), spared)]
    return (own[WORDS_MAX].start(), own[-1].end()) if len(own) > WORDS_MAX else None

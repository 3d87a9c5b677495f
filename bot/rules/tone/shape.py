"""The shape of a message: words in capitals, question marks, greeting and length."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from bot.rules.prose.folding import Span, fold_text, is_inside
from bot.rules.prose.scripts import own_letters, script_of

WORDS_MAX = 150  # words of one's own, beyond the approved ones and the customer's
HEAD = 200  # characters in which the reader is greeted
QUESTION = 20  # characters before a question mark that tell its language
SHOUT_WORDS = 3  # words in capitals that together are shouting
_MARKS = "\u0300-\u036f"  # accents written apart from their letters
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
    """Question marks of English behind words of a language that has another, in a folded text."""
    written = own_letters(folded)
    if not written or "question_mark" not in script_of(written):
        return
    for found in re.finditer(r"\?", folded):
        before = folded[: found.start()].rstrip()
        in_address = before.rpartition(" ")[2].startswith(("http://", "https://"))
        if own_letters(before[-QUESTION:]) and not in_address:
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

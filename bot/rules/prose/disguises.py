"""Text with its disguises taken off, before phrases, money and names are looked for in it.

Compatibility forms, invisible characters, markup, letters of another alphabet that look like the
word's own (``lookalikes.toml``), letters set apart, and words broken over lines all read as the
customer reads them. Each character remembers its place in the original. Every step is linear in
the text's length. Milder folding is in folding.py.
"""

import html
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

from bot.rules.prose.folding import CHARACTERS_KEPT, Folded, fold_character

_LOOKALIKES = Path(__file__).with_name("lookalikes.toml")
# Tags that format words; other words in such brackets are read by the customer as they stand.
_TAG = re.compile(
    r"</?(?:abbr|a|big|blockquote|body|br|b|code|del|div|em|font|h[1-6]|hr|html|img|ins|i|li|mark|ol|"
    r"pre|p|small|span|strike|strong|sub|sup|s|table|tbody|td|th|tr|tt|ul|u|wbr)"
    r"(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_MARKUP = frozenset("*_~`")
_APART = re.compile(r"(?<!\w)[^\W\d_](?:[\s.\u00b7/|-]{1,2}[^\W\d_]){3,}(?!\w)")
_BROKEN = re.compile(r"(?<=\w)-[ \t]*\n\s*(?=\w)")
_PAIR = re.compile(r"[^\W\d]+")
_SEAM = frozenset({"", "\n", " "})  # what may part the halves of one word, beside marks

Letters = tuple[list[str], list[int]]
Word = list[tuple[str, int]]  # characters with their places


@cache
def _lookalikes() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = tomllib.loads(_LOOKALIKES.read_text(encoding="utf-8"))
    return found


def unmask_text(text: str, known: Callable[[str], bool]) -> Folded:
    """The text as it reads, with the place of each character.

    ``known`` says whether a word is one that is looked for; if two pieces make such a word and
    neither is one alone, they are joined: ``re fund``.
    """
    letters = _folded(text)
    for pattern in (_APART, _BROKEN):
        letters = _without(letters, list(_gaps("".join(letters[0]), pattern)))
    letters = _without(letters, list(_seams("".join(letters[0]), known)))
    return Folded(text, "".join(letters[0]), tuple(letters[1]))


def _folded(text: str) -> Letters:
    """The letters of a text, folded, and beside each the place where it stands in the text."""
    letters: list[str] = []
    places: list[int] = []
    for word in _plain(text):
        for char, place in _one_script(word):
            for each in fold_character(char):
                letters.append(each)
                places.append(place)
    return letters, places


def _plain(text: str) -> Iterator[Word]:
    """Words with the places of their characters; what stands between them comes one by one."""
    hidden = {at for found in _TAG.finditer(text) for at in range(*found.span())}
    named = {found.start(): found for found in _ENTITY.finditer(text)}
    hidden |= {at for found in named.values() for at in range(found.start() + 1, found.end())}
    word: Word = []
    for place, written in enumerate(text):
        char = _unescaped(named[place][0]) if place in named else written
        if char == "`" and text[max(0, place - 1) : place + 2].replace("`", "").isalpha():
            char = "'" if 0 < place < len(text) - 1 else char
        if place in hidden or char in _MARKUP or unicodedata.category(char) == "Cf":
            continue
        if char.isalpha() or unicodedata.combining(char):
            word += [(each, place) for each in _plain_forms(char)]
            continue
        if word:
            yield word
            word = []
        yield [(char, place)]
    yield word


@lru_cache(CHARACTERS_KEPT)
def _plain_forms(char: str) -> tuple[str, ...]:
    """The letters that one character of a word is a form of."""
    forms = _lookalikes()["FORMS"]
    return tuple(forms.get(each, each) for each in unicodedata.normalize("NFKC", char))


def _unescaped(entity: str) -> str:
    """The character that HTML means by it; a space where there is none."""
    return html.unescape(entity)[:1] or " "


def _one_script(word: Word) -> Word:
    """A word of mixed alphabets in the one that most of its letters are of.

    Of equally many, and where no look-alikes are known for it, Latin letters are read.
    """
    if all(char.isascii() for char, _ in word):
        return word
    scripts = Counter(_script(char) for char, _ in word)
    if len(scripts) == 1 and next(iter(scripts)) in _lookalikes():
        return word
    known = [each for each, _ in scripts.most_common() if each in _lookalikes()]
    table = _lookalikes()[known[0] if known else "LATIN"]
    return [(_look(char, table), place) for char, place in word]


def _look(char: str, table: Mapping[str, str]) -> str:
    return table.get(unicodedata.normalize("NFD", char)[:1], char)


@lru_cache(CHARACTERS_KEPT)
def _script(char: str) -> str:
    """Unicode's name of a letter's alphabet, ``LATIN``; of an accent apart its own name."""
    return unicodedata.name(char, "").partition(" ")[0]


def _gaps(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """What stands between the letters of a match."""
    for found in pattern.finditer(text):
        for between in re.finditer(r"\W+", found[0]):
            yield found.start() + between.start(), found.start() + between.end()


def _seams(text: str, known: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """The gaps at which one word that is looked for was written as two."""
    before: re.Match[str] | None = None
    for found in _PAIR.finditer(text):
        if before is not None:
            gap = text[before.end() : found.start()]
            joined = before[0] + found[0]
            parted = gap.strip("-'.\u00b7") in _SEAM and not known(before[0])
            if parted and not known(found[0]) and known(joined):
                yield before.end(), found.start()
        before = found


def _without(letters: Letters, gaps: list[tuple[int, int]]) -> Letters:
    if not gaps:
        return letters
    dropped = {at for start, end in gaps for at in range(start, end)}
    kept = [at for at in range(len(letters[0])) if at not in dropped]
    return [letters[0][at] for at in kept], [letters[1][at] for at in kept]

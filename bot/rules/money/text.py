"""Text with its disguises taken off, before money is looked for in it.

Compatibility forms, invisible characters, markup, letters of another alphabet that look like the
word's own, letters set apart, and words broken over lines all read as the customer reads them.
Each character remembers its place in the original. Every step is linear in the text's length.
Milder folding, for the tone of a text, is in tone/text.py.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from bot.rules.tone.text import APOSTROPHES, Folded

# Letters that look alike, each pair as "what is written" then "what it is read as".
_TO_LATIN = (
    "АaВbЕeКkМmНhОoРpСcТtУyХxІiЈjЅsаaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwкkтtмmпnгrиuӏlвbнhѵv"
    "ΑaΒbΕeΖzΗhΙiΚkΜmΝnΟoΡpΤtΥyΧxαaεeιiκkνvοoρpτtυuχxγyηnωwιi"
    "օoոnսu"
)
_SMALL = "ʀrᴇeғfᴜuɴnᴅdᴀaᴄcɪiᴛtᴏoᴍmʙbᴘpɢgʟlᴋkᴠvɡgıiꜱsʏyᴡw"  # letters of their own to Unicode
_TO_GREEK = (
    "AαBβEεZζHηIιKκMμNνOοPρTτYυXχaαeεiιkκoοpρtτuυxχvνyγnηwω"
    "АαВβЕεКκМμНηОοРρТτХχГγПπФφаαеεоοрρхχкκтτпπфφуγсσіι"
)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,10}(?:\s[^<>]{0,200})?/?>")
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_MARKUP = frozenset("*_~`")
_WORD = re.compile(r"[^\W\d]+")
_APART = re.compile(r"(?<!\w)[^\W\d](?:[\s.·/|-]{1,2}[^\W\d]){3,}(?!\w)")
_BROKEN = re.compile(r"(?<=\w)-[ \t]*\n\s*(?=\w)")
_PAIR = re.compile(r"[^\W\d]+")

Letters = tuple[list[str], list[int]]
Word = list[tuple[str, int]]  # characters with their places


@cache
def _pairs(table: str) -> dict[str, str]:
    return dict(zip(table[::2], table[1::2], strict=True))


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
    letters: list[str] = []
    places: list[int] = []
    for word in _plain(text):
        for char, place in _one_script(word):
            for each in unicodedata.normalize("NFKD", char).casefold().translate(APOSTROPHES):
                if unicodedata.category(each) not in {"Mn", "Cf"}:
                    letters.append(each)
                    places.append(place)
    return letters, places


def _plain(text: str) -> Iterator[Word]:
    """Words with the places of their characters; what stands between them comes one by one."""
    hidden = {at for found in _TAG.finditer(text) for at in range(*found.span())}
    named = {found.start(): found for found in _ENTITY.finditer(text)}
    hidden |= {at for found in named.values() for at in range(found.start() + 1, found.end())}
    small = _pairs(_SMALL)
    word: Word = []
    for place, written in enumerate(text):
        char = _unescaped(named[place][0]) if place in named else written
        if place in hidden or char in _MARKUP or unicodedata.category(char) == "Cf":
            continue
        if char.isalpha() or unicodedata.combining(char):
            word += [(small.get(each, each), place) for each in unicodedata.normalize("NFKC", char)]
            continue
        yield word
        word = []
        yield [(" " if char in "\xa0\u2007\u202f" else char, place)]
    yield word


def _unescaped(entity: str) -> str:
    """The character that HTML means by it; a space where there is none."""
    return html.unescape(entity)[:1] or " "


def _one_script(word: Word) -> Iterator[tuple[str, int]]:
    """A word of mixed alphabets in the one that most of its letters are of."""
    greek = sum(_is(char, "GREEK") for char, _ in word)
    latin = sum(_is(char, "LATIN") for char, _ in word)
    if len(word) == greek or len(word) == latin:
        yield from word
        return
    table = _pairs(_TO_GREEK if greek and greek >= latin else _TO_LATIN)
    for char, place in word:
        bare = unicodedata.normalize("NFD", char)[:1]
        yield table.get(bare, char), place


@cache
def _is(char: str, script: str) -> bool:
    return unicodedata.name(char, "").startswith(script)


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
            parts_known = known(before[0]) or known(found[0])
            if gap.strip("-'.·") in {"", "\n", " "} and not parts_known and known(joined):
                yield before.end(), found.start()
        before = found


def _without(letters: Letters, gaps: list[tuple[int, int]]) -> Letters:
    if not gaps:
        return letters
    dropped = {at for start, end in gaps for at in range(start, end)}
    kept = [at for at in range(len(letters[0])) if at not in dropped]
    return [letters[0][at] for at in kept], [letters[1][at] for at in kept]

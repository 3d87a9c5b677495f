"""Secrets and personal numbers in a text, wherever they stand and however they are written.

Card numbers are recognised by their issuer, Luhn's check digit (ISO/IEC 7812-1) and even groups,
accounts by ISO 7064 mod 97 (IBAN), keys by the marks of those who issue them. Passwords, codes and
personal numbers are announced by a word of ``[secret]`` in ``tone.toml``: ``password`` and ``code``
by a value that looks like one, ``personal`` by a number. Numbers that are known without such a word
are ``personal_number`` in ``reading.toml``. Separators of any kind may stand between digits.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from bot.rules.languages import read_data
from bot.rules.prose.books import Hit
from bot.rules.prose.folding import Span, fold_text
from bot.rules.prose.reading import Prose
from bot.rules.prose.sentences import Sentence
from bot.rules.tone.suggestions import FILE
from bot.rules.words import Language

_BETWEEN = r"[\s./\\_,:|\u00b7\u2010-\u2015-]{0,3}"
_DIGITS = re.compile(rf"(?<![\w-])\d(?:{_BETWEEN}\d){{12,60}}(?!\w)")
_ISSUER = re.compile(r"4|5[0-8]|2[2-7]|3[0-9]|6")
_IBAN = re.compile(rf"(?<!\w)[a-z]{{2}}{_BETWEEN}\d{_BETWEEN}\d(?:{_BETWEEN}[a-z0-9]){{11,44}}")
_TOKEN = re.compile(
    r"(?<!\w)(?:xox[abeoprs]-[\w-]{8,}|xapp-[\w-]{8,}|gh[oprsu]_\w{20,}|github_pat_\w{20,}|"
    r"glpat-[\w-]{16,}|(?:akia|asia)[0-9a-z]{16}|[prs]k_(?:live|test)_\w{10,}|whsec_\w{16,}|"
    r"aiza[\w-]{30,}|sk-[\w-]{20,}|sg\.[\w-]{16,}\.[\w-]{16,}|npm_\w{30,}|hf_\w{20,}|dop_v1_\w{20,}|"
    r"shpat_\w{20,}|eyj[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}|(?:bearer|basic) [\w.~+/-]{16,}=*|"
    r"hooks\.slack\.com/services/[\w/]{16,}|-----begin [a-z ]*private key-----|"
    r"(?:accountkey|client_secret|secret_key|api_key|apikey|access_token|auth_token|token|secret|"
    r"pwd|passwd)\s?=\s?[^\s&;]{6,})"
)
_IN_ADDRESS = re.compile(
    r"(?<!\w)[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,60}:(?P<value>[^\s/:@]{3,60})@"
)
_CHUNK = re.compile(r"[^\s]+")
_QUOTES = "\"'`\u201c\u201d\u00ab\u00bb\u2018\u2019()[]<>"
_NO_SECRET = re.compile(
    r"https?://.*|[\w.+-]+@[\w-]+\.[\w.]+|\d{1,2}[:.]\d{2}.*|\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|"
    r"[a-z]{2,8}-\d+|v?\d+(?:\.\d+)+|\d+(?:st|nd|rd|th|h|am|pm|k|gb|mb|%|\u20ac|x)?|\d+-\w+|\w+-\d+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<!\w)(?:[^\W\d_]{1,2}\s?)?(?P<value>\d(?:[\s./-]?\d){5,12})(?!\w)")
_SHORT_CODE = re.compile(r"\d{3,8}|(?=\w*\d)[a-z0-9]{4,10}|\d{3}[- ]\d{3}", re.IGNORECASE)
_SPECIAL = re.compile(r"[!@#$%^&*_+=?\u20ac]")
CARD_DIGITS = range(13, 20)
IBAN_DIGITS = 10  # at least, in any country; words alone may come out right by chance
AHEAD, BEHIND = 6, 3  # words in which a value stands after, and before, the word that announces it
NEAR = 48  # characters in which a number stands behind its name
CODE_AHEAD = 10  # the same for a short code: the PIN for the alarm of the shop in Leeds is …
VALUE_MIN = 4  # characters of a password


def find_secrets(prose: Prose) -> Iterator[Span]:
    """Where secrets stand in the original text; by kind, and one may be found twice.

    Of what is announced by a word only the value is in the span.
    """
    folded = fold_text(prose.folded.original)
    named = list(_named(prose))
    for span in (*_cards(folded.text), *_accounts(folded.text), *_numbers(folded.text)):
        place = folded.place(*span)
        if not any(start <= place[0] < end for start, end in _references(named)):
            yield place
    for pattern in (_TOKEN, _IN_ADDRESS):
        for found in pattern.finditer(folded.text):
            yield folded.place(*found.span("value" if pattern.groups else 0))
    yield from _announced(folded.original, named)


# -- known by their form


def _cards(text: str) -> Iterator[Span]:
    """Card numbers: evenly grouped digits, which are a part of any longer row of groups."""
    for row in _DIGITS.finditer(text):
        groups = [found.span() for found in re.finditer(r"\d+", row[0])]
        for first in range(len(groups)):
            for last in range(first + 1, len(groups) + 1):
                if _is_card([row[0][a:b] for a, b in groups[first:last]]):
                    yield row.start() + groups[first][0], row.start() + groups[last - 1][1]


def _is_card(groups: list[str]) -> bool:
    digits = "".join(groups)
    sizes = [len(group) for group in groups]
    even = len(set(sizes[:-1])) <= 1 and sizes[-1] <= max(sizes[0], 7)
    known = even or sizes in ([4, 6, 5], [4, 6, 4])
    if len(digits) not in CARD_DIGITS or not known or not _ISSUER.match(digits):
        return False
    return passes_luhn(digits)


def passes_luhn(digits: str) -> bool:
    """True when the last digit is Luhn's check digit of those before it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _accounts(text: str) -> Iterator[Span]:
    """Accounts: of what may follow one, only so much as makes its check digits right."""
    for found in _IBAN.finditer(text):
        ends = [each.end() for each in re.finditer(r"[a-z0-9]+", found[0])]
        right = [end for end in ends if is_iban(re.sub(r"[\W_]", "", found[0][:end]))]
        if right:
            yield found.start(), found.start() + right[-1]


def is_iban(text: str) -> bool:
    """True when the letters and digits are an IBAN by ISO 7064 mod 97."""
    plain = text.replace(" ", "")
    if not 15 <= len(plain) <= 34 or not plain.isascii() or not plain.isalnum():
        return False
    if sum(map(str.isdigit, plain)) < IBAN_DIGITS:
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(each, 36)) for each in moved)) % 97 == 1


def _numbers(text: str) -> Iterator[Span]:
    """Personal numbers that are known without a word, by the files of the languages."""
    for pattern, checks in _known_numbers():
        for found in pattern.finditer(text):
            if all(CHECKS[name](found[0]) for name in checks):
                yield found.span()


@cache
def _known_numbers() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    tables = [read_data(each.value, "reading.toml").get("personal_number", ()) for each in Language]
    return tuple(
        (re.compile(rf"(?<!\w)(?:{each['form']})(?!\w)"), tuple(each.get("checks", ())))
        for table in tables
        for each in table
    )


def _begins_with_birthday(number: str) -> bool:
    """True when the first four digits may be a day and a month: DDMM."""
    return 1 <= int(number[:2]) <= 31 and 1 <= int(number[2:4]) <= 12


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "luhn": passes_luhn,
    "birthday": _begins_with_birthday,
}


# -- announced by a word


def _named(prose: Prose) -> Iterator[tuple[Hit, Span]]:
    """The words of ``[secret]`` with their places in the original text."""
    for sentence in prose.sentences:
        for hit in prose.find_phrases(FILE, sentence):
            if hit.name[0] == "secret" and not _is_excused(prose, sentence, hit):
                yield hit, prose.place_of(sentence, hit)


def _is_excused(prose: Prose, sentence: Sentence, hit: Hit) -> bool:
    """True for a word that is a part of an innocent phrase, such as “discount code”."""
    return hit.name[1] in {"password", "code"} and any(
        other.name == ("secret", "innocent") and other.first < hit.last and hit.first < other.last
        for other in prose.find_phrases(FILE, sentence)
    )


def _references(named: list[tuple[Hit, Span]]) -> Iterator[Span]:
    """Where a long number is that of an order or a parcel, as no card is spoken of."""
    if not any(hit.name[1] == "card" for hit, _ in named):
        for hit, (_, end) in named:
            if hit.name[1] == "reference":
                yield end, end + NEAR


def _announced(text: str, named: list[tuple[Hit, Span]]) -> Iterator[Span]:
    for hit, (start, end) in named:
        if hit.name[1] == "personal":
            found = _NUMBER.search(fold_text(text[end : end + NEAR]).text)
            if found:
                shown = re.search(r"\d.*\d", text[end : end + NEAR], re.DOTALL)
                yield (end + shown.start(), end + shown.end()) if shown else (start, end)
        elif hit.name[1] in {"password", "code"}:
            yield from _values(text, start, end, short=hit.name[1] == "code")


def _values(text: str, start: int, end: int, *, short: bool) -> Iterator[Span]:
    """Values beside the word at a place: behind it on the same line, or just before it."""
    line = text.find("\n", end)
    chunks = list(_CHUNK.finditer(text, end, len(text) if line < 0 else line))
    direct = text[end : end + 3].lstrip()[:1] in {":", "="}
    for at, found in enumerate(chunks[: CODE_AHEAD if short else AHEAD]):
        first, last = _bare(text, *found.span())
        alone = at <= 1 and len(chunks) - at == 1 and direct and found[0].strip(":=") != ""
        quoted = found[0].strip(":=.,;")[:1] in tuple("\"'`\u201c\u00ab") and at <= 2
        value = text[first:last]
        if _looks_secret(value, short=short, alone=alone or quoted):
            yield first, last
            return
        if found[0][-1:] in ".!?;" and not _SPECIAL.search(value):
            break  # the sentence ends
    for found in list(_CHUNK.finditer(text, max(0, start - NEAR), start))[-BEHIND:]:
        first, last = _bare(text, *found.span())
        if _SPECIAL.search(text[first:last]) and _looks_secret(text[first:last], short=False):
            yield first, last


def _bare(text: str, first: int, last: int) -> Span:
    """A piece of text without marks around it."""
    while first < last and text[first] in _QUOTES + ":=":
        first += 1
    while first < last and text[last - 1] in _QUOTES + ".,;:":
        last -= 1
    return first, last


def _looks_secret(value: str, *, short: bool, alone: bool = False) -> bool:
    """True for what may be a password: letters with digits or signs, or ``alone`` after a colon.

    ``short``: a code of a few digits or letters.
    """
    if short and _SHORT_CODE.fullmatch(value) and any(char.isdigit() for char in value):
        return True
    if len(value) < VALUE_MIN or _NO_SECRET.fullmatch(value):
        return False
    letters = any(char.isalpha() for char in value)
    digits = any(char.isdigit() for char in value)
    special = _SPECIAL.search(value[:-1]) is not None or (value[-1:] in "!@#$%^&*" and digits)
    return (letters and (digits or special)) or (digits and special) or alone

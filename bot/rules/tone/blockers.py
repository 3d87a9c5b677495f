"""What must not leave: a secret, another customer's name. Money is found by bot/rules/money.

And what must not be missing: when the customer hears from us next. Card numbers are recognised by
Luhn's check digit (ISO/IEC 7812-1), accounts by ISO 7064 mod 97 (IBAN), social security numbers
(AMKA) by the word before them or by a birth date and Luhn, tax numbers by the word before them or
the prefix EL. Spans are of the folded text.
"""

import re
from collections.abc import Collection, Iterator

from bot.rules.tone.phrases import phrases_of_part
from bot.rules.tone.text import Folded, Span, split_sentences

NAME_MIN = 3  # letters; a shorter customer's name is found in too many words
LEGAL_FORMS = re.compile(
    r"[\s,]+(?:s\.?a\.?|ltd\.?|inc\.?|llc|gmbh|plc|co\.?|ag|bv|α\.?ε\.?|ε\.?π\.?ε\.?|ι\.?κ\.?ε\.?)$"
)

_CARD = re.compile(r"(?<![\w-])[3-6]\d{3}(?:[ -]?\d){8,15}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?(?!\w)")
_TOKEN = re.compile(
    r"(?<!\w)(?:xox[abeoprs]-[\w-]{8,}|xapp-[\w-]{8,}|gh[oprsu]_\w{20,}|github_pat_\w{20,}|"
    r"glpat-[\w-]{16,}|(?:akia|asia)[0-9a-z]{16}|[prs]k_(?:live|test)_\w{10,}|aiza[\w-]{30,}|"
    r"sk-[\w-]{20,}|eyj[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}|bearer [\w.~+/-]{16,}=*|"
    r"-----begin [a-z ]*private key-----)"
)
_PASSWORD = re.compile(
    r"(?<!\w)(?:password|passwd|passphrase|pwd|secret key|api[ _-]?key|access[ _-]?token|pin code|"
    r"κωδικοσ(?: προσβασησ| σασ| pin| μασ)*|συνθηματικο|kwdikos|kodikos)"
    r"(?: (?:is|ειναι|einai))?\s?[:=]?\s?(?P<value>(?=[^\s]*[\d!@#$%^&*_])[^\s,;]{4,})"
)
_TAX = re.compile(
    r"(?<!\w)(?:α\.?φ\.?μ\.?|a\.?f\.?m\.?|vat(?: (?:no|number|id))?|tax (?:id|number)|tin)"
    r"(?:\s\w+){0,2}[\s:.#]*(?:el|gr)?\s?(?P<value>\d{9})(?!\w)"
)
_AMKA = re.compile(r"(?<!\w)\d{11}(?!\w)")
_AMKA_SAID = re.compile(
    r"(?<!\w)(?:α\.?μ\.?κ\.?α\.?|amka)(?:\s\w+){0,2}[\s:.#]*(?P<value>\d{11})(?!\w)"
)
_TAX_BARE = re.compile(r"(?<!\w)el\d{9}(?!\w)")

_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?![\d:])"
    r"(?: ?(?P<half>[apπμ]\.?[mμ])\b)?"
)


def find_secrets(folded: Folded) -> Iterator[Span]:
    """Card numbers, accounts, keys, passwords, personal numbers; by kind, not in the text's order.

    Of what is announced by a word only the value is in the span. One secret may be found twice.
    """
    text = folded.text
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if 13 <= len(digits) <= 19 and passes_luhn(digits):
            yield found.span()
    for found in _IBAN.finditer(text):
        if is_iban(found[0]):
            yield found.span()
    for pattern in (_TOKEN, _TAX_BARE):
        yield from (found.span() for found in pattern.finditer(text))
    for pattern in (_PASSWORD, _TAX, _AMKA_SAID):
        yield from (found.span("value") for found in pattern.finditer(text))
    for found in _AMKA.finditer(text):
        if _birthday(found[0]) and passes_luhn(found[0]):
            yield found.span()


def passes_luhn(digits: str) -> bool:
    """True when the last digit is Luhn's check digit of those before it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """True when the letters and digits are an IBAN by ISO 7064 mod 97."""
    plain = text.replace(" ", "")
    if not 15 <= len(plain) <= 34 or not plain.isascii():
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(each, 36)) for each in moved)) % 97 == 1


def _birthday(number: str) -> bool:
    """True when the first four digits may be a day and a month: DDMM."""
    return 1 <= int(number[:2]) <= 31 and 1 <= int(number[2:4]) <= 12


def find_customers(folded: Folded, others: Collection[str], own: str) -> Iterator[Span]:
    """Names of other customers; ``own`` is the one to whom the message goes.

    ``others`` and ``own`` are folded. A name counts where it is written like one, with a capital,
    and where it is not a part of the customer's own name. Legal forms are left out (Acme Ltd:
    Acme), and names shorter than ``NAME_MIN`` are not looked for.
    """
    for name in others:
        short = LEGAL_FORMS.sub("", name).strip()
        if len(short) < NAME_MIN or short in own or short not in folded.text:
            continue
        for found in re.finditer(rf"(?<!\w){re.escape(short)}(?!\w)", folded.text):
            first, last = folded.place(*found.span())
            if folded.original[first:last] != folded.original[first:last].lower():
                yield found.span()


def names_time(sentence: str) -> bool:
    """True when a folded sentence says when."""
    return bool(phrases_of_part("next_update", "time").search(sentence))


def says_when(folded: Folded) -> bool:
    """True when a sentence says that we will speak to the customer, and at what time."""
    return any(True for _ in _telling(folded))


def other_time(folded: Folded, promised: str) -> Span | None:
    """Where the text says that we write at another clock time than the ``promised`` one.

    None when it says no clock time after the word for telling, or says the promised one too.
    ``promised`` is ``14:00``, or ``12/2 14:00``, or empty when nothing is promised. Dates and zones
    are not compared.
    """
    wanted = _CLOCK.search(promised)
    said = [
        found
        for start, end in _telling(folded)
        for told in [phrases_of_part("next_update", "tell").search(folded.text, start, end)]
        if told is not None
        for found in _CLOCK.finditer(folded.text, told.end(), end)
    ]
    if wanted is None or not said or _minutes(wanted) in map(_minutes, said):
        return None
    return said[-1].span()


def _telling(folded: Folded) -> Iterator[Span]:
    """The sentences that say that we will speak to the customer, and when."""
    wanted = [phrases_of_part("next_update", part) for part in ("time", "tell", "ahead")]
    for start, end in split_sentences(folded.text):
        if all(pattern.search(folded.text[start:end]) for pattern in wanted):
            yield start, end


def _minutes(found: re.Match[str]) -> int:
    """Minutes since midnight."""
    hour = int(found["hour"])
    if half := found["half"]:
        hour = hour % 12 + 12 * (half[0] in "pμ")
    return hour * 60 + int(found["minute"])

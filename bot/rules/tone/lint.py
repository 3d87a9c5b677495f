"""The tone lint: what a customer should not have to read, and what must not be sent at all.

In every language that has a ``tone.toml``, and in one with an alphabet of its own also when it is
typed with Latin letters; case, accents and final sigma do not matter. A language without one is
said to be unchecked: only secrets, names and amounts are looked for. Most findings only warn,
beside a better wording that names the harm, who owns it and the time. Four things stop a message:
money beyond what may be offered, a secret or personal number, another customer's name, and no
word on when the customer hears from us next.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.rules.money import offers
from bot.rules.money.concessions import Allowance
from bot.rules.tone import blockers
from bot.rules.tone.phrases import (
    Script,
    has_tone_rules,
    phrase_rules,
    tone_suggestion,
)
from bot.rules.tone.scripts import own_letters, plain_latin, script_of, typed_in_latin
from bot.rules.tone.text import (
    Folded,
    Span,
    customer_areas,
    find_occurrences,
    fold_text,
    is_inside,
    quoted_areas,
    span_around,
    split_sentences,
)
from bot.rules.words import Language

WORDS_MAX = 150  # words of one's own, beyond the approved ones and the customer's
HEAD = 200  # characters in which the reader is greeted
QUESTION = 20  # characters before a question mark that tell its language
SHOUT_WORDS = 3  # words in capitals that together are shouting
LETTER = re.compile(r"[^\W\d_]")
NO_MONEY = Allowance()
MARKS = "\u0300-\u036f"  # accents written apart from their letters
WORD = re.compile(rf"\w[\w{MARKS}]*(?:['’-]\w[\w{MARKS}]*)*")
HOST = re.compile(
    r"(?<![\w@./-])(?:(?:[a-z0-9]+-)+(?:\d+|[a-z]*\d+)|(?:prod|stg|db|srv|redis|kafka|web|api|node)-?[a-z]*-?\d+|"
    r"[\w-]+(?:\.[\w-]+)*\.(?:internal|local|svc|lan|corp)|(?:\d{1,3}\.){3}\d{1,3})(?![\w-])"
)
CODE = re.compile(
    r"(?<!\w)(?:at [\w.$]+\([\w.]+:\d+\)|file \"[^\"]+\", line \d+|"
    r"\w+(?:error|exception):|0x[0-9a-f]{4,})"
)
REFERENCE = re.compile(r"[a-z]{2,8}-\d+")  # ESC-7, INC-4711: numbers that the customer was given


class Rule(StrEnum):
    """What a finding is about; texts and suggestions are named after it."""

    EMPTY_APOLOGY = "empty_apology"
    UNDATED = "undated"
    BLAME = "blame"
    DEFLECT = "deflect"
    MINIMISE = "minimise"
    HIDDEN_ACTOR = "hidden_actor"
    ABSOLUTE = "absolute"
    OWNERLESS = "ownerless"
    CLICHE = "cliche"
    REGISTER = "register"
    JARGON = "jargon"
    GREETING = "greeting"
    LENGTH = "length"
    CAPITALS = "capitals"
    QUESTION_MARK = "question_mark"
    CONCESSION = "concession"
    SECRET = "secret"  # noqa: S105  the name of a rule
    WRONG_CUSTOMER = "wrong_customer"
    NO_NEXT_UPDATE = "no_next_update"
    OTHER_TIME = "other_time"
    UNCHECKED = "unchecked"  # there are no rules for the language


class Weight(StrEnum):
    """Whether a finding is advice or keeps the message from being sent."""

    WARN = "warn"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``quote`` is ``text[start:end]`` of the original.

    What is missing altogether has an empty quote at the end of the text, a missing greeting at its
    start. ``suggestion`` is in the language of ``Setting.reader``.
    """

    rule: Rule
    start: int
    end: int
    quote: str
    suggestion: str
    severity: Weight

    @property
    def stops(self) -> bool:
        """True when the message may not be sent like this."""
        return self.severity is Weight.STOP


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known where the text is judged.

    ``quoted`` are the customer's own words, ``approved`` is the approved text that the message was
    begun with: neither is judged again. ``others`` are the names of other customers. ``promises``:
    the message must say when the customer hears from us next. ``owner``, ``time`` and ``contact``
    go into the suggestions; ``time`` is also the promised one, as ``12/2 14:00``, with which a
    clock time in the text is compared. ``letter`` is false for a phrase out of its message.
    ``reader``: the language of the person who reads the findings; None is that of the text.
    ``allowance``: how much money the text may offer; nothing unless said.
    """

    language: Language
    contact: str = ""
    customer: str = ""
    owner: str = ""
    time: str = ""
    approved: str = ""
    quoted: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    allowance: Allowance = NO_MONEY
    promises: bool = False
    letter: bool = True
    reader: Language | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text as it is judged: ``spared`` are the places with words that are not the writer's own.

    ``language`` is the text's; ``latin``: it has an alphabet of its own and was typed without it.
    """

    folded: Folded
    setting: Setting
    sentences: Sequence[Span]
    spared: Sequence[Span]
    language: Language
    latin: bool


def lint_message(text: str, setting: Setting) -> tuple[Finding, ...]:
    """Everything found in a text, in its order; empty for a text without fault.

    Advice inside what stops the message anyway is left out. What stops is looked for everywhere, in
    quotes too, but for money in the customer's own words.
    """
    folded = fold_text(text)
    typed = typed_in_latin(folded.text, setting.language)
    language = own_letters(folded.text) or typed or plain_latin(folded.text, setting.language)
    approved = [line for line in setting.approved.splitlines() if line.strip()]
    spared = [*quoted_areas(text, setting.quoted), *find_occurrences(text, approved)]
    read = _Reading(folded, setting, split_sentences(folded.text), spared, language, bool(typed))
    stopping = tuple(_stops(read))
    held = [(f.start, f.end) for f in stopping if f.stops]
    advice = [f for f in (*_phrases(read), *_shape(read)) if not _beside((f.start, f.end), held)]
    return tuple(sorted({*stopping, *advice}, key=lambda f: (f.start, f.end, f.rule)))


def _beside(span: Span, held: Sequence[Span]) -> bool:
    """True when the span is a part of what stops the message anyway."""
    return any(start <= span[0] and span[1] <= end and start < end for start, end in held)


def find_stops(text: str, setting: Setting) -> tuple[Finding, ...]:
    """The findings that keep the message from being sent."""
    return tuple(finding for finding in lint_message(text, setting) if finding.stops)


def _finding(read: _Reading, rule: Rule, span: Span, weight: Weight = Weight.WARN) -> Finding:
    lettered = LETTER.search(read.folded.text)
    language = read.language if lettered else read.setting.language
    known = {
        "owner": read.setting.owner,
        "time": read.setting.time,
        "contact": read.setting.contact,
    }
    better = tone_suggestion(rule.value, language, read.setting.reader or language, **known)
    quote = read.folded.original[span[0] : span[1]]
    return Finding(rule, span[0], span[1], quote, better, weight)


# -- what stops


def _stops(read: _Reading) -> Iterator[Finding]:
    """The findings that keep the message from being sent, and two warnings of the same source.

    These are a language without rules, and a clock time other than the promised one.
    """
    folded, setting = read.folded, read.setting
    for span in blockers.find_secrets(folded):
        yield _finding(read, Rule.SECRET, folded.place(*span), Weight.STOP)
    others = [fold_text(name).text for name in setting.others]
    for span in blockers.find_customers(folded, others, fold_text(setting.customer).text):
        yield _finding(read, Rule.WRONG_CUSTOMER, folded.place(*span), Weight.STOP)
    yield from _concessions(read)
    end = len(folded.original)
    if not has_tone_rules(read.language):
        yield _finding(read, Rule.UNCHECKED, (end, end))
    elif setting.promises and not blockers.says_when(folded):
        yield _finding(read, Rule.NO_NEXT_UPDATE, (end, end), Weight.STOP)
    if (other := blockers.other_time(folded, setting.time)) is not None:
        yield _finding(read, Rule.OTHER_TIME, folded.place(*other))


def _concessions(read: _Reading) -> Iterator[Finding]:
    """An offer beyond what may be offered stops; money only spoken of is pointed out."""
    text, quoted = read.folded.original, read.setting.quoted
    found = offers.found_in(text, quoted)
    offered = [money for money in found if money.offered]
    for money in read.setting.allowance.uncovered(offered):
        yield _finding(read, Rule.CONCESSION, money.place, Weight.STOP)
    certain = customer_areas(text, quoted)
    for money in found:
        if not money.offered and not is_inside(money.place, certain):
            yield _finding(read, Rule.CONCESSION, money.place)


# -- what warns


def _phrases(read: _Reading) -> Iterator[Finding]:
    """Advice on phrases of every language, and on names of machines and lines of code.

    Phrases of a language typed in Latin letters are looked for only where the text is so typed.
    """
    for name, scripts in phrase_rules().items():
        for script in scripts:
            if not script.latin or (read.latin and script.language is read.language):
                yield from _matches(read, Rule(name), script)
    for pattern in (HOST, CODE):
        for found in pattern.finditer(read.folded.text):
            if not REFERENCE.fullmatch(found[0]):
                yield from _spared(read, Rule.JARGON, found.span())


def _matches(read: _Reading, name: Rule, script: Script) -> Iterator[Finding]:
    """The findings of one rule in one script.

    Dated phrases are innocent in a sentence that says when, all others inside an ``unless`` phrase.
    """
    text = read.folded.text
    innocent = [found.span() for found in script.unless.finditer(text)]
    for found in script.phrases.finditer(text):
        if is_inside(found.span(), innocent):
            continue
        start, end = span_around(found.start(), read.sentences)
        if script.dated and blockers.names_time(text[start:end]):
            continue
        yield from _spared(read, name, found.span())


def _spared(read: _Reading, rule: Rule, span: Span) -> Iterator[Finding]:
    """The finding, unless it stands in words that are not the writer's own."""
    place = read.folded.place(*span)
    if not is_inside(place, read.spared):
        yield _finding(read, rule, place)


# -- the shape of a message


def _shape(read: _Reading) -> Iterator[Finding]:
    """Advice on capitals and question marks, and for a whole letter on its greeting and length."""
    original = read.folded.original
    for span in _shouted(original):
        if not is_inside(span, read.spared):
            yield _finding(read, Rule.CAPITALS, span)
    written = own_letters(read.folded.text)
    if written and "question_mark" in script_of(written):
        yield from _questions(read)
    if not read.setting.letter:
        return
    if read.setting.contact and not _greets(read):
        yield _finding(read, Rule.GREETING, (0, 0))
    own = [w for w in WORD.finditer(original) if not is_inside(w.span(), read.spared)]
    if len(own) > WORDS_MAX:
        yield _finding(read, Rule.LENGTH, (own[WORDS_MAX].start(), own[-1].end()))


def _shouted(text: str) -> Iterator[Span]:
    """Words in capitals that follow each other, enough of them to be loud."""
    run: list[Span] = []
    for word in WORD.finditer(text):
        letters = unicodedata.normalize("NFC", word[0])
        if letters.isupper() and len(letters) > 1 and letters.isalpha():
            run.append(word.span())
            continue
        if len(run) >= SHOUT_WORDS:
            yield run[0][0], run[-1][1]
        run = []
    if len(run) >= SHOUT_WORDS:
        yield run[0][0], run[-1][1]


def _questions(read: _Reading) -> Iterator[Finding]:
    """A question mark of English at the end of words that end a question with another."""
    text = read.folded.text
    for found in re.finditer(r"\?", text):
        before = text[: found.start()].rstrip()
        in_address = before.rpartition(" ")[2].startswith(("http://", "https://"))
        if own_letters(before[-QUESTION:]) and not in_address:
            yield from _spared(read, Rule.QUESTION_MARK, found.span())


def _greets(read: _Reading) -> bool:
    """True when one of the contact's names, as it is declined in Greek too, stands at the top.

    So does the first line of the approved text: it greets as well as the accounts let it.
    """
    first = read.setting.approved.strip().partition("\n")[0].strip()
    if first and read.folded.original.strip().startswith(first):
        return True
    head = fold_text(read.folded.original.strip()[:HEAD]).text
    names = [w for w in fold_text(read.setting.contact).text.split() if len(w) > 1]
    stems = [w[:-1] if len(w) > 4 else w for w in names]
    return any(re.search(rf"(?<!\w){re.escape(stem)}", head) for stem in stems)


def mentions_concession(text: str) -> bool:
    """True when a text is about money, a discount or a credit, whether we offer it or not."""
    return bool(offers.found_in(text))

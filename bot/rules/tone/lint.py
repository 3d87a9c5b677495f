"""The tone lint: what a customer should not have to read, and what must not be sent at all.

In every language that has a ``tone.toml``, and in one with an alphabet of its own also when it is
typed with Latin letters; case, accents and final sigma do not matter. A language without one is
said to be unchecked: only secrets, names and amounts are looked for. Most findings only warn,
beside a better wording that names the harm, who owns it and the time. Five things stop a message:
money beyond what may be offered, a secret or personal number, another customer's name, no word on
when the customer hears from us next, and in a legal case words that admit fault and that Legal does
not read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.rules.money import offers
from bot.rules.money.concessions import Allowance, Uncovered
from bot.rules.prose.books import books_of
from bot.rules.prose.folding import Span, find_occurrences, is_inside
from bot.rules.prose.quotations import quoted_areas
from bot.rules.prose.reading import Prose, read_prose
from bot.rules.tone import shape
from bot.rules.tone.advice import find_phrases
from bot.rules.tone.customers import find_customers
from bot.rules.tone.first_response import FILE as FIRST
from bot.rules.tone.first_response import Part, missing_parts, name_parts
from bot.rules.tone.next_update import other_time, says_when
from bot.rules.tone.secrets import find_secrets
from bot.rules.tone.suggestions import FILE, has_tone_rules, tone_suggestion
from bot.rules.tone.unfinished import find_placeholders
from bot.rules.words import Language

LETTER = re.compile(r"[^\W\d_]")
NO_MONEY = Allowance()


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
    PLACEHOLDER = "placeholder"
    QUESTION_MARK = "question_mark"
    CONCESSION = "concession"
    SECRET = "secret"  # noqa: S105  the name of a rule
    WRONG_CUSTOMER = "wrong_customer"
    NO_NEXT_UPDATE = "no_next_update"
    OTHER_TIME = "other_time"
    LIABILITY = "liability"  # admits fault, in a legal case
    FIRST_RESPONSE = "first_response"  # does not confirm all that a first response should
    PLAYBOOK = "playbook"  # what a playbook of the case says never to do
    UNCHECKED = "unchecked"  # there are no rules for the language


class Weight(StrEnum):
    """Whether a finding is advice or keeps the message from being sent."""

    WARN = "warn"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``quote`` is ``text[start:end]`` of the original.

    What is missing altogether has an empty quote at the end of the text, a missing greeting at its
    start. ``suggestion`` is in the language of ``Setting.reader``. ``uncovered`` says of money why
    it may not be offered.
    """

    rule: Rule
    start: int
    end: int
    quote: str
    suggestion: str
    severity: Weight
    uncovered: Uncovered | None = None

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
    ``allowance``: how much money the text may offer; nothing unless said. ``confirms``: what the
    message should confirm, as the first that the customer gets. ``liability``: how words that admit
    fault weigh, in a legal case; None: they are not looked for.
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
    confirms: frozenset[Part] = frozenset()
    liability: Weight | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text as it is judged: ``spared`` are places with words that are not the writer's own."""

    prose: Prose
    setting: Setting
    spared: Sequence[Span]

    @property
    def text(self) -> str:
        """The text as it was written."""
        return self.prose.folded.original


def lint_message(text: str, setting: Setting) -> tuple[Finding, ...]:
    """Everything found in a text, in its order; empty for a text without fault.

    Advice inside what stops the message anyway is left out. What stops is looked for everywhere, in
    quotes too, but for money in the customer's own words.
    """
    prose = read_prose(text, setting.language, offers.is_money_word)
    approved = [line for line in setting.approved.splitlines() if line.strip()]
    spared = [*quoted_areas(prose, setting.quoted), *find_occurrences(text, approved)]
    read = _Reading(prose, setting, spared)
    stopping = tuple(_stops(read))
    held = [(f.start, f.end) for f in stopping if f.stops]
    blanks = [*_blanks(read)]
    found = [f for f in (*_phrases(read), *_shape(read)) if not _beside((f.start, f.end), held)]
    advice = [*blanks, *(f for f in found if not any(_overlap(f, blank) for blank in blanks))]
    return tuple(sorted({*stopping, *advice}, key=lambda f: (f.start, f.end, f.rule)))


def _beside(span: Span, held: Sequence[Span]) -> bool:
    """True when the span is a part of what stops the message anyway."""
    return any(start <= span[0] and span[1] <= end and start < end for start, end in held)


def _overlap(one: Finding, other: Finding) -> bool:
    return one.start < other.end and other.start < one.end


def load_phrases() -> None:
    """Compile the phrases of every language now, so that no message waits a third of a second."""
    for file in (FILE, offers.FILE, FIRST):
        books_of(file)


def find_stops(text: str, setting: Setting) -> tuple[Finding, ...]:
    """The findings that keep the message from being sent."""
    return tuple(finding for finding in lint_message(text, setting) if finding.stops)


def _finding(
    read: _Reading, rule: Rule, span: Span, weight: Weight = Weight.WARN, *, missing: str = ""
) -> Finding:
    """What was found at a place, with better words in the reader's language.

    Words that name people or times name those of the setting; ``missing`` is what is not said.
    """
    setting = read.setting
    language = read.prose.language if LETTER.search(read.text) else setting.language
    known = {"owner": setting.owner, "time": setting.time, "contact": setting.contact}
    known["missing"] = missing
    better = tone_suggestion(rule.value, language, setting.reader or language, **known)
    return Finding(rule, span[0], span[1], read.text[span[0] : span[1]], better, weight)


# -- what stops


def _stops(read: _Reading) -> Iterator[Finding]:
    """The findings that keep the message from being sent, and warnings of the same source.

    These are a language without rules, a clock time other than the promised one, and what a first
    response does not say.
    """
    prose, setting = read.prose, read.setting
    for span in find_secrets(prose):
        yield _finding(read, Rule.SECRET, span, Weight.STOP)
    for span in find_customers(prose, setting.others, setting.customer):
        yield _finding(read, Rule.WRONG_CUSTOMER, span, Weight.STOP)
    yield from _concessions(read)
    end = len(read.text)
    if not has_tone_rules(prose.language):
        yield _finding(read, Rule.UNCHECKED, (end, end))
    elif setting.promises and not says_when(prose):
        yield _finding(read, Rule.NO_NEXT_UPDATE, (end, end), Weight.STOP)
    if (other := other_time(prose, setting.time)) is not None:
        yield _finding(read, Rule.OTHER_TIME, other)
    wanted = setting.confirms - ({Part.NEXT_UPDATE} if setting.promises else set())  # that stops
    if gaps := missing_parts(prose, wanted):
        reader = setting.reader or prose.language
        yield _finding(read, Rule.FIRST_RESPONSE, (end, end), missing=name_parts(gaps, reader))


def _concessions(read: _Reading) -> Iterator[Finding]:
    """Offers beyond what may be offered; money that is only spoken of is no fault."""
    found = offers.judge_prose(read.prose, read.setting.quoted)
    offered = [money for money in found if money.offered]
    for each in read.setting.allowance.judge_offers(offered).uncovered:
        stop = _finding(read, Rule.CONCESSION, each.money.place, Weight.STOP)
        yield replace(stop, uncovered=each)


# -- what warns


def _phrases(read: _Reading) -> Iterator[Finding]:
    for name, span in find_phrases(read.prose):
        if name == Rule.LIABILITY:
            yield from _liability(read, span)
        elif name != Rule.NO_NEXT_UPDATE:
            yield from _spared(read, Rule(name), span)
        elif not says_when(read.prose):  # that there is no time is no time
            yield _finding(read, Rule.NO_NEXT_UPDATE, span, Weight.STOP)


def _liability(read: _Reading, span: Span) -> Iterator[Finding]:
    """What admits fault, in quotation marks too, but for the customer's own words."""
    theirs = find_occurrences(read.text, [each for each in read.setting.quoted if each])
    if read.setting.liability is not None and not is_inside(span, theirs):
        yield _finding(read, Rule.LIABILITY, span, read.setting.liability)


def _spared(read: _Reading, rule: Rule, span: Span) -> Iterator[Finding]:
    """The finding, unless it stands in words that are not the writer's own."""
    if not is_inside(span, read.spared):
        yield _finding(read, rule, span)


def _blanks(read: _Reading) -> Iterator[Finding]:
    for span in find_placeholders(read.text):
        yield from _spared(read, Rule.PLACEHOLDER, span)


def _shape(read: _Reading) -> Iterator[Finding]:
    """Advice on capitals, marks and signs, and for a whole letter on its greeting and length."""
    for sign in shape.find_informal(read.prose.folded.text):
        yield from _spared(read, Rule.REGISTER, read.prose.folded.place(*sign))
    for span in shape.find_shouting(read.text):
        yield from _spared(read, Rule.CAPITALS, span)
    for mark in shape.find_question_marks(read.prose.folded.text):
        yield from _spared(read, Rule.QUESTION_MARK, read.prose.folded.place(*mark))
    if not read.setting.letter:
        return
    setting = read.setting
    if setting.contact and not shape.greets_contact(read.text, setting.contact, setting.approved):
        yield _finding(read, Rule.GREETING, (0, 0))
    if excess := shape.find_excess(read.text, read.spared):
        yield _finding(read, Rule.LENGTH, excess)


def mentions_concession(text: str) -> bool:
    """True when a text is about money, a discount or a credit, whether we offer it or not."""
    return bool(offers.found_in(text))


def find_liability(text: str, language: Language, quoted: Sequence[str] = ()) -> tuple[str, ...]:
    """The words of a text that admit fault, as they stand in it; ``quoted`` are the customer's."""
    setting = Setting(language, quoted=tuple(quoted), letter=False, liability=Weight.WARN)
    found = lint_message(text, setting)
    return tuple(each.quote for each in found if each.rule is Rule.LIABILITY)

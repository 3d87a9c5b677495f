"""What people type for the field's words: the enum's value, its label, and words of every language.

Labels are those that the interface shows (``messages/kit/texts.py``); the further words stand in
``messages/locale/<language>/commands.toml``, and in further languages' own folders. Keys are folded
(see ``fold_word``): lower case, no accents, one final sigma, words joined by ``_``. Every reader
here answers None for what it cannot read.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from bot.rules.languages import LanguageError, find_languages, read_data
from bot.rules.money.typed import WrongAmountError, read_typed_amount
from bot.rules.names import fold_name
from bot.rules.reports.periods import LAST, names_period
from bot.rules.words import (
    AS_IN_SLACK,
    EXECUTIVE_TRIGGERS,
    ClockKind,
    ClosureCode,
    HoldReason,
    Language,
    MessageKind,
    ResolutionType,
    Role,
    RootCause,
    Severity,
    Withdrawable,
)
from messages.kit.texts import label, load_texts

FILE = "commands.toml"
STANDINGS = ("on_track", "blocked", "need_help", "eta_moved")
STEPS_OF_SPONSORING = ("nominate", "accept", "touch", "brief", "pass", "exit", "programme")
SCOPES = ("mine", "breaching", "customer", "component")
ACTIONS = ("mine", "overdue", "led")  # which action items
FAMILIES: Mapping[str, Iterable[str]] = {
    "role": Role,
    "kind": MessageKind,
    "hold": HoldReason,
    "clock": ClockKind,
    "standing": STANDINGS,
    "scope": SCOPES,
    "actions": ACTIONS,
    "period": (LAST,),
    "trigger": sorted(EXECUTIVE_TRIGGERS),
    "closure": ClosureCode,
    "root_cause": RootCause,
    "resolution": ResolutionType,
    "sponsoring": STEPS_OF_SPONSORING,
    "withdrawal": Withdrawable,
    "page_action": ("test",),
    "language": (*(language.value for language in Language), AS_IN_SLACK),
}

_CASE = re.compile(r"(?:esc-|#)(\d{1,9})|<#\w+\|esc-(\d{1,9})(?:-[^>]*)?>")
_CANDIDATE = re.compile(r"(?:can-?|#)?(\d{1,9})")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9_]{1,30})(?:\|[^>]*)?>")
_USER = re.compile(r"<@([UW][A-Z0-9_]{1,30})(?:\|[^>]*)?>")
_URL = re.compile(r"<?(https?://[^\s<>|]+)(?:\|[^<>]*)?>?")
_BUG = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,49}-[1-9][0-9]{0,9}")
MONEY_WORDS = 3  # “1 000 EUR”
_NUMBER = re.compile(r"\d{1,9}")
_ISSUE = re.compile(r"(?:ki-?|#)?(\d{1,9})", re.IGNORECASE)


def fold_word(word: str) -> str:
    """The word as the tables know it: as names are folded, spaces and hyphens as ``_``."""
    return re.sub(r"[ _-]+", "_", fold_name(word))


def typed_words(family: str, known: Iterable[str]) -> Mapping[str, str]:
    """Every folded word that may be typed for the ``known`` names of a family, with its name.

    ``family`` is a table of commands.toml, which maps a name to a list of words, and of the texts,
    which have a label for each name. Raises LanguageError for a word that stands for two names, and
    for a name that is not known: so at the start.
    """
    names = list(known)
    found = {fold_word(name): name for name in names}
    for file, name, word in _rows(family):
        if name not in names:
            raise LanguageError(f"{file}: [{family}] knows no {name!r}")
        if found.setdefault(fold_word(word), name) != name:
            other = found[fold_word(word)]
            raise LanguageError(f"{file}: [{family}] {name}: {word!r} already means {other!r}")
    for language, name, shown in _labels(family, names):
        if found.setdefault(fold_word(shown), name) != name:
            other = found[fold_word(shown)]
            raise LanguageError(
                f"{language.data.folder}: the label {shown!r} of {family} {name!r} means {other!r}"
            )
    return found


def _labels(family: str, names: Iterable[str]) -> Iterator[tuple[Language, str, str]]:
    """What the interface shows for each name, by language; families without labels have none."""
    for language in Language:
        texts = load_texts(language)
        for name in names:
            if family == "language" and name in set(Language):
                yield language, name, label(language, Language(name))
            elif (shown := texts.get(f"{family}.{name}")) is not None:
                yield language, name, shown


def _rows(family: str) -> Iterator[tuple[str, str, str]]:
    """The file, the name and a word that may be typed for it."""
    for code, language in find_languages().items():
        for name, words in read_data(code, FILE).get(family, {}).items():
            for word in words:
                yield str(language.folder / FILE), name, word


@cache
def words_of(family: str) -> Mapping[str, str]:
    """What may be typed for one of ``FAMILIES``; read once, for all languages together."""
    return typed_words(family, (str(name) for name in FAMILIES[family]))


def read_word(family: str, word: str) -> Any:
    """What a typed word means in a family: a member of its enum, a name, or None.

    Several words count as one (``technical lead``); the parser tries the longest first.

    Raises KeyError for a family that ``FAMILIES`` lacks.
    """
    name = words_of(family).get(fold_word(word))
    return next((each for each in FAMILIES[family] if each == name), None)


def read_language(word: str) -> str | None:
    """The code of a language by any of its names or a locale, ``slack`` for the choice of none."""
    named = Language.named(word)
    return named.value if named else read_word("language", word)


@cache
def longest_word() -> int:
    """How many words the longest has that may be typed for one argument."""
    folded = [*_severity_labels(), *(word for family in FAMILIES for word in words_of(family))]
    return max(word.count("_") + 1 for word in folded)


def choices_of(family: str, language: Language) -> list[str]:
    """What may be typed for a family, as the interface shows it; empty for one without labels."""
    if family == "severity":
        return [label(language, severity) for severity in Severity]
    names = [str(name) for name in FAMILIES.get(family, ())]
    return [shown for spoken, _, shown in _labels(family, names) if spoken is language]


@cache
def _severity() -> re.Pattern[str]:
    """A digit from 1 to 4, alone or after a word for severity of any language."""
    before = [fold_word(word) for _, _, word in _rows("severity")]
    return re.compile(rf"(?:{'|'.join(map(re.escape, before))})?_?([1-4])")


@cache
def _severity_labels() -> Mapping[str, Severity]:
    """The labels of severities in every language, folded; read once."""
    return {
        fold_word(label(each, severity)): severity for each in Language for severity in Severity
    }


def read_severity(word: str) -> Severity | None:
    """The severity in ``2``, ``sev2``, ``SEV-2``, or its label; None for all else, 0 and 5 too."""
    folded = fold_word(word)
    found = _severity().fullmatch(folded)
    return Severity(int(found[1])) if found else _severity_labels().get(folded)


def read_case(word: str) -> int | None:
    """The case in ``ESC-12``, ``#12`` or an escaped mention of its channel; a bare number is
    none.
    """
    found = _CASE.fullmatch(word) or _CASE.fullmatch(word.casefold())
    return int(found[1] or found[2]) if found else None


def read_candidate(word: str) -> int | None:
    """The candidate in ``CAN-7`` or ``7``."""
    found = _CANDIDATE.fullmatch(word.casefold())
    return int(found[1]) if found else None


def read_user(word: str) -> str | None:
    """The user id in an escaped mention such as ``<@U123|name>``; a name alone is none."""
    found = _USER.fullmatch(word)
    return found[1] if found else None


def read_channel(word: str) -> str | None:
    """The channel id in an escaped link such as ``<#C123|name>``; a name alone is none."""
    found = _CHANNEL.fullmatch(word)
    return found[1] if found else None


def read_number(word: str) -> int | None:
    """A whole number without sign, of at most nine digits.

    Digits of other scripts count as well, as Python reads them.
    """
    return int(word) if _NUMBER.fullmatch(word) else None


def read_issue(word: str) -> int | None:
    """The known issue in ``KI-3`` or ``3``."""
    found = _ISSUE.fullmatch(word)
    return int(found[1]) if found else None


def read_bug(word: str) -> str | None:
    """The bug in a key such as ``PROJ-123``, in any case, or in an address."""
    return word.upper() if _BUG.fullmatch(word) else read_url(word)


def read_money(word: str) -> str | None:
    """An amount with its currency, as it was typed: ``500 EUR``, ``€1.000,50``.

    What is nearly one (``5%``, ``-5 EUR``, ``500``) is taken too, so that the form can say what is
    wrong with it.
    """
    try:
        read_typed_amount(word)
    except WrongAmountError as wrong:
        alone = wrong.kind != "money_currency" or " " not in word
        near = re.search(r"\d", word) and alone and len(word.split()) <= MONEY_WORDS
        return word if near and wrong.kind != "money" else None
    return word


def read_period(words: str) -> str | None:
    """The period of figures that is named: ``2026-Q3``, ``Q3 2026``, ``2026-07``, ``90d``, last."""
    found = read_word("period", words)
    return found if found is not None else words.strip() if names_period(words) else None


def read_url(word: str) -> str | None:
    """The address in ``https://…``, or as Slack escapes it, ``<https://…|name>``; http and https
    alone.
    """
    found = _URL.fullmatch(word)
    return html.unescape(found[1]) if found else None

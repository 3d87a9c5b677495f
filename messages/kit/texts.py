"""Every short text of the bot in every language: ``t(language, "status.new")``.

The texts are in ``messages/locale/<language>/*.toml``; a key is the dotted path inside a file,
whatever the file is called. A test holds the languages that ship to the same keys and facts; what a
further language lacks is said in the language that it falls back to.
"""

import tomllib
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from string import Formatter
from typing import Any

from babel import Locale

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.focus.facts import About
from bot.rules.membership import Unfilled
from bot.rules.reviews.review import ReviewSource
from bot.rules.sponsorship.words import (
    ExitGround,
    NextStep,
    SponsorshipExit,
    SponsorshipTopic,
    TouchKind,
)
from bot.rules.states import (
    ConcessionState,
    DecisionOutcome,
    Prevention,
    SponsorshipState,
    Trend,
    TrendReason,
)
from bot.rules.words import (
    ActionType,
    ClockKind,
    ClosureCode,
    ConcessionKind,
    ConcessionReason,
    Drift,
    HelpDesk,
    HoldReason,
    Language,
    MessageKind,
    Priority,
    ResolutionType,
    Role,
    RootCause,
    Severity,
    Status,
    Trigger,
    Urgency,
    Withdrawable,
)

# Files of a language that are no texts but words to look for, or how it is written.
DATA = frozenset(
    {
        "language.toml",
        "commands.toml",
        "reading.toml",
        "tone.toml",
        "money.toml",
        "first_response.toml",
        "threats.toml",
        "vague_actions.toml",
        "blame.toml",
        "playbooks.toml",
    }
)

FAMILIES: Mapping[type[Enum], str] = {
    ActionType: "action",
    ClockKind: "clock",
    ClosureCode: "closure",
    Drift: "drift",
    HelpDesk: "help_desk",
    HoldReason: "hold",
    MessageKind: "kind",
    ResolutionType: "resolution",
    ReviewSource: "review_source",
    Role: "role",
    RootCause: "root_cause",
    ConcessionKind: "concession_kind",
    ConcessionReason: "concession_reason",
    ConcessionState: "concession_state",
    OutcomeResult: "outcome_result",
    SponsorshipState: "sponsorship_state",
    SponsorshipTopic: "sponsorship_topic",
    SponsorshipExit: "sponsorship_exit",
    ExitGround: "exit_ground",
    TouchKind: "touch_kind",
    NextStep: "next_step",
    DecisionOutcome: "decision_outcome",
    About: "about",
    Prevention: "prevention",
    Trend: "trend",
    TrendReason: "trend_reason",
    Severity: "severity",
    Status: "status",
    Trigger: "trigger",
    Urgency: "urgency",
    Priority: "priority",
    Unfilled: "unfilled",
    Withdrawable: "withdrawal",
}


class MissingTextError(LookupError):
    """A text or one of its facts is missing; the message names the language, key and fact."""


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of a TOML table with its dotted key, however deep it is."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


@cache
def own_texts(language: Language) -> Mapping[str, str]:
    """Read the texts in a language's own folder, once for the life of the process.

    Raises ValueError when two files define one key.
    """
    found: dict[str, str] = {}
    for path in sorted(language.data.folder.glob("*.toml")):
        if path.name in DATA:
            continue
        for key, text in _flat(tomllib.loads(path.read_text(encoding="utf-8"))):
            if key in found:
                raise ValueError(f"{path.name} defines {key} again")
            found[key] = text
    return found


@cache
def load_texts(language: Language) -> Mapping[str, str]:
    """Return all texts by key: the language's own, else those of the languages it falls back to."""
    found: dict[str, str] = {}
    for each in reversed(language.chain):
        found |= own_texts(each)
    return found


_OF_THE_HOUSE: dict[tuple[Language, str], str] = {}


def say_instead(texts: Mapping[tuple[Language, str], str]) -> None:
    """Put an organisation's own words, by language and key, in place of the app's.

    For the whole process, which works for one organisation; an earlier call is forgotten. They are
    said as they stand, without facts.
    """
    _OF_THE_HOUSE.clear()
    for at, text in texts.items():
        _OF_THE_HOUSE[at] = text.replace("{", "{{").replace("}", "}}")


def text_facts(text: str) -> frozenset[str]:
    """Return the names of the facts that a text needs: ``{owner}`` is ``owner``."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def t(language: Language, key: str, /, **facts: object) -> str:
    """Fill the text ``key`` with its facts, as they are: escape what people wrote before.

    Raises MissingTextError when there is no such text or a fact that it needs is not given. An
    organisation's own words win, for this language alone and not for those that fall back to it.
    """
    text = _OF_THE_HOUSE.get((language, key)) or load_texts(language).get(key)
    if text is None:
        raise MissingTextError(f"{language.value}: no text {key}")
    try:
        return text.format_map(facts)
    except KeyError as missing:
        raise MissingTextError(f"{language.value}: {key} needs the fact {missing}") from None


def plural(language: Language, key: str, count: int, /, **facts: object) -> str:
    """Fill the form of a text for a count, by CLDR's rules: ``key.one``, ``key.few``, ….

    A form that the language does not write apart is ``key.other``; the text may use ``{count}``.
    """
    form = f"{key}.{cldr_locale(language).plural_form(count)}"
    chosen = form if form in load_texts(language) else f"{key}.other"
    return t(language, chosen, count=count, **facts)


@cache
def cldr_locale(language: Language) -> Locale:
    """Return what CLDR knows of a language. Raises babel.UnknownLocaleError."""
    return Locale.parse(language.data.cldr or language.value)


def label(language: Language, word: Enum) -> str:
    """Name one of the field's words as people do: ``Status.NEW`` is “New”.

    Raises KeyError for a kind of word without a family.
    """
    if isinstance(word, Language):
        return cldr_locale(language).languages.get(word.value) or word.data.name
    name = word.name.lower() if isinstance(word, Severity) else word.value
    return t(language, f"{FAMILIES[type(word)]}.{name}")

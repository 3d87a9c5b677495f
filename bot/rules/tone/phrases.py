"""The phrases that the tone lint knows, and its suggestions: ``tone.toml`` of each language.

A table is a rule: ``phrases`` (``*`` ends a stem, `` ?`` is a space that may be missing),
``unless`` (what excuses them), ``dated``, ``better`` (advice with ``{example}``), ``example``. The
table ``words`` has what stands for an unknown owner, time or contact. What is read is kept for the
life of the process.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.rules.languages import read_data
from bot.rules.tone.scripts import latin_pattern, latin_table
from bot.rules.words import Language

NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Script:
    """The phrases of one rule in one way of writing a language, and those that excuse them.

    ``latin``: a language with an alphabet of its own, typed with Latin letters. ``dated`` phrases
    are innocent in a sentence that says when.
    """

    language: Language
    latin: bool
    phrases: re.Pattern[str]
    unless: re.Pattern[str]
    dated: bool


@cache
def tone_rules(language: Language) -> Mapping[str, Any]:
    """A language's ``tone.toml``; empty where it has none."""
    return read_data(language.value, "tone.toml")


def has_tone_rules(language: Language) -> bool:
    """True when the language has a ``tone.toml``: how it should and should not sound."""
    return bool(tone_rules(language))


@cache
def phrase_rules() -> Mapping[str, Sequence[Script]]:
    """The rules that look for phrases, by name, in every language that has them."""
    found: dict[str, list[Script]] = {}
    for language in Language:
        for name, spec in tone_rules(language).items():
            if "phrases" in spec:
                found.setdefault(name, []).extend(_scripts(language, spec))
    return found


def _scripts(language: Language, spec: Mapping[str, Any]) -> Iterator[Script]:
    phrases, unless, dated = spec["phrases"], spec.get("unless", []), bool(spec.get("dated"))
    yield Script(language, False, whole_words(phrases), whole_words(unless), dated)
    if latin_table(language):
        typed = whole_words([latin_pattern(each, language) for each in phrases])
        excused = whole_words([latin_pattern(each, language) for each in unless])
        yield Script(language, True, typed, excused, dated)


def tone_suggestion(rule: str, language: Language, reader: Language, **known: str) -> str:
    """What to do, said in the reader's language, with an example in that of the message.

    ``owner``, ``time`` and ``contact`` are filled in where known. A language without the words uses
    its fallback's. Raises StopIteration for a rule that no language in the chain has.
    """
    words = _said(language, "words")
    filled = {name: known.get(name) or words[name] for name in words}
    example: str = _said(language, rule).get("example", "")
    advice: str = _said(reader, rule)["better"]
    return advice.format_map({**filled, "example": example.format_map(filled)})


def _said(language: Language, table: str) -> Mapping[str, Any]:
    """A table of the language, else of the one that it falls back to."""
    rules = (tone_rules(each) for each in language.chain)
    return next(each[table] for each in rules if table in each)


def phrase_pattern(source: str) -> str:
    """A phrase of the file as a regular expression."""
    spaced = source.replace(" ?", "[\\s,]{0}").replace(" ", "[\\s,]+").replace("{0}", "*")
    return re.sub(r"(?<!\])\*", r"\\w*", spaced)


@cache
def phrases_of_part(name: str, part: str) -> re.Pattern[str]:
    """The phrases of ``[name]`` under ``part``, in every language and way of writing."""
    return in_all_languages("tone.toml", name, part)


def in_all_languages(file: str, table: str, part: str) -> re.Pattern[str]:
    """The phrases of a part of a table in all languages, and in Latin letters."""
    written: list[str] = []
    typed: list[str] = []
    for language in Language:
        phrases = read_data(language.value, file).get(table, {}).get(part, [])
        written += phrases
        if latin_table(language):
            typed += [latin_pattern(phrase, language) for phrase in phrases]
    return whole_words([*written, *typed])


def whole_words(phrases: Sequence[str]) -> re.Pattern[str]:
    """A pattern of any of the phrases, as whole words; one that never matches for none."""
    if not phrases:
        return NEVER
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(phrase_pattern, phrases))})(?!\w)")

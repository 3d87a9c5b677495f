"""The phrases that the tone lint knows, and its suggestions; both stand in tone.toml."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.rules.tone.text import WORD, greeklish, is_greek
from bot.rules.words import Language

FILE = Path(__file__).with_name("tone.toml")
NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Script:
    """The phrases of one rule in one way of writing, and those that make them innocent."""

    phrases: re.Pattern[str]
    unless: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class PhraseRule:
    """One rule: ``dated`` phrases are innocent in a sentence that says when."""

    english: Script
    greek: Script
    latin_greek: Script
    dated: bool


@cache
def table() -> Mapping[str, Any]:
    """The file as it stands."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def phrase_rules() -> Mapping[str, PhraseRule]:
    """The rules that look for phrases, by name."""
    return {name: _rule(spec) for name, spec in table().items() if "el" in spec}


def suggestion(rule: str, language: Language, reader: Language, **known: str) -> str:
    """What to do, said in the reader's language, with an example in that of the message.

    ``owner``, ``time`` and ``contact`` are filled in where known.
    """
    words, spec = table()["words"], table()[rule]
    filled = {name: known.get(name) or words[name][language.value] for name in words}
    example: str = spec.get("example", {}).get(language.value, "")
    advice: str = spec["better"][reader.value]
    return advice.format_map({**filled, "example": example.format_map(filled)})


def pattern(source: str) -> str:
    """A phrase of the file as a regular expression."""
    spaced = source.replace(" ?", "[\\s,]{0}").replace(" ", "[\\s,]+").replace("{0}", "*")
    return re.sub(r"(?<!\])\*", r"\\w*", spaced)


@cache
def both(name: str, part: str) -> re.Pattern[str]:
    """The phrases of ``[name]`` under ``part``: English, Greek, and Greek in Latin letters."""
    spec = table()[name][part]
    return whole_words([*spec["en"], *spec["el"], *(greeklish(p) for p in spec["el"])])


@cache
def words_of(script: str) -> frozenset[str]:
    """The small words by which ``greek`` in Latin letters and ``english`` are told apart."""
    return frozenset(table()["scripts"][script].split())


def is_greeklish(folded: str, *, expected: bool = False) -> bool:
    """True for Greek in Latin letters. ``expected``: the customer's language is Greek."""
    said = WORD.findall(folded)
    greek = sum(word in words_of("greek") for word in said)
    english = sum(word in words_of("english") for word in said)
    return greek > english or (expected and greek == english and not is_greek(folded))


def _rule(spec: Mapping[str, Any]) -> PhraseRule:
    english = _script(spec["en"], spec.get("unless_en", []))
    greek, unless = spec["el"], spec.get("unless_el", [])
    latin = _script([greeklish(p) for p in greek], [greeklish(p) for p in unless])
    return PhraseRule(english, _script(greek, unless), latin, bool(spec.get("dated")))


def _script(phrases: list[str], unless: list[str]) -> Script:
    return Script(whole_words(phrases), whole_words(unless))


def whole_words(phrases: list[str]) -> re.Pattern[str]:
    """Any of the phrases, as whole words."""
    if not phrases:
        return NEVER
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(pattern, phrases))})(?!\w)")

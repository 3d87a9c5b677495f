"""What the tone lint says of a finding, by ``tone.toml`` of each language.

A table is a rule: ``phrases`` and ``unless`` are for advice.py, ``better`` is the advice with
``{example}`` in it, ``example`` a sentence. The table ``words`` has what stands for an unknown
owner, time or contact. What is read is kept for the life of the process.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from bot.rules.languages import read_data
from bot.rules.words import Language

FILE = "tone.toml"


@cache
def tone_rules(language: Language) -> Mapping[str, Any]:
    """A language's ``tone.toml``; empty where it has none."""
    return read_data(language.value, FILE)


def has_tone_rules(language: Language) -> bool:
    """True when the language has a ``tone.toml``: how it should and should not sound."""
    return bool(tone_rules(language))


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

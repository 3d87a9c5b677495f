"""What a first response should confirm, and which of it a text does not say. Pure.

The phrases are those of ``first_response.toml``: of ``receipt``, ``priority`` and ``urgency`` one
is enough; ``target`` is said by a sentence that tells of a solution, that it is meant, and a time.
A language without the file is not judged.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from functools import cache

from bot.rules.languages import read_data
from bot.rules.money.offers import is_money_word
from bot.rules.prose.reading import Prose, read_prose
from bot.rules.prose.sentences import Sentence
from bot.rules.tone.advice import TIME
from bot.rules.tone.next_update import says_when
from bot.rules.tone.suggestions import FILE as TONE
from bot.rules.words import Language

FILE = "first_response.toml"


class Part(StrEnum):
    """A part of a first response; the values are tables of ``first_response.toml``, and stored."""

    RECEIPT = "receipt"
    PRIORITY = "priority"
    URGENCY = "urgency"
    TARGET = "target"
    NEXT_UPDATE = "next_update"


PLAIN = (Part.RECEIPT, Part.PRIORITY, Part.URGENCY)  # said by any one phrase


def find_gaps(text: str, language: Language, wanted: Collection[Part]) -> tuple[Part, ...]:
    """The wanted parts that a text does not say, in their order."""
    return missing_parts(read_prose(text, language, is_money_word), wanted) if wanted else ()


def missing_parts(prose: Prose, wanted: Collection[Part]) -> tuple[Part, ...]:
    """As ``find_gaps``, of a text that was read; none in a language without the phrases."""
    if not wanted or not _phrases_of(prose.language):
        return ()
    said = {Part.NEXT_UPDATE} if says_when(prose) else set[Part]()
    for sentence in prose.sentences:
        said |= _said_in(prose, sentence)
    return tuple(part for part in Part if part in wanted and part not in said)


def _said_in(prose: Prose, sentence: Sentence) -> set[Part]:
    found = {hit.name for hit in prose.find_phrases(FILE, sentence)}
    timed = any(hit.name == TIME for hit in prose.find_phrases(TONE, sentence))
    said = {part for part in PLAIN if (part.value, "phrases") in found}
    aimed = {(Part.TARGET.value, kind) for kind in ("solved", "meant")} <= found
    return said | ({Part.TARGET} if aimed and timed else set())


@cache
def _phrases_of(language: Language) -> bool:
    return bool(read_data(language.value, FILE))


@cache
def part_name(part: Part, reader: Language) -> str:
    """How a colleague reads of a part: “that their report has arrived”."""
    known = (read_data(each.value, FILE).get(part.value, {}) for each in reader.chain)
    return str(next(each["name"] for each in known if each))


def name_parts(parts: Sequence[str], reader: Language) -> str:
    """Several parts, as they are listed in a sentence."""
    return ", ".join(part_name(Part(part), reader) for part in parts)

"""Threats in what a customer says: to leave or to make it public, and with the law. Pure.

The phrases are those of ``threats.toml``, in every language that has it, and of one with an
alphabet of its own also where it is typed with Latin letters. What is found only says that a person
should look; nothing is decided by it but who may know.
"""

from collections.abc import Iterator

from bot.rules.intake.arrival import Reason
from bot.rules.money.offers import is_money_word
from bot.rules.prose.books import Hit
from bot.rules.prose.reading import Prose, read_prose
from bot.rules.prose.sentences import Sentence
from bot.rules.words import Language

FILE = "threats.toml"
KINDS = (Reason.LEGAL_THREAT, Reason.THREAT)  # the values are the tables of the file
NAMES = ("public", "names")  # of places that are public, the same in every language
PUBLIC = "#public"  # the kind of such a word, by which phrases ask for it
READ = 20_000  # characters of a text; what stands behind them is seldom the customer's own


def find_threats(text: str, expected: Language) -> tuple[Reason, ...]:
    """Which threats a text makes, the gravest first; ``expected`` is its probable language.

    Only the first ``READ`` characters are read. Empty for a text without threats.
    """
    prose = read_prose(text[:READ], expected, is_money_word)
    found = {kind for each in prose.sentences for kind in _threats_in(prose, each)}
    return tuple(kind for kind in KINDS if kind in found)


def _threats_in(prose: Prose, sentence: Sentence) -> Iterator[Reason]:
    """The kinds of threat that a sentence makes, each once.

    A phrase counts unless it overlaps one of ``unless`` of the same kind. Where the sentence names
    a public place, it is read once more with that place as the kind ``#public``.
    """
    hits = prose.find_phrases(FILE, sentence)
    if public := {hit.first: PUBLIC for hit in hits if hit.name == NAMES}:
        hits = prose.find_phrases(FILE, sentence, public)
    for kind in KINDS:
        spared = [hit for hit in hits if hit.name == (kind.value, "unless")]
        said = (hit for hit in hits if hit.name == (kind.value, "phrases"))
        if any(not _touches(hit, spared) for hit in said):
            yield kind


def _touches(hit: Hit, spared: list[Hit]) -> bool:
    return any(hit.first < other.last and other.first < hit.last for other in spared)

"""How a word may be meant, as sounds: one key for every way in which it is typed.

``reading.toml`` of a language with an alphabet of its own has under ``[script.sounds]`` what its
letters, and pairs of them, sound like, in ASCII, and under ``[script.latin]`` how each is typed
with Latin letters. A word in its own letters then has one key; typed with Latin ones it has as many
as it may be read in (``h`` is one of two Greek letters), and one of these is the right one. A
language in Latin letters has no sounds: its words are their own keys.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from bot.rules.prose.scripts import script_of
from bot.rules.words import Language

READINGS_MAX = 96  # of one word typed with Latin letters; few words have more than a dozen
WORDS_KEPT = 20_000
LONGEST = 3  # letters by which one sound is typed
_DOUBLED = re.compile(r"([^\W\d_])\1+")


@cache
def sounds_of(language: Language) -> Mapping[str, str]:
    """What letters, and pairs of them, sound like; empty for a language in Latin letters."""
    found: Mapping[str, str] = script_of(language).get("sounds", {})
    return found


@cache
def _typed(language: Language) -> Mapping[str, tuple[str, ...]]:
    """The sounds that may be meant by letters of Latin, by these."""
    found: dict[str, list[str]] = {}
    for letters, typed in script_of(language).get("latin", {}).items():
        for each in typed.split("|"):
            found.setdefault(each, []).append(sounds_of(language)[letters])
    return {typed: tuple(dict.fromkeys(sounds)) for typed, sounds in found.items()}


@lru_cache(WORDS_KEPT)
def spell_word(word: str, language: Language) -> str:
    """The key of a folded word of the language, or of its beginning or end."""
    sounds = sounds_of(language)
    if not sounds:
        return word
    said = _units(language).sub(lambda found: sounds[found[0]], word)
    return _DOUBLED.sub(r"\1", said)


@cache
def _units(language: Language) -> re.Pattern[str]:
    return re.compile("|".join(sorted(sounds_of(language), key=len, reverse=True)))


@lru_cache(WORDS_KEPT)
def read_word(word: str, language: Language, *, latin: bool) -> frozenset[str]:
    """The keys of a folded word in a text of the language.

    ``latin``: the text is typed with Latin letters. Without it a word in Latin letters is none of
    a language with an alphabet of its own, and has no keys; numbers and signs are in all.
    """
    if not sounds_of(language) or not any(char.isalpha() for char in word):
        return frozenset({word})
    if not word.isascii():
        return frozenset({spell_word(word, language)})
    return frozenset(_read(word, _typed(language))) if latin else frozenset()


def _read(word: str, typed: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Every reading of a word in Latin letters, up to ``READINGS_MAX`` at each letter."""
    ways: list[dict[str, None]] = [{"": None}, *({} for _ in word)]
    for at in range(len(word)):
        before = list(ways[at])[:READINGS_MAX]
        for size in range(LONGEST, 0, -1):
            letters = word[at : at + size]
            for sound in typed.get(letters, ()) if len(letters) == size else ():
                ways[at + size].update((each + sound, None) for each in before)
    return {_DOUBLED.sub(r"\1", each) for each in list(ways[-1])[:READINGS_MAX]}

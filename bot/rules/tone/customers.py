"""Names of other customers in a text.

A name of several words counts wherever it stands, one of a single word where it has a capital.
Case, accents, look-alikes and endings do not matter, nor whether a name in another alphabet is
typed with Latin letters; legal forms are left out (Acme Ltd: Acme). A person with the same name is
none: ``[names]`` of ``reading.toml`` has legal forms, and words that open a sentence and are no
first names; ``[wrong_customer]`` of ``tone.toml`` has what is said of people and of companies.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from bot.rules.languages import read_data
from bot.rules.prose.folding import Span, fold_text
from bot.rules.prose.reading import Prose
from bot.rules.prose.sentences import BREAK, Sentence, Word, split_words
from bot.rules.prose.spelling import read_word, sounds_of
from bot.rules.tone.suggestions import FILE
from bot.rules.words import Language

NAME_MIN = 3  # letters; a shorter customer's name is found in too many words
ENDING_MIN = 5  # letters of a word of which the ending may differ
OTHER = "#other"  # the kind of a word that is another customer's name
NAMES_KEPT = 20_000
Keys = tuple[frozenset[str], ...]


def find_customers(prose: Prose, others: Collection[str], own: str) -> Iterator[Span]:
    """Where names of ``others`` stand in the original text; ``own`` is the customer written to.

    A name that is a part of the customer's own is none of another.
    """
    ours = frozenset(split_words(fold_text(own).text))
    wanted = [words for words in map(_name_words, others) if words and not ours.issuperset(words)]
    first = _by_first_key(wanted)
    for sentence in prose.sentences:
        heard = [_word_keys(word.text) for word in sentence.words]
        for at, keys in enumerate(heard):
            for words in {each for key in keys for each in first.get(key, ())}:
                last = at + len(words)
                if _is_said(words, heard[at:last]) and _is_name(prose, sentence, at, last):
                    yield prose.folded.place(*sentence.span_of(at, last))


def _by_first_key(wanted: Sequence[tuple[str, ...]]) -> Mapping[str, Sequence[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for words in wanted:
        for key in _word_keys(words[0]):
            found.setdefault(key, []).append(words)
    return found


@lru_cache(NAMES_KEPT)
def _name_words(name: str) -> tuple[str, ...]:
    """The folded words of a name without its legal form; empty for one that is too short."""
    plain = _legal_forms().sub("", fold_text(name).text).strip()
    return split_words(plain) if len(plain) >= NAME_MIN else ()


@cache
def _legal_forms() -> re.Pattern[str]:
    tables = [read_data(each.value, "reading.toml").get("names", {}) for each in Language]
    forms = [fold_text(form).text for table in tables for form in table.get("legal_forms", ())]
    dotted = ["\\.?".join(map(re.escape, form)) for form in sorted(forms, key=len, reverse=True)]
    return re.compile(rf"(?:[\s,]+(?:{'|'.join(dotted)})\.?)+$")


@lru_cache(NAMES_KEPT)
def _word_keys(word: str) -> frozenset[str]:
    """How a word may be meant: itself, and its sounds without an ending in other alphabets."""
    found = {word}
    for language in (each for each in Language if sounds_of(each)):
        for sound in read_word(word, language, latin=True):
            found.add(f"{language.value}:{_without_ending(sound)}")
    return frozenset(found)


def _without_ending(sound: str) -> str:
    if len(sound) < ENDING_MIN:
        return sound
    return re.sub(r"[aeiou]$", "", sound.removesuffix("s").removesuffix("n"))


def _is_said(words: tuple[str, ...], heard: Sequence[frozenset[str]]) -> bool:
    """True when the words of a name are those that were heard.

    A name in Latin letters is itself; only one in its own alphabet may be spelled otherwise.
    """
    if len(heard) != len(words):
        return False
    return all(
        word in keys if word.isascii() else not _word_keys(word).isdisjoint(keys)
        for word, keys in zip(words, heard, strict=True)
    )


def _is_name(prose: Prose, sentence: Sentence, first: int, last: int) -> bool:
    if last - first > 1:
        return True
    start, end = prose.folded.place(*sentence.span_of(first, last))
    written = prose.folded.original[start:end]
    return written != written.lower() and not _is_person(prose, sentence, first)


def _is_person(prose: Prose, sentence: Sentence, at: int) -> bool:
    """True when a name of one word stands behind a first name or title, or is said of a person."""
    hits = prose.find_phrases(FILE, sentence, {at: OTHER})
    if any(h.name == ("wrong_customer", "company") and h.first <= at < h.last for h in hits):
        return False
    if any(h.name == ("wrong_customer", "person") and h.first <= at < h.last for h in hits):
        return True
    if at == 0 or BREAK in sentence.words[at].kinds:
        return False
    before = sentence.words[at - 1]
    return _has_capital(prose, before) and before.text not in _openers()


def _has_capital(prose: Prose, word: Word) -> bool:
    written = prose.folded.original[slice(*prose.folded.place(word.start, word.end))]
    return written.istitle() and written.isalpha() and len(written) > 1


@cache
def _openers() -> frozenset[str]:
    """Words with which sentences begin and that are no first names, in every language, folded."""
    tables = [read_data(each.value, "reading.toml").get("names", {}) for each in Language]
    return frozenset(
        word for table in tables for word in fold_text(table.get("openers", "")).text.split()
    )

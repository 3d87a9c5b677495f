"""The phrases of a file in every language, and where they stand in a text.

A file (``tone.toml``) has tables, each with lists of phrases: ``[undated] phrases = […]``. They are
compiled once for the life of the process, and looked up by the words with which they begin.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from bot.rules.languages import LanguageError, read_data
from bot.rules.prose.patterns import Compiler, Keys, Pattern, PatternError
from bot.rules.prose.sentences import Sentence, Word
from bot.rules.prose.spelling import read_word, spell_word
from bot.rules.words import Language

Name = tuple[str, str]  # table and list
SHORTEST, LONGEST = 1, 24  # letters of beginnings and ends that are looked up
WORDS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase in a sentence: its words from ``first`` up to, not including, ``last``."""

    name: Name
    language: Language
    first: int
    last: int


class Book:
    """The phrases of one language in one file."""

    def __init__(self, language: Language, file: str) -> None:
        self.language = language
        self._file = file
        self._index: dict[str, list[tuple[Name, Pattern]]] = defaultdict(list)
        self._known: set[str] = set()
        self._seen: dict[tuple[str, bool], frozenset[str]] = {}
        self._fill(read_data(language.value, file))

    def _fill(self, tables: Mapping[str, Any]) -> None:
        """Compile every phrase, and keep it under the words with which it may begin.

        Raises LanguageError with the phrase and its place for one that cannot be read.
        """
        general = read_data(self.language.value, "reading.toml").get("let", {})
        names = {**general, **tables.get("let", {})}
        compiler = Compiler(partial(spell_word, language=self.language), names, self._known)
        for name, source in _phrases(tables):
            try:
                pattern = compiler.compile(source)
            except PatternError as error:
                where = f"{self.language.value}/{self._file}, [{name[0]}] {name[1]}"
                raise LanguageError(f"{where}: {error}") from error
            if not pattern.firsts:
                raise LanguageError(f"{self._file}: {source!r} must begin with a word")
            for key in pattern.firsts:
                self._index[key].append((name, pattern))

    def find(
        self,
        sentence: Sentence,
        *,
        latin: bool,
        kinds: Mapping[int, str],
        tables: frozenset[str] | None = None,
    ) -> Iterator[Hit]:
        """Every phrase in a sentence, the longest from each word on.

        ``latin``: the language is typed with Latin letters. ``kinds`` are further kinds of words,
        by place in the sentence. Only those of ``tables`` are looked for; None: all.
        """
        keys: Keys = [
            self._keys(word, latin=latin) | ({kinds[at]} if at in kinds else frozenset())
            for at, word in enumerate(sentence.words)
        ]
        said = frozenset[str]().union(*keys)
        for at, known in enumerate(keys):
            for key in known & self._index.keys():
                for name, pattern in self._index[key]:
                    if tables is not None and name[0] not in tables:
                        continue
                    if any(needed.isdisjoint(said) for needed in pattern.all_needs):
                        continue
                    if ends := pattern.match(keys, at):
                        yield Hit(name, self.language, at, max(ends))

    def _keys(self, word: Word, *, latin: bool) -> frozenset[str]:
        known = self._seen.get((word.text, latin))
        if known is None:
            if len(self._seen) >= WORDS_KEPT:
                self._seen.clear()
            known = self._seen[word.text, latin] = frozenset(self._forms(word.text, latin))
        return known | word.kinds

    def _forms(self, text: str, latin: bool) -> Iterator[str]:
        """The keys of a word by which a phrase asks for it: whole, by beginning, by end."""
        forms = read_word(text, self.language, latin=latin)
        beginnings = (f"{form[:size]}*" for form in forms for size in _sizes(form))
        ends = (f"*{text[-size:]}" for size in _sizes(text)) if forms else ()
        heard = (f"~{form[-size:]}" for form in forms for size in _sizes(form))
        yield from (key for key in (*forms, *beginnings, *ends, *heard) if key in self._known)


def _sizes(form: str) -> range:
    return range(SHORTEST, min(len(form), LONGEST) + 1)


def _phrases(tables: Mapping[str, Any]) -> Iterator[tuple[Name, str]]:
    for table, lists in tables.items():
        if table == "let":
            continue
        for kind, phrases in lists.items():
            if isinstance(phrases, list):
                yield from (((table, kind), phrase) for phrase in phrases)


@cache
def books_of(file: str) -> Sequence[Book]:
    """The book of each language that has the file. Raises LanguageError for a faulty phrase."""
    return tuple(Book(each, file) for each in Language if read_data(each.value, file))

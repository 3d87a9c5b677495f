"""Where a text names one person or one customer, and the text with a pseudonym in its place. Pure.

Compared word by word: case, accents, the kind of quotes and the endings of Greek names do not
matter, nor does what stands between two words. The same comparison works with digests, so what was
erased is found again by who does not know the name.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from bot.rules.compliance.columns import Holds
from bot.rules.prose.folding import fold_text

Words = tuple[str, ...]  # a name, word by word, folded and without endings

SHORTEST = 4  # letters of a Greek word that stay when its ending is cut off
ENDING = 2  # letters of an ending at most
HIDDEN = 6  # letters from which on a name is looked for inside of longer words
ALIAS = 8  # hexadecimal digits that tell pseudonyms apart
WORDS_MAX = 8  # of a name that is kept as a digest
EMPTIED = frozenset({Holds.CONTACT, Holds.LINKS})
_ENDINGS = frozenset("\u03b1\u03b5\u03b7\u03b9\u03bf\u03c5\u03c9\u03c3\u03c2\u03bd")
_WORD = re.compile(r"[^\W_]+")
_LOCAL = re.compile(r"[\w.+\-]+@$")


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A folded word as it is compared: a Greek one without the vowels and consonants of its case.

    Words of other alphabets stay whole.
    """
    if "\u0370" <= word[:1] <= "\u03ff":
        for _ in range(ENDING):
            if len(word) > SHORTEST and word[-1] in _ENDINGS:
                word = word[:-1]
    return word


def words_of(text: str) -> Words:
    """A name, an address or an id, word by word, as it is compared."""
    return tuple(stem(word) for word in _WORD.findall(_fold(text)))


def _fold(text: str) -> str:
    """A text folded, without the places."""
    return text.lower() if text.isascii() else fold_text(text).text


def digest_of(words: Words, key: bytes, purpose: str = "erased") -> str:
    """What is kept of a name: HMAC-SHA256 with a key that is kept elsewhere, hexadecimal."""
    return hmac.new(key, f"{purpose} {' '.join(words)}".encode(), hashlib.sha256).hexdigest()


def alias_of(kind: str, first: str, key: bytes) -> str:
    """The pseudonym of a person or an account: the same each time, as long as the key is."""
    return f"{kind}-{digest_of(words_of(first), key, kind)[:ALIAS]}"


def is_alias(user: str) -> bool:
    """Whether what stands where a Slack id would is the pseudonym of a person who was erased."""
    return user.startswith("person-")


@dataclass(frozen=True)
class Sought:
    """One person or customer that is looked for, and the pseudonym that takes the place.

    ``texts`` are names, addresses and ids as people write them, the first is who was asked for;
    ``domains`` are those of which every address goes.
    """

    alias: str
    texts: tuple[str, ...]
    domains: tuple[str, ...] = ()

    @cached_property
    def names(self) -> frozenset[Words]:
        """Every name as it is compared; of two words the other way round too."""
        found = {words_of(text) for text in (*self.texts, *self.domains)}
        return frozenset({*found, *(n[::-1] for n in found if len(n) == 2)} - {()})

    @cached_property
    def _begin(self) -> frozenset[str]:
        """Beginnings of first words: a text without any of them is not looked at closely."""
        return frozenset(name[0] for name in self.names)

    @cached_property
    def _hidden(self) -> tuple[str, ...]:
        """Names without anything between their words, long enough to be told inside of others."""
        found = {"".join(_WORD.findall(_fold(text))) for text in self.texts}
        return tuple(sorted(each for each in found if len(each) >= HIDDEN))

    def may_name(self, text: str) -> bool:
        """False for a text that certainly does not name them; quick."""
        folded = _fold(text)
        return any(each in folded for each in self._begin)

    def is_named(self, text: str) -> bool:
        """Whether a text names them, however it is written."""
        return self.erase(text) != text

    def erase(self, text: str, holds: Holds = Holds.WORDS) -> str:
        """The text with the pseudonym in place of each name; the words around stay.

        An address or a link that stands alone leaves nothing, as the form of its column wants it.
        Where a name is written together with something else all of that goes, up to the next space.
        """
        if not text or not (self.may_name(text) or self._hides(text)):
            return text
        widen = _as_it_is if holds is Holds.FACT else self._widen
        spans = find_names(text, self._is_one, max(map(len, self.names)), widen)
        if spans and holds in EMPTIED and _stands_alone(text, holds):
            return ""
        parts, last = list[str](), 0
        for start, end in spans:
            parts += [text[last:start], self.alias]
            last = max(last, end)
        erased = "".join([*parts, text[last:]])
        if not self._hides(erased):
            return erased
        chunks = re.split(r"(\s+)", erased)
        return "".join(
            self._without(chunk, holds) if self._hides(chunk) else chunk for chunk in chunks
        )

    def _without(self, chunk: str, holds: Holds) -> str:
        """A piece of text without spaces in which a name is hidden; ids stay different ids."""
        if holds is Holds.FACT:
            names = "|".join(map(re.escape, self._hidden))
            return re.sub(names, self.alias, _fold(chunk))
        return "" if holds in EMPTIED else self.alias

    def _is_one(self, words: Words) -> bool:
        """Whether these words are one of the names."""
        return words in self.names

    def _hides(self, text: str) -> bool:
        """Whether a name stands inside of a longer word, an address of a page for example."""
        folded = _fold(text)
        if not any(each[:3] in folded for each in self._hidden):
            return False
        chunks = ("".join(_WORD.findall(chunk)) for chunk in folded.split())
        return any(each in chunk for chunk in chunks for each in self._hidden)

    def _widen(self, text: str, start: int, end: int) -> tuple[int, int]:
        """A place with what belongs to it: the signs of a mention, the person before a domain."""
        before = text[:start]
        if before.endswith("<@") and (close := text.find(">", end)) >= 0:
            return start - 2, close + 1
        if self.domains and (local := _LOCAL.search(before)):
            return local.start(), end
        return start, end

    def erase_in(self, value: Any, holds: Holds = Holds.WORDS) -> Any:
        """The same of any value of JSON: keys and texts, at any depth; the rest stays."""
        match value:
            case str():
                return self.erase(value, holds)
            case Mapping():
                return {
                    self.erase(key, Holds.FACT): self.erase_in(part, holds)
                    for key, part in value.items()
                }
            case list() | tuple():
                return [self.erase_in(part, holds) for part in value]
        return value


def _as_it_is(_text: str, start: int, end: int) -> tuple[int, int]:
    """A place without more: of an id only the name goes."""
    return start, end


def _stands_alone(text: str, holds: Holds) -> bool:
    """Whether the text is one address, a telephone number or a link, and not a name."""
    return holds is Holds.LINKS or "@" in text or not any(map(str.isalpha, text))


def find_names(
    text: str,
    is_one: Callable[[Words], bool],
    longest: int,
    widen: Callable[[str, int, int], tuple[int, int]] = _as_it_is,
) -> list[tuple[int, int]]:
    """The places of names in a text, the longest first where several begin; they do not overlap.

    ``is_one`` says whether some words, at most ``longest``, are a name. A name of one word without
    digits must be written with a capital letter where the text is a sentence.
    """
    folded = fold_text(text)
    words = [(stem(each.group()), each.start(), each.end()) for each in _WORD.finditer(folded.text)]
    found, at = list[tuple[int, int]](), 0
    sentence = any(map(str.isspace, text))
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            if not is_one(tuple(word for word, _, _ in words[at : at + length])):
                continue
            span = folded.place(words[at][1], words[at + length - 1][2])
            if length == 1 and sentence and not _is_name(text[slice(*span)]):
                continue
            found.append(widen(text, *span))
            at += length - 1
            break
        at += 1
    return found


def _is_name(word: str) -> bool:
    """Whether one word of a sentence is written as a name is."""
    return word != word.lower() or any(map(str.isdigit, word))


@dataclass(frozen=True)
class Kept:
    """What is kept of an erasure for after a restore; it has no name in it.

    ``digests`` are those of the names, ``domains`` those of the domains, and each is made of so
    many words as ``lengths`` has.
    """

    alias: str
    digests: frozenset[str]
    domains: frozenset[str]
    lengths: tuple[int, ...]


def keep(sought: Sought, key: bytes) -> Kept:
    """What is kept of it; names of more than ``WORDS_MAX`` words are not found again."""
    names = [name for name in sought.names if len(name) <= WORDS_MAX]
    return Kept(
        sought.alias,
        frozenset(digest_of(name, key) for name in names),
        frozenset(digest_of(words_of(each), key) for each in sought.domains),
        tuple(sorted({len(name) for name in names})),
    )


class Finder:
    """Finds by digests who was erased and stands in texts again; remembers what it found.

    ``found`` has the names as they are written, by pseudonym.
    """

    def __init__(self, kept: Iterable[Kept], key: bytes) -> None:
        self.kept = tuple(kept)
        self.found: dict[str, set[str]] = {}
        self._key = key
        self._owners = {digest: each.alias for each in self.kept for digest in each.digests}
        self._lengths = {length for each in self.kept for length in each.lengths}
        self._digest = lru_cache(maxsize=500_000)(lambda words: digest_of(words, key))

    def look(self, text: str) -> None:
        """Look for all of them in a text."""
        spans = find_names(text, self._is_one, max(self._lengths, default=0))
        for start, end in spans:
            owner = self._owners[self._digest(words_of(text[start:end]))]
            self.found.setdefault(owner, set()).add(text[start:end])

    def sought(self) -> list[Sought]:
        """Who was found, each to be erased again."""
        result = list[Sought]()
        for each in self.kept:
            names = sorted(self.found.get(each.alias, ()))
            domains = [name for name in names if self._digest(words_of(name)) in each.domains]
            if names:
                result.append(Sought(each.alias, tuple(names), tuple(domains)))
        return result

    def _is_one(self, words: Words) -> bool:
        """Whether these words are a name of one of them."""
        return len(words) in self._lengths and self._digest(words) in self._owners


def texts_in(value: Any) -> Iterable[str]:
    """Every text of a value of JSON, keys too."""
    match value:
        case str():
            yield value
        case Mapping():
            for key, part in value.items():
                yield key
                yield from texts_in(part)
        case list() | tuple():
            for part in value:
                yield from texts_in(part)

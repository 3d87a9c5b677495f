"""The syntax of phrases in ``tone.toml`` and ``money.toml``, as functions that match words.

===========  ==================================================================================
``word``     this word; ``word*`` begins so, ``*word`` ends so as it is typed, ``be*in`` does both
``(a|b c)``  one of several
``x?``       perhaps
``..``       up to three words of any kind, over no comma; ``..6`` up to six; ``_`` is exactly one
``!x``       not followed by it, which takes no word
``#number``  a word of a kind: number, clock, date, name (with a capital), amount
``@we``      what the table ``let`` of the file, or of ``reading.toml``, says under that name
``<``        the beginning of a sentence, or what follows a comma, colon or bracket
===========  ==================================================================================

Short forms are written in full (``do not``). Words are written as they are spelled: case, accents
and the way in which they are typed do not matter.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from bot.rules.prose.folding import fold_text
from bot.rules.prose.sentences import BREAK, split_words

Keys = Sequence[frozenset[str]]  # of each word of a sentence, what it may be known by
Ends = frozenset[int]  # the places behind the last word of each way to match
NOWHERE: Ends = frozenset()
GAP = 3
_TOKEN = re.compile(r"[()|?!<]|[^\s()|?!<]+")


class PatternError(ValueError):
    """A phrase of a language's file that is not of the syntax; the message quotes it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """``match`` says where a match from a place on may end. ``empty``: it may take no word.

    ``firsts`` are the keys with one of which a word must begin it, ``needs`` those of which one
    must be in the sentence; None where any word may. ``all_needs`` are such keys of every part.
    ``word``: it is one word of ``firsts``.
    """

    match: Callable[[Keys, int], Ends]
    firsts: frozenset[str] | None
    empty: bool = False
    needs: frozenset[str] | None = None
    word: bool = False
    all_needs: tuple[frozenset[str], ...] = ()


@dataclass(slots=True)
class Compiler:
    """Makes patterns of one language: ``spell`` gives a word's key, ``names`` are its ``let``.

    ``known`` collects every key that a pattern asks for, ``shared`` the named patterns made so far.
    """

    spell: Callable[[str], str]
    names: Mapping[str, str]
    known: set[str] = field(default_factory=set)
    shared: dict[str, Pattern] = field(default_factory=dict)

    def compile(self, source: str) -> Pattern:
        """A phrase as a pattern. Raises PatternError naming it."""
        tokens = _TOKEN.findall(source)[::-1]
        try:
            found = self._choice(tokens)
        except (IndexError, KeyError, RecursionError) as error:
            raise PatternError(f"{source!r} is no phrase: {error}") from error
        if tokens or found.empty:
            raise PatternError(f"{source!r} is no phrase: {tokens or 'it may be empty'}")
        return found

    def _choice(self, tokens: list[str]) -> Pattern:
        """Sequences parted by ``|``, up to the bracket that ends them."""
        ways = [self._sequence(tokens)]
        while tokens and tokens[-1] == "|":
            tokens.pop()
            ways.append(self._sequence(tokens))
        return ways[0] if len(ways) == 1 else _either(ways)

    def _sequence(self, tokens: list[str]) -> Pattern:
        parts: list[Pattern] = []
        while tokens and tokens[-1] not in {"|", ")"}:
            parts.append(self._part(tokens))
        if not parts:
            raise KeyError("an alternative is empty")
        return _join(parts)

    def _part(self, tokens: list[str]) -> Pattern:
        token = tokens.pop()
        if token == "!":  # noqa: S105  a sign of the syntax
            return _unless(self._part(tokens))
        found = self._group(tokens) if token == "(" else self._word(token)  # noqa: S105
        if tokens and tokens[-1] == "?":
            tokens.pop()
            found = _perhaps(found)
        return found

    def _group(self, tokens: list[str]) -> Pattern:
        found = self._choice(tokens)
        if tokens.pop() != ")":
            raise KeyError("a bracket is not closed")
        return found

    def _word(self, token: str) -> Pattern:
        """The pattern of one token. Raises KeyError for one that stands where none may.

        The words that it may be are added to those that the book knows.
        """
        if token in {")", "|", "?"}:
            raise KeyError(token)
        if token == "<":  # noqa: S105
            return Pattern(_begins, None, empty=True)
        if token == "_":  # noqa: S105
            return Pattern(_any_word, None)
        if token.startswith(".."):
            return Pattern(partial(_gap, int(token[2:] or GAP)), None, empty=True)
        if token.startswith("@"):
            return self._named(token[1:])
        if "*" in token[1:-1]:
            return self._both(*fold_text(token).text.split("*", 1))
        keys = [token] if token.startswith("#") else [*self._keys(fold_text(token).text)]
        self.known.update(keys)
        return _join([_literal(key) for key in keys])

    def _named(self, name: str) -> Pattern:
        """What ``let`` says, compiled once."""
        if name not in self.shared:
            self.shared[name] = self.compile(self.names[name])
        return self.shared[name]

    def _both(self, begins: str, ends: str) -> Pattern:
        """One word that begins and ends so."""
        first, lasts = f"{self.spell(begins)}*", {f"*{ends}", f"~{self.spell(ends)}"}
        self.known.update({first, *lasts})
        pattern = _literal(first)

        def match(keys: Keys, at: int) -> Ends:
            found = pattern.match(keys, at)
            return found if found and not lasts.isdisjoint(keys[at]) else NOWHERE

        return Pattern(match, pattern.firsts, needs=pattern.needs)

    def _keys(self, word: str) -> Iterable[str]:
        if word.endswith("*"):
            return [f"{self.spell(word[:-1])}*"]
        if word.startswith("*"):
            return [f"*{word[1:]}"]
        if word.startswith("'"):  # the end of a short form is a word as it stands
            return [word]
        return map(self.spell, split_words(word) or (word,))


def _literal(*keys: str) -> Pattern:
    """One word with one of the keys."""
    wanted = frozenset(keys)

    def match(keys: Keys, at: int) -> Ends:
        if at < len(keys) and not wanted.isdisjoint(keys[at]):
            return frozenset((at + 1,))
        return NOWHERE

    return Pattern(match, wanted, needs=wanted, word=True)


def _any_word(keys: Keys, at: int) -> Ends:
    return frozenset((at + 1,)) if at < len(keys) else NOWHERE


def _begins(keys: Keys, at: int) -> Ends:
    return frozenset((at,)) if at < len(keys) and BREAK in keys[at] else NOWHERE


def _gap(most: int, keys: Keys, at: int) -> Ends:
    ends = [at]
    while ends[-1] < min(at + most, len(keys)) and BREAK not in keys[ends[-1]]:
        ends.append(ends[-1] + 1)
    return frozenset(ends)


def _join(parts: Sequence[Pattern]) -> Pattern:
    """One after the other."""
    if len(parts) == 1:
        return parts[0]
    matches = [part.match for part in parts]

    def match(keys: Keys, at: int) -> Ends:
        ends = matches[0](keys, at)
        for each in matches[1:]:
            if not ends:
                return NOWHERE
            if len(ends) == 1:
                (end,) = ends
                ends = each(keys, end)
            else:
                ends = NOWHERE.union(*[each(keys, end) for end in ends])
        return ends

    needed = [part.needs for part in parts if part.needs and not part.empty]
    return Pattern(
        match,
        _firsts(parts),
        all(part.empty for part in parts),
        needed[-1] if needed else None,
        all_needs=tuple(needed),
    )


def _firsts(parts: Sequence[Pattern]) -> frozenset[str] | None:
    """What may begin a sequence; a sign that takes no word says nothing of it."""
    found: frozenset[str] = frozenset()
    for part in parts:
        if part.firsts is None and not part.empty:
            return None
        if part.firsts is None and part.match is not _begins:
            return None
        found |= part.firsts or frozenset()
        if not part.empty:
            return found
    return found


def _either(ways: Sequence[Pattern]) -> Pattern:
    """Any of several; single words among them are looked up at once, others by their first word."""
    words = [way for way in ways if way.word]
    others = [way for way in ways if not way.word]
    if words:
        one = _literal(*_all(way.firsts for way in words) or ())
        others = [one, *others]
    if len(others) == 1:
        return others[0]
    empty = any(way.empty for way in ways)
    anywhere = [way.match for way in others if way.empty or way.firsts is None]
    by_first = _by_first(way for way in others if not way.empty)

    def match(keys: Keys, at: int) -> Ends:
        known = keys[at] if at < len(keys) else frozenset[str]()
        found = [each(keys, at) for key in known if key in by_first for each in by_first[key]]
        return NOWHERE.union(*found, *[each(keys, at) for each in anywhere])

    firsts, needs = _all(way.firsts for way in ways), _all(way.needs for way in ways)
    return Pattern(match, firsts, empty, None if empty else needs)


def _by_first(ways: Iterable[Pattern]) -> Mapping[str, Sequence[Callable[[Keys, int], Ends]]]:
    """The matches of patterns that begin with certain words, by these."""
    found: dict[str, list[Callable[[Keys, int], Ends]]] = {}
    for way in ways:
        for key in way.firsts or ():
            found.setdefault(key, []).append(way.match)
    return found


def _all(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """The keys of all sets; None where any word may be one."""
    found: frozenset[str] = frozenset()
    for each in sets:
        if each is None:
            return None
        found |= each
    return found


def _perhaps(part: Pattern) -> Pattern:
    def match(keys: Keys, at: int) -> Ends:
        return part.match(keys, at) | {at}

    return Pattern(match, part.firsts, empty=True)


def _unless(part: Pattern) -> Pattern:
    def match(keys: Keys, at: int) -> Ends:
        return NOWHERE if part.match(keys, at) else frozenset((at,))

    return Pattern(match, frozenset(), empty=True)

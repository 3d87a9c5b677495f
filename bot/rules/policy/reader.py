"""Read nested settings strictly and name every mistake at once.

A ``Table`` wraps a mapping that people wrote. Whatever is wrong in it becomes a ``PolicyMistake``
with its full key, what is allowed and the nearest suggestion; reading goes on with a stand-in
value. Parsers take a raw value and answer the parsed one, or raise ``WrongValueError``; nothing
here knows a key of the policy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


@dataclass(frozen=True)
class PolicyMistake:
    """One mistake: where, what, what would be right, and what was probably meant.

    ``key`` is the full key, "" for the file as a whole; ``allowed`` and ``suggestion`` may be "".
    All are in English, for administrators.
    As text: ``severities.SEV1.ladder[0].roles: 'agnt' is not known; allowed: …; did you mean
    'agent'?``
    """

    key: str
    message: str
    allowed: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        parts = [f"{self.key}: {self.message}" if self.key else self.message]
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.suggestion:
            parts.append(f"did you mean {self.suggestion!r}?")
        return "; ".join(parts)


class WrongValueError(ValueError):
    """A value is not allowed; the message says why, ``allowed`` and ``suggestion`` help."""

    def __init__(self, message: str, allowed: str = "", suggestion: str = "") -> None:
        super().__init__(message)
        self.allowed, self.suggestion = allowed, suggestion


def nearest_word(word: str, known: Sequence[str]) -> str:
    """The known word that was probably meant, or an empty text; case does not matter.

    Words must be alike by at least 0.6, as ``difflib`` measures it.
    """
    close = get_close_matches(word.lower(), [name.lower() for name in known], n=1, cutoff=0.6)
    return next((name for name in known if close and name.lower() == close[0]), "")


def one_of(
    enum: type[E], named: Callable[[E], str] = lambda member: str(member.value)
) -> Callable[[object], E]:
    """A parser for the words of an enum: their values, or what ``named`` makes of each."""
    known = {named(member): member for member in enum}

    def parse(value: object) -> E:
        if isinstance(value, str) and value in known:
            return known[value]
        near = nearest_word(str(value), list(known))
        raise WrongValueError(f"{value!r} is not known", ", ".join(known), near)

    return parse


def list_of(parse: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A parser for a list; the first wrong element is named. A text is no list of letters.

    An empty list is allowed. The mistake has the key of the list, not the place in it.
    """

    def parse_all(value: object) -> tuple[T, ...]:
        if not isinstance(value, list | tuple):
            raise WrongValueError(f"{value!r} is not a list")
        return tuple(parse(item) for item in value)

    return parse_all


def whole_number(low: int, high: int) -> Callable[[object], int]:
    """A parser for an integer in a range, both ends included; true and false are none."""

    def parse(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise WrongValueError(f"{value!r} is not a whole number", f"{low} to {high}")
        return value

    return parse


def yes_or_no(value: object) -> bool:
    """A parser for a boolean."""
    if not isinstance(value, bool):
        raise WrongValueError(f"{value!r} is neither true nor false", "true, false")
    return value


def words_parser(value: object) -> str:
    """A parser for text that is not blank; spaces around it are kept."""
    if not isinstance(value, str) or not value.strip():
        raise WrongValueError(f"{value!r} is not a text", "a text that is not empty")
    return value


class Table:
    """One table of settings under its key; unknown keys are refused when it is opened.

    ``problems`` is shared by all tables of a file. ``wrong_names`` are the entries of this one that
    had a mistake; what is no table at all is read as an empty one.
    """

    def __init__(
        self, raw: object, key: str, problems: list[PolicyMistake], allowed: Sequence[str]
    ) -> None:
        """Read ``raw`` as the table ``key``; each key that is not ``allowed`` is a mistake.

        Mistakes are added to ``problems``, which tables share; nothing is raised.
        """
        self.key, self.problems = key, problems
        self.wrong_names: set[str] = set()
        self.raw: Mapping[str, object] = raw if isinstance(raw, Mapping) else {}
        if not isinstance(raw, Mapping):
            problems.append(PolicyMistake(key, f"{raw!r} is not a table"))
        for name in self.raw:
            if name not in allowed:
                known = ", ".join(allowed)
                self.wrong(name, "unknown key", known, nearest_word(name, allowed))

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def path(self, name: str) -> str:
        """The full key of an entry."""
        return f"{self.key}.{name}" if self.key else name

    def wrong(self, name: str, message: str, allowed: str = "", suggestion: str = "") -> None:
        """Note a mistake in an entry; reading goes on, and the caller uses a stand-in."""
        self.wrong_names.add(name)
        self.problems.append(PolicyMistake(self.path(name), message, allowed, suggestion))

    def value(self, name: str, parse: Callable[[object], T], stand_in: T) -> T:
        """An entry, or the stand-in when it is absent or wrong (and then noted).

        The stand-in is not parsed. Any ValueError of ``parse`` is noted in its own words.
        """
        if name not in self.raw:
            return stand_in
        try:
            return parse(self.raw[name])
        except WrongValueError as error:
            self.wrong(name, str(error), error.allowed, error.suggestion)
        except ValueError as error:
            self.wrong(name, str(error))
        return stand_in

    def required(self, name: str, parse: Callable[[object], T], stand_in: T) -> T:
        """An entry that must be there; a missing one is noted and the stand-in answered."""
        if name not in self.raw:
            self.wrong(name, "is missing")
        return self.value(name, parse, stand_in)

    def table(self, name: str, allowed: Sequence[str]) -> "Table":
        """A table inside this one; empty when absent.

        Its mistakes are added to the same ``problems``, but not to ``wrong_names`` of this one.
        """
        return Table(self.raw.get(name, {}), self.path(name), self.problems, allowed)

    def tables(self, name: str, allowed: Sequence[str]) -> "list[Table]":
        """A list of tables inside this one, empty when absent; keys count from 0: ``ladder[0]``."""
        raw = self.raw.get(name, [])
        if not isinstance(raw, list):
            self.wrong(name, f"{raw!r} is not a list of tables")
            return []
        here = self.path(name)
        return [Table(item, f"{here}[{n}]", self.problems, allowed) for n, item in enumerate(raw)]

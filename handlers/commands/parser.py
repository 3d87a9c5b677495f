"""The grammar of ``/escalate``: text to typed arguments, with no I/O.

Arguments may come in any order before the free text that ends a command. What cannot be read is not
an error: the command then opens its form, filled with what was understood. Ids of people and
channels come as Slack escapes them (``<@U123|ada>``), since the manifest asks for that.

    severity ESC-7 2 worse than we thought   → severity, {"severity": 2, "reason": "worse …"}, case
        7
    assign <@U123|ada> technical lead        → assign, {"user": "U123", "role": TECHNICAL_LEAD}
    their checkout has been down since noon  → open, {"stake": "their checkout …"}
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from handlers.commands import vocabulary
from handlers.commands.vocabulary import fold_word

NEAR_ALONE = 0.6  # difflib ratio at which a single unknown word resembles a command
NEAR_AT_START = 0.8  # the same for the first of several words, which may be plain prose
LONGEST_NAME = 3  # words in the longest name of a role, kind or reason

READERS: Mapping[str, Callable[[str], Any]] = {
    "user": vocabulary.read_user,
    "owner": vocabulary.read_user,
    "role": partial(vocabulary.read_word, "role"),
    "severity": vocabulary.read_severity,
    "kind": partial(vocabulary.read_word, "kind"),
    "hold": partial(vocabulary.read_word, "hold"),
    "standing": partial(vocabulary.read_word, "standing"),
    "scope": partial(vocabulary.read_word, "scope"),
    "clock": partial(vocabulary.read_word, "clock"),
    "trigger": partial(vocabulary.read_word, "trigger"),
    "number": vocabulary.read_number,
    "url": vocabulary.read_url,
}


@dataclass(frozen=True, slots=True)
class Grammar:
    """What may follow a command's name.

    ``typed`` maps fields to readers (keys of READERS); ``text`` is the field that takes the
    free text at the end, or None. ``on_case`` says that a case may be named.
    """

    typed: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    on_case: bool = True


@dataclass(frozen=True, slots=True)
class Command:
    """A command as understood. ``case`` is None where the text names none.

    ``arguments`` has only what was read, by field of the intent; values are not judged yet.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    case: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word that is no command, and the command nearest to it, None if none is near.

    By ``difflib``'s ratio, over the words of every language.
    """

    word: str
    nearest: str | None


def parse_command(
    text: str, grammars: Mapping[str, Grammar], aliases: Mapping[str, str]
) -> Command | Unknown:
    """What ``text`` asks for; prose of several words is the stake of a new case.

    ``aliases`` maps every folded word people may type to the name of a command. Empty text opens a
    case. A single unknown word is never taken for a stake.
    """
    tokens = text.split()
    if not tokens:
        return Command("open")
    name = aliases.get(fold_word(tokens[0]).replace("-", "").replace("_", ""))
    if name is not None:
        rest = re.sub(r"^\s*\S+\s*", "", text, count=1)
        return _read(name, grammars[name], rest)
    nearest = _nearest(tokens, aliases)
    if nearest is not None or len(tokens) == 1:
        return Unknown(tokens[0], nearest)
    return Command("open", {"stake": text.strip()})


def _nearest(tokens: Sequence[str], aliases: Mapping[str, str]) -> str | None:
    """The command that the first word is probably meant to be; None: it is prose, or like none."""
    word = fold_word(tokens[0])
    cutoff = NEAR_ALONE if len(tokens) == 1 else NEAR_AT_START
    near = difflib.get_close_matches(word, aliases, n=1, cutoff=cutoff)
    # "Updates fail every night" is prose: an inflected word is not a slip of the finger.
    if not near or (len(tokens) > 1 and (len(word) < 4 or word.startswith(near[0]))):
        return None
    return aliases[near[0]]


def _read(name: str, grammar: Grammar, rest: str) -> Command:
    """Read arguments from the front until free text begins; what stands behind it belongs to it.

    A command without free text leaves out what no argument reads, an ``@`` that is no person too.
    """
    arguments: dict[str, Any] = {}
    case: int | None = None
    while token := rest.split(maxsplit=1)[:1]:
        if grammar.on_case and case is None and (named := _case(token[0], grammar, rest)):
            case, rest = named, _after(rest, 1)
            continue
        taken = _take(rest, grammar, arguments)
        if taken == 0 and grammar.text is not None and not token[0].startswith("@"):
            break
        rest = _after(rest, max(taken, 1))  # what nothing reads is left out
    if rest and grammar.text is not None:
        arguments[grammar.text] = rest.strip()
    return Command(name, arguments, case)


def _take(rest: str, grammar: Grammar, arguments: dict[str, Any]) -> int:
    """Read one argument from the front into ``arguments``; answers how many words it took.

    0: nothing reads them. A field that is filled already is not filled again.
    """
    ahead = rest.split()[:LONGEST_NAME]
    for count in range(len(ahead), 0, -1):
        for name, reader in grammar.typed.items():
            value = READERS[reader](" ".join(ahead[:count]))
            if name not in arguments and value is not None:
                arguments[name] = value
                return count
    return 0


def _case(token: str, grammar: Grammar, rest: str) -> int | None:
    """The case that the first word names; a bare number counts only where it can mean nothing
    else.
    """
    named = vocabulary.read_case(token)
    if named is not None or "number" in grammar.typed.values():
        return named
    if "severity" in grammar.typed.values():  # "severity 12 2 worse": the case comes first
        ahead = [vocabulary.read_severity(word) for word in rest.split(maxsplit=2)[:2]]
        return vocabulary.read_number(token) if ahead[0] is None and ahead[-1] else None
    # A bare number at the start of free text may be part of it ("12 orders failed again").
    alone = grammar.text is None or rest.strip() == token
    return vocabulary.read_number(token) if alone else None


def _after(rest: str, count: int) -> str:
    """What is left of the text behind its first ``count`` words, as it was typed."""
    return re.sub(rf"^\s*(?:\S+\s*){{{count}}}", "", rest, count=1)

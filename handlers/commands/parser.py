"""The grammar of ``/escalate``: text to typed arguments, with no I/O.

Arguments may come in any order before the free text that ends a command, the longest words first.
What is missing is no error: the command then opens its form, filled with what was understood. What
nothing reads is: it is never left out. Ids of people and channels come as Slack escapes them
(``<@U123|ada>``), since the manifest asks for that; free text is kept as people read it.

    severity ESC-7 2 worse than we thought   → severity, {"severity": 2, "reason": "worse …"}, case
        7
    assign <@U123|ada> technical lead        → assign, {"user": "U123", "role": TECHNICAL_LEAD}
    their checkout has been down since noon  → open, {"stake": "their checkout …"}
    close to losing the customer             → open, since nothing of it belongs to ``close``
    ESC-7                                    → show, case 7
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from bot.rules.names import drop_unseen
from handlers.commands import vocabulary, when
from handlers.commands.vocabulary import fold_word
from messages.kit.slack_text import read_tokens

PEOPLE = frozenset({"user", "owner"})  # readers of a person
NEAR_ALONE = 0.6  # difflib ratio at which a single unknown word resembles a command
NEAR_AT_START = 0.8  # the same for the first of several words, which may be plain prose
BEGINNINGS = frozenset({"case"})  # of sentences; as near to "causes" as a slip of the finger
BEHIND = ",.;:!"  # what may stand behind an argument in a sentence
LEADING = re.compile(r"^[—–:,;-]+\s+")  # what parts free text from the arguments before it

READERS: Mapping[str, Callable[[str], Any]] = {
    "user": vocabulary.read_user,
    "owner": vocabulary.read_user,
    "role": partial(vocabulary.read_word, "role"),
    "severity": vocabulary.read_severity,
    "kind": partial(vocabulary.read_word, "kind"),
    "hold": partial(vocabulary.read_word, "hold"),
    "standing": partial(vocabulary.read_word, "standing"),
    "scope": partial(vocabulary.read_word, "scope"),
    "actions": partial(vocabulary.read_word, "actions"),
    "period": vocabulary.read_period,
    "clock": partial(vocabulary.read_word, "clock"),
    "trigger": partial(vocabulary.read_word, "trigger"),
    "closure": partial(vocabulary.read_word, "closure"),
    "root_cause": partial(vocabulary.read_word, "root_cause"),
    "resolution": partial(vocabulary.read_word, "resolution"),
    "sponsoring": partial(vocabulary.read_word, "sponsoring"),
    "withdrawal": partial(vocabulary.read_word, "withdrawal"),
    "language": vocabulary.read_language,
    "number": vocabulary.read_number,
    "issue": vocabulary.read_issue,
    "case": vocabulary.read_case,
    "candidate": vocabulary.read_candidate,
    "url": vocabulary.read_url,
    "bug": vocabulary.read_bug,
    "channel": vocabulary.read_channel,
    "page_action": partial(vocabulary.read_word, "page_action"),
    "money": vocabulary.read_money,
    "mention": vocabulary.read_user,  # of a person who need not be named
    "for_person": when.read_for_person,
    "until": partial(when.read_when, "until"),
    "from": partial(when.read_when, "from"),
    "lasting": when.read_lasting,
}


@dataclass(frozen=True, slots=True)
class Grammar:
    """What may follow a command's name.

    ``typed`` maps fields to readers (keys of READERS); ``text`` is the field that takes the
    free text at the end, or None. ``on_case`` says that a case may be named. Free text of more than
    ``name_words`` words, where nothing else was read, is no name but prose. ``second`` is the field
    of a second case: where one alone is named, it is that one.
    """

    typed: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    on_case: bool = True
    name_words: int | None = None
    second: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command as understood. ``case`` is None where the text names none.

    ``arguments`` has only what was read, by field of the intent; values are not judged yet.
    ``said`` is the whole text as people read it, which may have been meant in another way.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    case: int | None = None
    said: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word that is no command, and the command nearest to it, None if none is near.

    By ``difflib``'s ratio, over the words of every language. ``said`` is the whole text.
    """

    word: str
    nearest: str | None
    said: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """A command with a word that nothing of it reads.

    ``wants`` is the reader that it would be for (a key of READERS), ``group`` for a user group in
    the place of a person, empty where no argument is left. ``command`` is what was read.
    """

    command: Command
    word: str
    wants: str = ""


Parsed = Command | Unknown | Unread


def parse_command(text: str, grammars: Mapping[str, Grammar], aliases: Mapping[str, str]) -> Parsed:
    """What ``text`` asks for; prose of several words is the stake of a new case.

    ``aliases`` maps every folded word people may type to the name of a command. Empty text opens a
    case, a case alone is shown. A single unknown word is never taken for a stake.
    """
    text = drop_unseen(text).strip()
    said = read_tokens(text)
    tokens = text.split()
    if not tokens:
        return Command("open")
    name = _named(tokens[0], aliases)
    if name is not None:
        found = _read(name, grammars[name], _after(text, 1))
        return _as_prose(found, grammars[name], said)
    if vocabulary.read_case(tokens[0]) is not None:
        return _of_case(tokens, _after(text, 1), said, grammars, aliases)
    nearest = _nearest(tokens, aliases)
    if nearest is not None or len(tokens) == 1:
        return Unknown(read_tokens(tokens[0]), nearest, said)
    return Command("open", {"stake": said}, said=said)


def _named(token: str, aliases: Mapping[str, str]) -> str | None:
    """The name of the command that a word stands for; None for one that is no command.

    What has spaces, hyphens or underscores in it is looked up without them too.
    """
    word = fold_word(token)
    return aliases.get(word) or aliases.get(word.replace("_", ""))


def _of_case(
    tokens: Sequence[str],
    rest: str,
    said: str,
    grammars: Mapping[str, Grammar],
    aliases: Mapping[str, str],
) -> Parsed:
    """A text that begins with a case: it is shown, or what follows is done to it.

    A command that is on no case is unknown behind one. What follows the name is read with the case
    put before it.
    """
    if len(tokens) == 1:
        return Command("show", {}, vocabulary.read_case(tokens[0]), said)
    name = _named(tokens[1], aliases)
    if name is None or not grammars[name].on_case:
        return Unknown(read_tokens(tokens[1]), _nearest(tokens[1:2], aliases), said)
    found = _read(name, grammars[name], f"{tokens[0]} {_after(rest, 1)}")
    return _with_said(found, said)


def _as_prose(found: Command | Unread, grammar: Grammar, said: str) -> Command | Unread:
    """The command, unless it is the beginning of a sentence of which nothing was read."""
    if isinstance(found, Unread):
        nothing = not found.command.arguments and found.command.case is None
        words = len(said.split()) - 1
        prose = nothing and words > 1 and found.wants not in ("user", "group")
    else:
        most, free = grammar.name_words, found.arguments.get(grammar.text or "")
        alone = set(found.arguments) == {grammar.text} and found.case is None
        prose = most is not None and alone and len(str(free).split()) > most
    return Command("open", {"stake": said}, said=said) if prose else _with_said(found, said)


def _with_said(found: Command | Unread, said: str) -> Command | Unread:
    """The same, with the whole text as ``said``."""
    if isinstance(found, Unread):
        return replace(found, command=replace(found.command, said=said))
    return replace(found, said=said)


def _nearest(tokens: Sequence[str], aliases: Mapping[str, str]) -> str | None:
    """The command that the first word is probably meant to be; None: it is prose, or like none."""
    word = fold_word(tokens[0])
    cutoff = NEAR_ALONE if len(tokens) == 1 else NEAR_AT_START
    near = difflib.get_close_matches(word, aliases, n=1, cutoff=cutoff)
    # "Updates fail every night" is prose: an inflected word is not a slip of the finger.
    prose = len(word) < 4 or word in BEGINNINGS or (near and word.startswith(near[0]))
    if not near or (len(tokens) > 1 and prose):
        return None
    return aliases[near[0]]


def _read(name: str, grammar: Grammar, rest: str) -> Command | Unread:
    """Read arguments from the front until free text begins; what stands behind it belongs to it.

    A second word that names a case is no case any more, but free text, or what a typed field reads.
    Unread is answered where a word is left and the grammar has no free text for it, or where it
    stands in the place of a person.
    """
    arguments: dict[str, Any] = {}
    case: int | None = None
    while token := rest.split(maxsplit=1)[:1]:
        if grammar.on_case and case is None and (named := _case(token[0], grammar, rest)):
            case, rest = named, _after(rest, 1)
            continue
        taken = _take(rest, grammar, arguments)
        if taken == 0:
            wants = _wanted(rest, grammar, arguments)
            if grammar.text is None or wants in ("user", "group"):
                return Unread(Command(name, arguments, case), read_tokens(token[0]), wants)
            break
        rest = _after(rest, taken)
    free = LEADING.sub("", rest.strip())
    if free and grammar.text is not None:
        arguments[grammar.text] = read_tokens(free)
    if grammar.second and case is not None and grammar.second not in arguments:
        arguments[grammar.second], case = case, None
    return Command(name, arguments, case)


def _wanted(rest: str, grammar: Grammar, arguments: Mapping[str, Any]) -> str:
    """The reader for which the first word of ``rest`` was probably meant; empty: none is left.

    A person's is known by its sign, or by nobody being named at all.
    """
    left = [reader for name, reader in grammar.typed.items() if name not in arguments]
    if PEOPLE.intersection(left):
        if rest.startswith("<!subteam"):
            return "group"
        if rest.startswith("@") or (grammar.text is None and "<@" not in rest):
            return "user"
    return next((reader for reader in left if reader not in PEOPLE), "")


def _take(rest: str, grammar: Grammar, arguments: dict[str, Any]) -> int:
    """Read one argument from the front into ``arguments``; answers how many words it took.

    0: nothing reads them. A field that is filled already is not filled again.

    The longest run of words that a reader of the grammar knows is taken; of two readers, the first
    in the grammar. Marks of punctuation behind it do not count.
    """
    ahead = rest.split()[: max(vocabulary.longest_word(), when.WORDS_MAX)]
    for count in range(len(ahead), 0, -1):
        for name, reader in grammar.typed.items():
            value = READERS[reader](" ".join(ahead[:count]).rstrip(BEHIND))
            if name not in arguments and value is not None:
                arguments[name] = value
                return count
    return 0


def _case(token: str, grammar: Grammar, rest: str) -> int | None:
    """The case that the first word names; a bare number counts only where it can mean nothing
    else.
    """
    token = token.rstrip(BEHIND)
    named = vocabulary.read_case(token)
    if named is not None or {"number", "money", "lasting"} & set(grammar.typed.values()):
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

"""The organisation's own playbooks: one TOML file each, named by its key, read strictly. Pure.

A file has what ``playbooks.toml`` says of one of ours, and its words below in a table a language:

    rank = 75
    when = [{ triggers = ["threat_to_cancel"], severity = 2 }]
    steps = ["executive_owner 60", "csm 240"]

    [en]
    title = "Threat to cancel"
    steps = ["An executive calls the customer.", "Call with the account executive."]

Every mistake is named at once, with file, line and key, what is allowed and what was meant.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.rules.learning.playbooks import Playbook, PlaybookError, read_playbook
from bot.rules.learning.search_words import search_words
from bot.rules.policy.reader import (
    PolicyMistake,
    Table,
    WrongValueError,
    list_of,
    nearest_word,
    one_of,
    whole_number,
    yes_or_no,
)
from bot.rules.words import ClockKind, HoldReason, Language, Role, RootCause, Trigger

SUFFIX = ".toml"
FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}\.toml")
FILE_MAX = 100_000  # characters of a file
RULE = ("rank", "when", "causes", "steps")
WHEN = (
    "triggers", "severity", "causes", "holds", "late", "used", "held", "legal", "problem", "call",
    "words",
)  # fmt: skip
WORDS = ("title", "steps", "say", "never", "warn", "words", "exit")
STEPS_MAX = 20  # of a playbook: its checklist is one post
LINES_MAX = 9  # of a list of sentences, which are one paragraph of a post
TITLE_MAX = 60  # characters
LINE_MAX = 300  # characters of a sentence
MINUTES_MAX = 525_600  # of a step: a year


@dataclass(frozen=True, slots=True)
class OwnFile:
    """What one file came to: a playbook, or what is wrong with it, a line each.

    ``content`` is ``{"rule", "words"}`` as ``read_own`` takes it, None where there are mistakes.
    """

    key: str
    content: dict[str, Any] | None = None
    mistakes: tuple[str, ...] = field(default=())


def read_own(key: str, content: Mapping[str, Any]) -> Playbook:
    """The playbook of a file that had no mistakes, by its ``OwnFile.content``.

    Raises PlaybookError, or KeyError, for content that this version would not have taken, such as
    one that was stored by a later one.
    """
    return read_playbook(key, content["rule"], content["words"])


def parse_file(name: str, text: str) -> OwnFile:
    """Read a file by its name (``churn.toml``) and text; nothing is raised for what is wrong."""
    key = name.removesuffix(SUFFIX)
    if not FILE_NAME.fullmatch(name):
        rule = "name it in small Latin letters, such as churn.toml: that is the playbook's key"
        return OwnFile(key, mistakes=(f"{name}: {rule}",))
    if len(text) > FILE_MAX:
        return OwnFile(key, mistakes=(f"{name}: it has more than {FILE_MAX} characters",))
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return OwnFile(key, mistakes=(f"{name}: {error}",))  # it has line and column
    except RecursionError:
        return OwnFile(key, mistakes=(f"{name}: its brackets are nested too deeply",))
    found: list[PolicyMistake] = []
    _check(raw, found)
    if found:
        return OwnFile(key, mistakes=tuple(_say(name, text, each) for each in found))
    codes = [each.value for each in Language]
    words = {code: raw[code] for code in codes if code in raw}
    content = {"rule": {each: raw[each] for each in RULE if each in raw}, "words": words}
    try:
        read_own(key, content)
    except PlaybookError as error:
        return OwnFile(key, mistakes=(f"{name}: {str(error).partition(': ')[2]}",))
    return OwnFile(key, content)


def _check(raw: Mapping[str, Any], found: list[PolicyMistake]) -> None:
    """Add every mistake to ``found``, with its full key.

    Where the steps themselves are wrong, the number of sentences is not held against them: one
    mistake makes no second one.
    """
    codes = [each.value for each in Language]
    top = Table(raw, "", found, [*RULE, *codes])
    top.value("rank", whole_number(0, 1000), 0)
    top.value("causes", _several(one_of(RootCause)), ())
    steps = top.required("steps", _many(_step, STEPS_MAX), ())
    for when in top.tables("when", WHEN):
        _check_when(when)
    spoken = [code for code in codes if code in raw]
    if not spoken:
        top.wrong("en", "is missing: it needs words in one language at least", ", ".join(codes))
    for code in spoken:
        _check_words(top.table(code, WORDS), len(steps))


def _check_when(when: Table) -> None:
    """One condition; it must set something.

    What it sets is read by ``playbooks.read_playbook``, which knows the same keys.
    """
    words: Mapping[str, Callable[[object], object]] = {
        "triggers": one_of(Trigger), "causes": one_of(RootCause), "holds": one_of(HoldReason),
        "late": one_of(ClockKind), "used": _share,
    }  # fmt: skip
    for name, parse in words.items():
        when.value(name, _many(parse, LINES_MAX), ())
    when.value("severity", whole_number(1, 4), 1)
    when.value("held", whole_number(1, 8760), 1)
    for name in ("legal", "problem", "call", "words"):
        when.value(name, yes_or_no, False)
    if all(value is False for value in when.raw.values()):
        when.problems.append(PolicyMistake(when.key, "sets nothing, so it would never fit"))


def _check_words(table: Table, steps: int) -> None:
    """The words of one language; as many steps as the playbook has.

    Each is one line, within what a post in Slack can hold with all the others.
    """
    table.required("title", _line(TITLE_MAX), "")
    said = table.required("steps", _many(_line(LINE_MAX), STEPS_MAX), ())
    if said and steps and len(said) != steps:
        table.wrong("steps", f"has {len(said)} sentences for {steps} steps", "one for each step")
    for name in ("say", "never", "warn"):
        lines = table.value(name, _several(_line(LINE_MAX)), ())
        if len(lines) > LINES_MAX:
            table.wrong(name, "has too many entries", f"at most {LINES_MAX}")
    table.value("words", _several(_phrase), ())
    table.value("exit", _line(LINE_MAX), "")


def _several(parse: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    """A parser for a list, which may be empty."""
    return list_of(parse)


def _many(parse: Callable[[object], Any], most: int) -> Callable[[object], tuple[Any, ...]]:
    """A parser for a list with one entry at least, and at most so many."""

    def parse_all(value: object) -> tuple[Any, ...]:
        found: tuple[Any, ...] = list_of(parse)(value)
        if not 1 <= len(found) <= most:
            raise WrongValueError(f"it has {len(found)} entries", f"1 to {most}")
        return found

    return parse_all


def _line(most: int) -> Callable[[object], str]:
    """A parser for one line of text that is not blank."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise WrongValueError(f"{value!r} is not one line of text", "words between quotes")
        if len(value) > most:
            raise WrongValueError(f"{value[:40]!r}… is too long", f"at most {most} characters")
        return value

    return parse


def _phrase(value: object) -> str:
    """A phrase of the customer by which a playbook fits: two words that tell something."""
    line = _line(LINE_MAX)(value)
    if len(search_words(line)) < 2:
        raise WrongValueError(f"{line!r} says too little", "two words at least that tell something")
    return line


def _step(value: object) -> str:
    """``technical_lead 15``: a role, and minutes from the start.

    The role is named as it is stored. Raises WrongValueError.
    """
    role, _, minutes = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if not minutes.isdecimal() or not minutes.isascii() or int(minutes) > MINUTES_MAX:
        raise WrongValueError(
            f"{value!r} is no step", 'a role and minutes from the start: "technical_lead 15"'
        )
    return f"{one_of(Role)(role)} {minutes}"


def _share(value: object) -> str:
    """``resolution 150``: a clock, and how much of its time it has used, in percent.

    Raises WrongValueError.
    """
    kind, _, share = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if not share.isdecimal() or not share.isascii() or not 1 <= int(share) <= 1000:
        raise WrongValueError(f"{value!r} is no share", 'a clock and percent: "resolution 150"')
    return f"{one_of(ClockKind)(kind)} {share}"


def _say(name: str, text: str, mistake: PolicyMistake) -> str:
    """A mistake as a line: file, line where it is known, key, what is allowed."""
    line = find_line(text, mistake.key)
    where = f"{name} line {line}" if line else name
    return f"{where}: {mistake}"


def find_line(text: str, key: str) -> int | None:
    """In which line of a file, from 1, a key such as ``en.steps`` or ``when[1].late`` stands.

    That of the table or list in which it would be where it is not written itself; None for none.
    """
    parts = re.sub(r"\[\d+\]", "", key).split(".")
    lines = text.splitlines()
    begin, found = 0, None
    if parts[0] in {each.value for each in Language}:
        heading = re.compile(rf"\s*\[\s*{re.escape(parts[0])}\s*\]")
        begin = _first(lines, heading, 0) or 0
        found = begin or None
        parts = parts[1:]
    for part in parts:
        place = _first(
            lines, re.compile(rf"\s*{re.escape(part)}\s*=|.*[{{,]\s*{re.escape(part)}\s*="), begin
        )
        found, begin = (place, place - 1) if place else (found, begin)
    return found


def _first(lines: Sequence[str], pattern: re.Pattern[str], begin: int) -> int | None:
    """The first line, counted from 1, at or after ``begin`` (from 0) that the pattern begins."""
    numbered = enumerate(lines[begin:], start=begin + 1)
    return next((number for number, line in numbered if pattern.match(line)), None)


def unknown_keys(named: Sequence[str], known: Sequence[str]) -> list[str]:
    """A line for each key that the policy names and no playbook has, with what may be meant."""
    said = []
    for key in named:
        if key not in known:
            near = nearest_word(key, known)
            meant = f"; did you mean {near!r}?" if near else ""
            said.append(f"[playbooks] by_hand: there is no playbook {key!r}{meant}")
    return said

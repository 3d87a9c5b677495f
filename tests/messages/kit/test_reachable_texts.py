"""No text is kept that no code can reach.

A key is reached when the code has it as a string, when an f-string makes it of words that the
code has too (``f"status.{word}"``), or when a template asks for it.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bot.rules.words import Language, Severity
from handlers.commands import TABLE
from messages.kit.texts import FAMILIES, own_texts

ROOT = Path(__file__).parents[3]
FOLDERS = ("bot", "handlers", "messages", "storage", "cli")
ANY = "\0"  # stands for what an f-string fills in
PLURAL = re.compile(r"\.(zero|one|two|few|many|other)$")
# How a template asks: text("state.paused"), say("send"), text("ask." ~ it.page ~ "_name").
ASKED = re.compile(r"""["']([\w.]+)["'](\s*~[^"'~]+)?(?:~\s*["'](\w+)["'])?""")
# Texts of these families have one word for their name: it is not put together of two.
WHOLE = ("refusal.", "field.", "answer.", "help.")


def sources() -> Iterator[ast.AST]:
    """The product's modules, parsed."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))


def templates() -> Iterator[str]:
    """Everything that is filled in: texts, pages, and templates among the texts."""
    for pattern in ("templates/*/*.j2", "locale/en/*.toml", "customers/html/*.html"):
        for path in (ROOT / "messages").glob(pattern):
            yield from re.findall(r"{[{%].*?[%}]}", path.read_text(encoding="utf-8"), re.DOTALL)


def shape(node: ast.JoinedStr) -> str:
    """An f-string with ``ANY`` for what is filled in."""
    return "".join(str(p.value) if isinstance(p, ast.Constant) else ANY for p in node.values)


def named(node: ast.AST) -> Iterator[str]:
    """The words that a node brings: a string, a number, or the name of an argument."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        yield str(node.value)
    if isinstance(node, ast.keyword | ast.arg) and node.arg:
        yield node.arg
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    if isinstance(node, ast.Name):
        yield node.id.lower()


@cache
def words() -> frozenset[str]:
    """Strings of the code that may be keys, or words of keys; docstrings are never one word."""
    found = {row.name for row in TABLE} | {word.label.lower() for word in Severity} | {""}
    for tree in sources():
        for node in ast.walk(tree):
            found.update(named(node))
    for part in templates():
        found.update(key for key, filled, _ in ASKED.findall(part) if not filled)
    return frozenset(found)


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """The keys and words that f-strings and templates put together."""
    shapes = {
        shape(node)
        for tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
    }
    shapes |= {
        key + ANY + end
        for part in templates()
        for key, filled, end in ASKED.findall(part)
        if filled
    }
    return tuple(
        re.compile("(.*)".join(map(re.escape, each.split(ANY))))
        for each in sorted(shapes)
        if re.fullmatch(r"[\w.\0]*[a-z]{2}[\w.\0]*", each)
    )


def made(key: str, depth: int = 2, *, joined: bool = True) -> bool:
    """Whether a key, or a word of one, stands in the code or is put together of such words.

    ``joined``: it may be two words with a ``_`` between them that no f-string holds.
    """
    if key in words():
        return True
    two = (key.split("_", n) for n in range(1, key.count("_") + 1))
    if joined and any(all(part in words() for part in each) for each in two):
        return True
    found = (pattern.fullmatch(key) for pattern in patterns())
    return depth > 0 and any(
        all(made(part, depth - 1, joined=joined) for part in match.groups())
        for match in found
        if match
    )


@cache
def labels() -> frozenset[str]:
    """The names of the field's words, and of what names its family itself (``press.claim``)."""
    return frozenset(
        f"{family}.{name}"
        for kind, family in FAMILIES.items()
        for word in kind
        for name in (word.name.lower(), word.value)
    )


def reached(key: str) -> bool:
    """Whether any code can come to a text."""
    family, _, rest = key.partition(".")
    if family == "template":
        return rest.rpartition(".")[2] in words()
    joined = not key.startswith(WHOLE)
    return key in labels() or (family == "press" and made(rest)) or made(key, joined=joined)


def test_every_text_is_reached() -> None:
    keys = own_texts(Language.ENGLISH)
    dead = [key for key in keys if not reached(key) and not reached(PLURAL.sub("", key))]
    assert dead == []


def test_a_text_without_a_reader_is_noticed() -> None:
    assert not reached("refusal.frobnicated")
    assert not reached("answer.frobnicated_cases")
    assert reached("refusal.wrong_status_now")

"""The recipes of docs/extending.md, as changes that can be made to a copy of the program.

A block of the page says in its title what is done to which file: ``add=FILE``, ``append=FILE``,
``insert=FILE after=LINE`` (or ``before=``), ``replace=FILE line=LINE``. A block titled
``without=…`` quotes what refuses when the changes to that file, or the one that consists of that
line, are left out.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "extending.md"
PRODUCT = ("bot", "cli", "handlers", "messages", "sandbox", "storage")
VERSIONS = Path("storage", "migrations", "versions")
NEWEST = "NEWEST"  # on the page, for the version that the newest migration leads to

_HEADING = re.compile(r"^## (.+)$")
_BLOCK = re.compile(r"^```(\w+) (add|append|insert|replace|without)=(.+)$")
_PLACE = re.compile(r"(\S+)(?: (after|before|line)=(.+))?")


@dataclass(frozen=True, slots=True)
class Change:
    """One block: ``lines`` are put to ``file`` at the line that reads ``anchor``, if any."""

    recipe: int
    do: str  # add, append, replace, after, before
    file: str
    anchor: str
    lines: tuple[str, ...]

    def apply(self, folder: Path) -> None:
        """Make the change in a copy of the program. Raises ValueError for an anchor that is not
        exactly one line of the file.
        """
        path, text = folder / self.file, "\n".join(self.lines) + "\n"
        if self.do == "add":
            assert not path.exists(), f"{self.file} is there already"
            path.write_text(text.replace(NEWEST, _newest(folder)), encoding="utf-8")
            return
        before = path.read_text(encoding="utf-8")
        gap = "\n\n" if path.suffix == ".py" else ""
        after = before + gap + text if self.do == "append" else self._placed(before.splitlines())
        path.write_text(after, encoding="utf-8")

    def _placed(self, known: list[str]) -> str:
        found = [number for number, line in enumerate(known) if line.strip() == self.anchor]
        if len(found) != 1:
            raise ValueError(f"{self.file} has {len(found)} lines {self.anchor!r}")
        at = found[0]
        before = known[: at + (self.do == "after")]
        behind = known[at + (self.do in {"after", "replace"}) :]
        return "\n".join([*before, *self.lines, *behind]) + "\n"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is said when the changes ``without`` are left out of a recipe and those before it."""

    recipe: int
    without: str
    said: str

    def leaves_out(self, change: Change) -> bool:
        """Whether the change is the one, or of the file, that is left out."""
        own = change.recipe == self.recipe
        return own and self.without in {change.file, *(line.strip() for line in change.lines)}


def read_page(text: str) -> tuple[list[Change], list[Refusal]]:
    """The changes and the refusals of a page, in their order; recipes are counted from 1."""
    changes: list[Change] = []
    refusals: list[Refusal] = []
    for recipe, do, rest, lines in _blocks(text):
        if do == "without":
            refusals.append(Refusal(recipe, rest, "\n".join(lines)))
            continue
        place = _PLACE.fullmatch(rest)
        assert place, rest
        file, side, anchor = place[1], place[2] or "", place[3] or ""
        changes.append(Change(recipe, side if do == "insert" else do, file, anchor, tuple(lines)))
    return changes, refusals


def _blocks(text: str) -> Iterator[tuple[int, str, str, list[str]]]:
    """Each titled block: the recipe's number, what its title says, its lines."""
    recipe, lines = 0, iter(text.splitlines())
    for line in lines:
        recipe += bool(_HEADING.match(line))
        if found := _BLOCK.match(line):
            inside = list(iter(lines.__next__, "```"))
            yield recipe, found[2], found[3], inside


def caption_of(do: str, rest: str) -> str:
    """The line above a block, by which a reader of the rendered page knows what its title says."""
    place = _PLACE.fullmatch(rest)
    file, side, anchor = (place[1], place[2], place[3]) if place else ("", "", "")
    match do:
        case "add":
            return f"New file {_code(file)}:"
        case "append":
            return f"At the end of {_code(file)}:"
        case "insert":
            return f"In {_code(file)}, {side} {_code(anchor)}:"
        case "replace":
            return f"In {_code(file)}, instead of {_code(anchor)}:"
    return f"Without {_code(rest)}:"


def _code(text: str) -> str:
    """As code; what the program does not have is set apart from the paths that a page names."""
    return f"`{text}`" if (ROOT / text).exists() else f"` {text} `"


def captions(text: str) -> Iterator[tuple[str, str]]:
    """The line above each titled block, and what it should be."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if found := _BLOCK.match(line):
            yield lines[number - 2], caption_of(found[2], found[3])


def copy_program(folder: Path) -> None:
    """Copy the program as it is, without tests and documents, into an empty folder."""
    for name in PRODUCT:
        shutil.copytree(ROOT / name, folder / name)
    for name in ("app.py", "pyproject.toml"):
        shutil.copy2(ROOT / name, folder / name)


def apply_all(changes: Iterable[Change], folder: Path) -> None:
    """Make the changes one after the other."""
    for change in changes:
        change.apply(folder)


def restore(changes: Iterable[Change], folder: Path) -> None:
    """Put every file that they touch back to what the program has, or away."""
    for file in {change.file for change in changes}:
        original = ROOT / file
        if original.exists():
            shutil.copyfile(original, folder / file)
        else:
            (folder / file).unlink(missing_ok=True)


def _newest(folder: Path) -> str:
    return max(path.name for path in (folder / VERSIONS).glob("[0-9]*.py")).partition("_")[0]

"""Who reads what: names, constants and patterns of the product's code, from its syntax trees."""

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACES = ("app.py", "bot", "cli", "handlers", "messages", "storage")
WORD = r"[\w-]+"


@dataclass
class Code:
    """What one file names."""

    path: str
    attributes: set[str] = field(default_factory=set)
    constants: set[str] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)


@cache
def product() -> tuple[Code, ...]:
    """Every file of the product but the migrations."""
    files = [ROOT / PLACES[0], *(f for place in PLACES[1:] for f in (ROOT / place).rglob("*.py"))]
    return tuple(_read(file) for file in files if "versions" not in file.parts)


def _read(file: Path) -> Code:
    code = Code(str(file.relative_to(ROOT)))
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            code.attributes.add(node.attr)
        elif isinstance(node, ast.keyword) and node.arg:
            code.constants.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            code.constants.add(node.target.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documented:
                code.constants.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            code.patterns.add(_pattern(node))
    return code


def _pattern(node: ast.JoinedStr) -> str:
    """A formatted string as a regular expression; what is filled in stands in groups."""
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(re.escape(str(part.value)))
        else:
            parts.append(f"({WORD}(?:\\.{WORD})*)")
    return "".join(parts)


def names_attribute(name: str, *, but: tuple[str, ...] = ()) -> bool:
    """Whether a file other than ``but`` reads an attribute of that name."""
    return any(name in code.attributes for code in product() if code.path not in but)

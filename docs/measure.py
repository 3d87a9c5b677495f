"""How easily somebody finds their way in the code, as figures: ``python -m docs.measure``.

Each figure has the value that is wanted and the limit that holds today. ``make lint`` fails when
a figure passes its limit; whoever makes one better lowers its limit in the same change.
"""

import ast
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACES = ("app.py", "bot", "cli", "handlers", "messages", "storage")  # the product itself
LEFT_OUT = ("storage/migrations/versions",)  # written once, never changed again
VAGUE = re.compile(r"\b(whoever|somebody|nobody|whose)\b", re.IGNORECASE)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED = (ast.Module, ast.ClassDef, *FUNCTIONS)


@dataclass(slots=True)
class Code:
    """What is measured: each file with its lines and its syntax tree."""

    lines: dict[Path, int] = field(default_factory=dict)
    filled: dict[Path, int] = field(default_factory=dict)  # lines that are not blank
    trees: dict[Path, ast.Module] = field(default_factory=dict)

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of every file."""
        for tree in self.trees.values():
            yield from ast.walk(tree)

    def docstrings(self) -> list[str]:
        """Every docstring of a module, class or function."""
        found = (ast.get_docstring(n) for n in self.nodes() if isinstance(n, DOCUMENTED))
        return [text for text in found if text]

    def constants(self) -> Iterator[ast.expr]:
        """The value of each constant of a module that holds several things."""
        for tree in self.trees.values():
            for node in tree.body:
                value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
                if value is not None and not isinstance(value, ast.Constant):
                    yield value

    def verbs(self) -> frozenset[object]:
        """The verbs of all intents; those of one word are words of the field as well."""
        named = (
            node.value.value
            for node in self.nodes()
            if isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id == "verb"
            and isinstance(node.value, ast.Constant)
        )
        return frozenset(name for name in named if "_" in str(name))

    def public_functions(self) -> dict[str, set[Path]]:
        """The modules in which each public function of a module's top level is defined."""
        found: dict[str, set[Path]] = defaultdict(set)
        for path, tree in self.trees.items():
            for node in tree.body:
                if isinstance(node, FUNCTIONS) and not node.name.startswith("_"):
                    found[node.name].add(path)
        return found


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. Where ``more`` is true, a higher value is the better one."""

    name: str
    measure: Callable[[Code], float]
    limit: float
    wanted: float
    more: bool = False

    def fails(self, value: float) -> bool:
        """Whether ``value`` is past the limit."""
        return value < self.limit if self.more else value > self.limit


def read(root: Path = ROOT) -> Code:
    """The product's code below ``root``."""
    code = Code()
    for place in PLACES:
        top = root / place
        for path in [top] if top.is_file() else sorted(top.rglob("*.py")):
            if not path.relative_to(root).as_posix().startswith(LEFT_OUT):
                text = path.read_text(encoding="utf-8")
                code.lines[path] = text.count("\n")
                code.filled[path] = sum(bool(line.strip()) for line in text.split("\n"))
                code.trees[path] = ast.parse(text)
    return code


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _high(values: Sequence[int]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def largest_folder(code: Code) -> float:
    """Modules that lie in one folder, at most; what the folder itself says is none."""
    modules = (path for path in code.lines if path.name != "__init__.py")
    return max(Counter(path.parent for path in modules).values())


def longest_file(code: Code) -> float:
    """Lines of the longest file."""
    return max(code.lines.values())


def high_file(code: Code) -> float:
    """Lines that 95 % of files do not pass."""
    return round(_high(list(code.lines.values())))


def function_lines(code: Code) -> list[int]:
    """Lines of each function, from its ``def`` to its end, without its docstring."""
    found = (node for node in code.nodes() if isinstance(node, FUNCTIONS))
    return [_span(node) - (_span(node.body[0]) if ast.get_docstring(node) else 0) for node in found]


def _span(node: ast.stmt) -> int:
    """Lines from the first to the last of a statement."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def repeated_names(code: Code) -> float:
    """Percent of public function names that more than one module defines."""
    found = code.public_functions()
    return _percent(sum(len(where) > 1 for where in found.values()), len(found))


def single_words(code: Code) -> float:
    """Percent of public function names that are one word."""
    found = code.public_functions()
    return _percent(sum("_" not in name for name in found), len(found))


def vague_docstrings(code: Code) -> float:
    """Percent of docstrings that speak of whoever, somebody, nobody or whose."""
    found = code.docstrings()
    return _percent(sum(bool(VAGUE.search(text)) for text in found), len(found))


def docstring_share(code: Code) -> float:
    """Percent of the lines with something on them that stand in docstrings."""
    said = sum(len(text.split("\n")) - text.count("\n\n") for text in code.docstrings())
    return _percent(said, sum(code.filled.values()))


def verb_tables(code: Code) -> float:
    """Tables of verbs in which one verb is a row, at most; the registry names its intent's class.

    Where less than a quarter of the rows are verbs it is no table of verbs, as that of the notices.
    """
    verbs = code.verbs()
    found = Counter[object]()
    for node in code.constants():
        rows = [frozenset(_row_names(row)) & verbs for row in _rows(node)]
        if 4 * sum(map(bool, rows)) >= len(rows):
            found.update(frozenset[object]().union(*rows))
    return max(found.values(), default=0) + 1


def _rows(table: ast.expr) -> Sequence[ast.expr | None]:
    """The rows of a table; of a mapping its keys."""
    if isinstance(table, ast.Call) and len(table.args) == 1:  # frozenset({...})
        table = table.args[0]
    return table.keys if isinstance(table, ast.Dict) else getattr(table, "elts", ())


def _row_names(row: ast.expr | None) -> Iterator[object]:
    """By what a row is named: its key, what it begins with or does."""
    parts = row.args if isinstance(row, ast.Call) else getattr(row, "elts", [row])
    for part in parts:
        if isinstance(part, ast.Constant):
            yield str(part.value).rpartition(":")[2]  # ``do:claim`` leads to claim


def classes_called_desk(code: Code) -> float:
    """Classes that bear the product's name."""
    return sum(isinstance(node, ast.ClassDef) and node.name == "Desk" for node in code.nodes())


def bare_states(code: Code) -> float:
    """Plain strings that are given to, or compared with, something called a state."""
    return sum(_stated(node) for node in code.nodes())


def _stated(node: ast.AST) -> int:
    match node:
        case ast.Compare(left=left, comparators=others):
            sides = [left, *others]
            return _strings(*sides) if any(_is_state(side) for side in sides) else 0
        case ast.Assign(targets=targets, value=value):
            return _strings(value) if any(_is_state(each) for each in targets) else 0
        case ast.AnnAssign(target=target, value=value) if value is not None:
            return _strings(value) if _is_state(target) else 0
        case ast.keyword(arg="state", value=value):
            return _strings(value)
    return 0


def _is_state(node: ast.AST) -> bool:
    """Whether ``x.state``, ``state`` or ``col(X.state)`` is spoken of."""
    if isinstance(node, ast.Call):
        return any(_is_state(each) for each in node.args)
    name = getattr(node, "attr", getattr(node, "id", ""))
    return name == "state" or name.endswith("_state")


def _strings(*nodes: ast.AST) -> int:
    """Plain strings in these, those in a collection too."""
    parts = (part for node in nodes for part in [node, *getattr(node, "elts", ())])
    return sum(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in parts)


FIGURES = (
    Figure("files in the largest folder", largest_folder, limit=15, wanted=15),
    Figure("lines of the longest file", longest_file, limit=400, wanted=400),
    Figure("lines of a file, p95", high_file, limit=335, wanted=320),
    Figure("lines of a function, p95", lambda code: _high(function_lines(code)), 23, 23),
    Figure("lines of the longest function", lambda code: max(function_lines(code)), 50, 50),
    Figure("function names in several modules, %", repeated_names, limit=5, wanted=5),
    Figure("function names of one word, %", single_words, limit=30, wanted=30),
    Figure("docstrings with whoever, somebody …, %", vague_docstrings, limit=2, wanted=2),
    Figure("docstring share of lines, %", docstring_share, limit=18, wanted=18, more=True),
    Figure("tables in which a verb is a row", verb_tables, limit=5, wanted=5),
    Figure("classes called Desk", classes_called_desk, limit=0, wanted=0),
    Figure("states as plain strings", bare_states, limit=0, wanted=0),
)


def report(code: Code) -> tuple[str, bool]:
    """The table of all figures, and whether each keeps its limit."""
    lines = [f"{'':42}{'now':>7}{'limit':>7}{'wanted':>8}"]
    kept = True
    for figure in FIGURES:
        value = figure.measure(code)
        kept = kept and not figure.fails(value)
        mark = "  past its limit" if figure.fails(value) else ""
        lines.append(f"{figure.name:42}{value:7g}{figure.limit:7g}{figure.wanted:8g}{mark}")
    return "\n".join(lines), kept


if __name__ == "__main__":
    said, kept = report(read())
    sys.stdout.write(said + "\n")
    sys.exit(0 if kept else 1)

"""``python -m benchmarks.report benchmarks/latest.json``: the figures into docs/performance.md.

Between marks the page holds what a run measured: where, the table, a sentence for each target
that was missed (``reasons``), and the pictures. Everything else is written by hand.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks import charts
from benchmarks.figures import Figure, short, table
from benchmarks.reasons import reason

PAGE = Path("docs/performance.md")
PICTURES = Path("docs/images")
KEPT = Path("docs/performance.json")
NAMES = {f.name for f in fields(Figure)}


def write(source: Path) -> None:
    """Fill the marked parts of the page, draw the pictures, keep the figures beside it."""
    found = source.read_text(encoding="utf-8")
    run = json.loads(found)
    charts.draw(run["figures"], PICTURES)
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), run), encoding="utf-8")
    KEPT.write_text(found, encoding="utf-8")


def filled(text: str, run: Mapping[str, Any]) -> str:
    """The page with the figures of a run, as ``figures.write`` keeps it, between its marks."""
    figures = [Figure(**{k: v for k, v in f.items() if k in NAMES}) for f in run["figures"]]
    pictures = charts.pictures(run["figures"])
    parts = {
        "run": _run(run, figures),
        "figures": table(figures),
        "misses": misses(figures),
        "pictures": "\n\n".join(f"![{title}](images/{name})" for title, name, _ in pictures),
    }
    for name, content in parts.items():
        text = _put(text, name, content)
    return text


def _put(text: str, name: str, content: str) -> str:
    first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
    if first not in text or last not in text:
        raise ValueError(f"the page has no marks {first} … {last}")
    before, _, rest = text.partition(first)
    after = rest.partition(last)[2]
    return f"{before}{first}\n\n{content.strip()}\n\n{last}{after}"


def _run(run: Mapping[str, Any], figures: Sequence[Figure]) -> str:
    where = run["machine"]
    judged = [f.met for f in figures if f.met is not None]
    took = f" in {run['seconds']} s" if "seconds" in run else ""
    quick = " with `--quick`" if run.get("quick") else ""
    return (
        f"{where['cores']} cores of {where['processor']}, {where['system']}, Python"
        f" {where['python']}; `make bench`{quick}{took}, load over five minutes at its end"
        f" {run.get('load', 'unknown')}. {sum(judged)} of {len(judged)} targets met."
        f" The figures [as JSON](performance.json). {run.get('note', '')}"
    )


def misses(figures: Sequence[Figure]) -> str:
    """Each target that was missed, grouped by the reason, with the figures beside it."""
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        if figure.met is False:
            found.setdefault(reason(figure), []).append(figure)
    if not found:
        return "None."
    return "\n".join(f"- {why} ({'; '.join(map(_missed, some))})" for why, some in found.items())


def _missed(figure: Figure) -> str:
    if figure.judged == "ratio" and figure.ratio is not None:
        return f"{figure.name}: {figure.ratio:.2f} ×"
    return f"{figure.name}: {short(figure.value)} {figure.unit}"


if __name__ == "__main__":
    write(Path(sys.argv[1]))

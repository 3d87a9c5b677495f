"""Affected customers pasted as lines of CSV: customer, evidence, link. Pure.

``Acme; cannot export since Monday; https://acme.example/t/1``. Whether a customer has an account is
asked afterwards, by bot/problems/affected.py.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass

from bot.rules.languages import find_languages, read_data
from bot.rules.names import fold_name

LINES_MAX = 200  # customers in one paste
FOUND_MAX = 10  # mistakes told at once; more would not be read
HEADERS = frozenset(
    heading
    for code in find_languages()
    for heading in read_data(code, "reading.toml").get("csv", {}).get("customer", ())
)


@dataclass(frozen=True, slots=True)
class Line:
    """One customer: as typed, with the evidence and where it can be seen.

    ``number`` is the line in the paste, from 1, headings and empty lines counted.
    """

    number: int
    customer: str
    evidence: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a line; ``kind`` is a text under ``field.lines_``."""

    line: int
    kind: str
    quote: str = ""


def read_affected(text: str) -> tuple[list[Line], list[Mistake]]:
    """The lines, and everything that is wrong with them. A heading line is skipped.

    Commas, semicolons and tabs part the columns, whichever the first line has most of. A line with
    a mistake is not among the lines. Of more than ``LINES_MAX`` the first are read, with the
    mistake ``many``. Kinds: empty, many, customer, evidence, columns, link.
    """
    rows = [(n, row) for n, row in enumerate(_rows(text), start=1) if any(c.strip() for c in row)]
    if rows and rows[0][1][0].strip().lower() in HEADERS:
        rows = rows[1:]
    lines: list[Line] = []
    mistakes: list[Mistake] = []
    if not rows:
        mistakes.append(Mistake(1, "empty"))
    if len(rows) > LINES_MAX:
        mistakes.append(Mistake(rows[LINES_MAX][0], "many", str(LINES_MAX)))
    for number, row in rows[:LINES_MAX]:
        line = _line(number, [cell.strip() for cell in row], mistakes)
        if line is not None:
            lines.append(line)
    return lines, mistakes


def _rows(text: str) -> list[list[str]]:
    first = text.strip().partition("\n")[0]
    comma = max(",;\t", key=first.count)
    return list(csv.reader(text.strip().splitlines(), delimiter=comma))


def _line(number: int, cells: list[str], mistakes: list[Mistake]) -> Line | None:
    """A line of the file; None for one with a mistake, which is added to ``mistakes``.

    ``number`` is the line's, from 1, as editors count.
    """
    customer, evidence, link = (*cells, "", "", "")[:3]
    if not customer:
        mistakes.append(Mistake(number, "customer"))
    elif not evidence:
        mistakes.append(Mistake(number, "evidence", customer))
    elif len(cells) > 3 and any(cells[3:]):
        mistakes.append(Mistake(number, "columns", customer))
    elif link and not link.startswith(("https://", "http://")):
        mistakes.append(Mistake(number, "link", link))
    else:
        return Line(number, customer, evidence, link)
    return None


def repeated_lines(lines: list[Line], keys: Mapping[int, str]) -> list[Mistake]:
    """Lines of a customer who stood in an earlier one, as mistakes of the kind ``twice``.

    ``keys`` tells customers apart by line; without a key the name as typed does.
    """
    seen: set[str] = set()
    found = []
    for line in lines:
        key = keys.get(line.number, fold_name(line.customer))
        if key in seen:
            found.append(Mistake(line.number, "twice", line.customer))
        seen.add(key)
    return found

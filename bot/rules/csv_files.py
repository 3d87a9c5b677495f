"""Files of rows, as spreadsheets write and read them: CSV with any separator. Pure.

Read by ``bot/people/accounts_csv.py``, written by the exports of the command line.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SEPARATORS = ",;\t|"
BYTE_ORDERS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NAMED_SEPARATOR = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)  # Excel's own first line
# Where a cell may begin, whatever separates the cells, and what makes a formula of it there.
FORMULA = re.compile(r"""((?:^|[,;\t|:\r\n"']| (?=\S\S))[\s"]*)([=+\-@＝＋－＠])""")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


class UnreadableFileError(Exception):
    """What cannot be read as rows; ``line`` is where that shows, from 1.

    ``message`` is in English and names the way out; as text the line stands before it.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``line`` is the one on which it begins, from 1."""

    line: int
    cells: list[str]


def read_rows(content: bytes) -> list[Row]:
    """The rows of a CSV file that are not blank, the heading first.

    UTF-8 or UTF-16 with its byte order mark; lines end as on Windows, Unix or an old Mac. Commas,
    semicolons, tabs or bars separate the columns: what the first line has most of outside of
    quotation marks, or what its ``sep=`` says. Raises UnreadableFileError.
    """
    text = _decoded(content)
    named = NAMED_SEPARATOR.match(text)
    separator = named[1] if named else _most_frequent(text)
    rows = _rows(text[named.end() :] if named else text, separator, 1 if named else 0)
    return [row for row in rows if any(cell.strip() for cell in row.cells)]


def _decoded(content: bytes) -> str:
    """The file's text, with ``\\n`` as the only line end."""
    encoding = "utf-16" if content.startswith(BYTE_ORDERS) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n?|\n", content[: error.start])) + 1
        raise UnreadableFileError(
            line, "not UTF-8 text: save the file as “CSV UTF-8” and import it again"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _most_frequent(text: str) -> str:
    """The separator that the first line has most of; the first of ``SEPARATORS`` for a tie."""
    heading = re.sub(r'"[^"]*"', "", text.lstrip("\n").partition("\n")[0])
    return max(SEPARATORS, key=heading.count)


def _rows(text: str, separator: str, line: int) -> Iterator[Row]:
    """Every row, blank ones too; ``line`` counts the lines before the text.

    A row begins where the one before it ended, so a cell of several lines does not disturb the
    count. Raises UnreadableFileError at the row that cannot be read, after those before it.
    """
    before = line
    reader = csv.reader(
        io.StringIO(text), delimiter=separator, strict=True, skipinitialspace=separator != " "
    )
    try:
        for cells in reader:
            yield Row(line + 1, cells)
            line = before + reader.line_num
    except csv.Error as error:
        raise UnreadableFileError(
            line + 1,
            "a quotation mark in this row is not closed, or text stands behind a closed one: "
            f"write a quotation mark inside of a cell twice ({error})",
        ) from None


def safe_cell(value: Any) -> str:
    """A cell that a spreadsheet shows as text and never runs as a formula.

    Whatever separator it is opened with: an apostrophe goes before each sign that would begin a
    formula at the start of the cell, or behind what may separate cells. ``=1+1`` becomes
    ``'=1+1``, ``x;=1+1`` becomes ``x;'=1+1``. Objects and lists are JSON, an empty one and None
    nothing; numbers stay as they are.
    """
    if value is None or value in ({}, []):
        return ""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    text = str(value)
    return text if NUMBER.fullmatch(text) else FORMULA.sub(r"\1'\2", text)

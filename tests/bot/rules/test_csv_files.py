"""Cells that no spreadsheet runs, whatever it takes for a separator."""

import csv
import io

import pytest

from bot.rules.csv_files import read_rows, safe_cell

HOSTILE = (
    "=1+1", "x;=1+1", "x,+1", "x\t@SUM(1)", " =1", "a\n=1", "a\r\n=1", 'x;"=1+1"',
    "x =cmd|' /C calc'!A0",
    "x|=1", "x:=1", "'=1", "＝1+1", "x; \t=1", "-cmd()", "+30 210", {"why": ";=1+1"}, ["=1", "@x"],
)  # fmt: skip


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", ":", " "])
@pytest.mark.parametrize("value", HOSTILE)
def test_no_piece_of_a_cell_begins_as_a_formula(value: object, separator: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerow(["first", safe_cell(value), "last"])
    lines = file.getvalue().splitlines()
    for row in csv.reader(lines, delimiter=separator):
        assert not [cell for cell in row if cell.strip(' \t"').startswith(tuple("=+-@＝＋－＠"))]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ({}, ""),
        (-5, "-5"),
        ("2026-11-28", "2026-11-28"),
        ("don't - ever", "don't - ever"),
    ],
)
def test_what_is_harmless_stays_as_it_is(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


def test_a_row_is_counted_where_it_begins() -> None:
    rows = read_rows(b'name,tier\nA,"x\ny"\n\nB,z\n')
    assert [row.line for row in rows] == [1, 2, 5]


def test_separators_inside_quotation_marks_do_not_count() -> None:
    [heading] = read_rows(b'"Name, full, official";tier')
    assert heading.cells == ["Name, full, official", "tier"]

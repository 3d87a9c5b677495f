"""A report as rows for a spreadsheet: UTF-8 with a mark for Excel, a part after the other."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from bot.rules.csv_files import safe_cell
from messages.reports.sheet import ReportSheet


def write_rows(rows: Iterable[Iterable[object]], *, mark: bool = True) -> bytes:
    """Rows as UTF-8, no cell of which is taken for a formula.

    Lines end as spreadsheets expect it (RFC 4180). ``mark`` puts the mark for Excel first.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return (("\ufeff" if mark else "") + out.getvalue()).encode()


def report_rows(sheet: ReportSheet) -> bytes:
    """The whole report; each row begins with the heading of its part."""
    return write_rows(_rows(sheet))


def _rows(sheet: ReportSheet) -> Iterator[Sequence[object]]:
    """Its rows: title, tiles, then each part with its table and remark, and the notes."""
    yield sheet.title, sheet.subtitle
    for tile in sheet.tiles:
        yield tile.name, tile.value, tile.remark
    for part in sheet.parts:
        yield ()
        yield part.heading, *part.table.columns
        for row in part.table.rows:
            yield part.heading, *row
        if part.remark:
            yield part.heading, part.remark
    yield ()
    for note in sheet.notes:
        yield (note,)

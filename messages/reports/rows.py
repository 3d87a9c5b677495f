"""A report as rows for a spreadsheet: UTF-8 with a mark for Excel, a part after the other."""

import csv
from io import StringIO

from bot.rules.csv_files import safe_cell
from messages.reports.sheet import ReportSheet


def report_rows(sheet: ReportSheet) -> bytes:
    """The whole report; each row begins with the heading of its part.

    Lines end as spreadsheets expect it (RFC 4180). No cell is taken for a formula.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(sheet.title), safe_cell(sheet.subtitle)])
    for tile in sheet.tiles:
        writer.writerow([safe_cell(each) for each in (tile.name, tile.value, tile.remark)])
    for part in sheet.parts:
        writer.writerow([])
        writer.writerow([safe_cell(each) for each in (part.heading, *part.table.columns)])
        for row in part.table.rows:
            writer.writerow([safe_cell(each) for each in (part.heading, *row)])
        if part.remark:
            writer.writerow([safe_cell(part.heading), safe_cell(part.remark)])
    writer.writerow([])
    for note in sheet.notes:
        writer.writerow([safe_cell(note)])
    return ("\ufeff" + out.getvalue()).encode()

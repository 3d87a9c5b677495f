"""A report as a PDF: A4, figures first, then each part with its chart and its table.

Tables are tables, headings are bookmarks, and each chart has its sentence for those who do not see
it. Drawing takes a second: not in the loop's own thread.
"""

from fpdf.fonts import FontFace

from messages.reports.charts import draw_png
from messages.reports.paper import BLUE, INK, PALE, SOFT, WIDTH, Paper
from messages.reports.sheet import Part, ReportSheet

LINE, SMALL_LINE = 5.0, 4.4  # mm
TILES = 3  # side by side
TILE_HEIGHT = 20  # mm
CHART_WIDTH = 140  # mm
NEEDED, CHARTED = 40, 115  # mm that a part wants, without and with a chart, to begin on a page
FIRST = 0.42  # of the width for a table's first column


def draw_report(sheet: ReportSheet) -> bytes:
    """Draw the whole report; the same sheet gives the same file, byte for byte."""
    page = _ReportPaper(sheet.title, sheet.subtitle, sheet.language.value, sheet.made_at)
    page.add_page()
    page.write_title(sheet.title, sheet.subtitle)
    page.write_tiles(sheet)
    for part in sheet.parts:
        page.write_part(part)
    page.write_small(sheet.notes)
    return bytes(page.output())


class _ReportPaper(Paper):
    """The sheets of a report.

    Where a part begins on another page it does so as a whole: heading, chart and first rows.
    """

    def write_tiles(self, sheet: ReportSheet) -> None:
        """The first figures, three side by side, as many rows as they need.

        What does not fit into its place is cut; the tables below have it whole.
        """
        gap, top = 4, self.get_y()
        width = (WIDTH - gap * (TILES - 1)) / TILES
        self.set_fill_color(*PALE)
        for number, tile in enumerate(sheet.tiles):
            row, place = divmod(number, TILES)
            left = self.l_margin + place * (width + gap)
            high = top + row * (TILE_HEIGHT + gap)
            self.rect(left, high, width, TILE_HEIGHT, style="F")
            for down, text, size, colour, bold in (
                (2, tile.name, 8.5, SOFT, False), (7, tile.value, 14, INK, True),
                (14, tile.remark, 8.5, SOFT, False),
            ):  # fmt: skip
                self.set_xy(left + 2, high + down)
                self.ink(colour, size, bold=bold)
                self.cell(width - 4, SMALL_LINE, self.fitting(text, width - 4))
        rows = -(-len(sheet.tiles) // TILES)
        self.set_xy(self.l_margin, top + rows * (TILE_HEIGHT + gap))

    def write_part(self, part: Part) -> None:
        """A part: heading, chart, table, remark; it begins on another page where little is left."""
        charted = part.chart is not None and not part.chart.empty
        if self.will_page_break(CHARTED if charted else NEEDED):
            self.add_page()
        self.ln(3)
        self.start_section(self.known(part.heading))
        self.ink(BLUE, 12.5, bold=True)
        self.put(WIDTH, 7, part.heading)
        if part.chart is not None and not part.chart.empty:
            self.image(
                draw_png(part.chart), w=CHART_WIDTH,
                alt_text=self.known(part.chart.said or part.heading),
            )  # fmt: skip
            self.ln(1)
        self._table(part)
        if part.remark:
            self.ink(SOFT, 9)
            self.put(WIDTH, SMALL_LINE, part.remark)

    def _table(self, part: Part) -> None:
        """The table, its first column wider; its headings are repeated on another page."""
        self.ink(INK, 9)
        columns = part.table.columns
        rest = (1 - FIRST) / max(len(columns) - 1, 1)
        heading = FontFace(emphasis="BOLD", color=INK, fill_color=PALE)
        with self.table(
            col_widths=tuple([FIRST] + [rest] * (len(columns) - 1)), width=WIDTH,
            headings_style=heading, line_height=LINE, text_align="LEFT", first_row_as_headings=True,
            borders_layout="HORIZONTAL_LINES",
        ) as table:  # fmt: skip
            for row in (columns, *part.table.rows):
                drawn = table.row()
                for cell in row:
                    drawn.cell(self.known(cell))

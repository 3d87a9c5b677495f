"""A quarterly brief as a PDF: its steps on a pale ground, then its parts with pairs and lines.

Each part is a bookmark. Drawing takes a fraction of a second: not in the loop's own thread.
"""

from typing import cast

from fpdf.enums import MethodReturnValue

from messages.reports.paper import BLUE, INK, LINE, MARGIN, PALE, SMALL_LINE, SOFT, WIDTH, Paper
from messages.sponsorship.brief import Part, Sheet

LABEL = 52  # mm, of a pair's first part
BULLET, INDENT = "•", 5  # mm


def draw_pdf(sheet: Sheet) -> bytes:
    """Draw the whole brief. The same sheet gives the same file, byte for byte.

    Answers the bytes of the file, about 25 kB. Reads the font's two files each time.
    """
    page = _BriefPaper(sheet.title, sheet.subtitle, sheet.language.value, sheet.made_at)
    page.add_page()
    page.write_title(sheet.title, sheet.subtitle)
    page.write_part(sheet.steps, framed=True)
    for part in sheet.parts:
        page.write_part(part)
    page.write_small(sheet.footer)
    return bytes(page.output())


class _BriefPaper(Paper):
    """The sheets of a brief."""

    def write_part(self, part: Part, *, framed: bool = False) -> None:
        """A part under its heading; a framed one stands on a pale ground.

        The heading is a bookmark of the file, and keeps at least two lines on its page.
        """
        if self.will_page_break(3 * LINE):
            self.add_page()  # a heading does not stand alone at the end of a page
        self.ln(2)
        self.start_section(self.known(part.heading))
        self.ink(BLUE, 12.5, bold=True)
        self.put(WIDTH, 7, part.heading)
        self.set_fill_color(*PALE)
        for name, value in part.pairs:
            self._pair(name, value)
        for line in part.lines:
            self._line(line, filled=framed)
        if part.remark:
            self.ink(SOFT, 9.5)
            self.put(WIDTH, SMALL_LINE, part.remark)
        self.ln(1)

    def _pair(self, name: str, value: str) -> None:
        """What, and beside it how much; both begin at the same height.

        A pair of which not even two lines fit begins on the next page.
        """
        if self.will_page_break(2 * LINE):
            self.add_page()
        self.ink(SOFT, 10.5)
        self.cell(LABEL, LINE, self.known(name))
        self.ink(INK, 10.5)
        self.put(WIDTH - LABEL, LINE, value)

    def _line(self, text: str, *, filled: bool) -> None:
        """A line behind a bullet, its further lines below its first letter.

        Filled lines stand close together, so that they make one ground.
        """
        self.ink(INK, 10.5)
        width = WIDTH - INDENT
        if filled:
            lines = self.multi_cell(
                width, LINE, self.known(text), dry_run=True, output=MethodReturnValue.LINES
            )
            height = LINE * len(cast(list[str], lines))
            self.rect(MARGIN, self.get_y(), WIDTH, height, style="F")
        self.cell(INDENT, LINE, BULLET)
        self.put(width, LINE, text)
        if not filled:
            self.ln(0.8)

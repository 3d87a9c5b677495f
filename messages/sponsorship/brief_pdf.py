"""A quarterly brief as a PDF: A4, in Latin and Greek letters, its text to be searched and read out.

The font comes with the package ``ttf_opensans`` and is put into the file as far as its letters are
used; a letter that it lacks becomes a question mark. Title, language and date stand in the file,
and each part is a bookmark. Drawing takes a fraction of a second: not in the loop's own thread.
"""

from importlib.resources import files
from pathlib import Path
from typing import cast

from fpdf import FPDF, ViewerPreferences, XPos, YPos
from fpdf.enums import MethodReturnValue
from fpdf.fonts import TTFFont

from messages.sponsorship.brief import Part, Sheet

FAMILY = "OpenSans"
MARGIN, WIDTH, TOP = 20, 170, 16  # mm, of 210
LABEL = 52  # mm, of a pair's first part
LINE, SMALL_LINE = 5.4, 4.6  # mm
INK, SOFT, BLUE, PALE = (29, 28, 29), (89, 89, 89), (11, 87, 164), (240, 244, 249)
BULLET, INDENT = "•", 5  # mm
FOOT = 14  # mm, kept free for the page's number


def draw_pdf(sheet: Sheet) -> bytes:
    """Draw the whole brief. The same sheet gives the same file, byte for byte.

    Answers the bytes of the file, about 25 kB. Reads the font's two files each time.
    """
    page = _Paper(sheet)
    page.add_page()
    page.write_title()
    page.write_part(sheet.steps, framed=True)
    for part in sheet.parts:
        page.write_part(part)
    page.write_footer_lines()
    return bytes(page.output())


def _font_file(style: str) -> Path:
    """The font's file; ``style`` is ``Regular`` or ``Bold``."""
    return Path(str(files("ttf_opensans") / "ttf" / f"OpenSans-{style}.ttf"))


class _Paper(FPDF):
    """The sheets, top to bottom, with the page's number on each.

    What the library writes into the file about itself is set here: title, language, date.
    """

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self._sheet = sheet
        for style, name in (("", "Regular"), ("B", "Bold")):
            self.add_font(FAMILY, style, _font_file(name))
        # The font is one of ours, which has a table of its letters.
        self._letters = frozenset(cast(TTFFont, self.fonts[FAMILY.lower()]).cmap)
        self.set_margins(MARGIN, TOP)
        self.set_auto_page_break(auto=True, margin=FOOT + 2)
        self.set_title(self._known(sheet.title))
        self.set_subject(self._known(sheet.subtitle))
        self.set_lang(sheet.language.value)
        self.set_creator("Escalation Desk")
        self.set_creation_date(sheet.made_at)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)

    def _known(self, text: str) -> str:
        """The text with a question mark for each letter that the font lacks."""
        return "".join(each if ord(each) in self._letters else "?" for each in text)

    def footer(self) -> None:
        """The page's number, on every page."""
        self.set_y(-FOOT)
        self._ink(SOFT, 8.5)
        self.cell(WIDTH, SMALL_LINE, f"{self.page_no()} / {{nb}}", align="R")

    def write_title(self) -> None:
        """The account and the quarter."""
        self._ink(INK, 20, bold=True)
        self._put(WIDTH, 9, self._sheet.title)
        self._ink(SOFT, 11)
        self._put(WIDTH, LINE, self._sheet.subtitle)
        self.ln(3)

    def write_part(self, part: Part, *, framed: bool = False) -> None:
        """A part under its heading; a framed one stands on a pale ground.

        The heading is a bookmark of the file, and keeps at least two lines on its page.
        """
        if self.will_page_break(3 * LINE):
            self.add_page()  # a heading does not stand alone at the end of a page
        self.ln(2)
        self.start_section(self._known(part.heading))
        self._ink(BLUE, 12.5, bold=True)
        self._put(WIDTH, 7, part.heading)
        self.set_fill_color(*PALE)
        for name, value in part.pairs:
            self._pair(name, value)
        for line in part.lines:
            self._line(line, filled=framed)
        if part.remark:
            self._ink(SOFT, 9.5)
            self._put(WIDTH, SMALL_LINE, part.remark)
        self.ln(1)

    def write_footer_lines(self) -> None:
        """As of when, and for whom."""
        self.ln(4)
        self._ink(SOFT, 9)
        for line in self._sheet.footer:
            self._put(WIDTH, SMALL_LINE, line)

    def _pair(self, name: str, value: str) -> None:
        """What, and beside it how much; both begin at the same height.

        A pair of which not even two lines fit begins on the next page.
        """
        if self.will_page_break(2 * LINE):
            self.add_page()
        self._ink(SOFT, 10.5)
        self.cell(LABEL, LINE, self._known(name))
        self._ink(INK, 10.5)
        self._put(WIDTH - LABEL, LINE, value)

    def _line(self, text: str, *, filled: bool) -> None:
        """A line behind a bullet, its further lines below its first letter.

        Filled lines stand close together, so that they make one ground.
        """
        self._ink(INK, 10.5)
        width = WIDTH - INDENT
        if filled:
            lines = self.multi_cell(
                width, LINE, self._known(text), dry_run=True, output=MethodReturnValue.LINES
            )
            height = LINE * len(cast(list[str], lines))
            self.rect(MARGIN, self.get_y(), WIDTH, height, style="F")
        self.cell(INDENT, LINE, BULLET)
        self._put(width, LINE, text)
        if not filled:
            self.ln(0.8)

    def _put(self, width: float, height: float, text: str) -> None:
        """Text in so much width, down to where the next line begins.

        Measures are in millimetres; ``height`` is of one line. Text goes on over a page's end.
        """
        self.multi_cell(
            width, height, self._known(text), align="L",
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip

    def _ink(self, color: tuple[int, int, int], size: float, *, bold: bool = False) -> None:
        self.set_font(FAMILY, "B" if bold else "", size)
        self.set_text_color(*color)

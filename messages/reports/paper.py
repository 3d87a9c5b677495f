"""Sheets of paper, as PDF: A4, in Latin and Greek letters, their text to be searched and read out.

The font comes with the package ``ttf_opensans`` and is put into the file as far as its letters are
used; a letter that it lacks becomes a question mark. Title, language and date stand in the file.
"""

from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import cast

from fpdf import FPDF, ViewerPreferences, XPos, YPos
from fpdf.fonts import TTFFont

FAMILY = "OpenSans"
MARGIN, WIDTH, TOP = 20, 170, 16  # mm, of 210
LINE, SMALL_LINE = 5.4, 4.6  # mm
INK, SOFT, BLUE, PALE = (29, 28, 29), (89, 89, 89), (11, 87, 164), (240, 244, 249)
FOOT = 14  # mm, kept free for the page's number


def _font_file(style: str) -> Path:
    """The font's file; ``style`` is ``Regular`` or ``Bold``."""
    return Path(str(files("ttf_opensans") / "ttf" / f"OpenSans-{style}.ttf"))


class Paper(FPDF):
    """The sheets, top to bottom, with the page's number on each.

    What the library writes into the file about itself is set here: title, language, date.
    """

    def __init__(self, title: str, subtitle: str, language: str, made_at: datetime) -> None:
        """Begin an A4 document with our font; nothing is drawn yet.

        ``language`` is for screen readers, ``made_at`` aware; signs that the font lacks are
        replaced.
        """
        super().__init__(format="A4")
        for style, name in (("", "Regular"), ("B", "Bold")):
            self.add_font(FAMILY, style, _font_file(name))
        # The font is one of ours, which has a table of its letters.
        self._letters = frozenset(cast(TTFFont, self.fonts[FAMILY.lower()]).cmap)
        self.set_margins(MARGIN, TOP)
        self.set_auto_page_break(auto=True, margin=FOOT + 2)
        self.set_title(self.known(title))
        self.set_subject(self.known(subtitle))
        self.set_lang(language)
        self.set_creator("Escalation Desk")
        self.set_creation_date(made_at)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)

    def known(self, text: str) -> str:
        """The text with a question mark for each letter that the font lacks."""
        return "".join(each if ord(each) in self._letters else "?" for each in text)

    def fitting(self, text: str, width: float) -> str:
        """As much of a line as fits in so many millimetres, in the present font."""
        shown = self.known(text)
        while shown and self.get_string_width(shown) > width:
            shown = shown[:-2].rstrip() + "…"
        return shown

    def footer(self) -> None:
        """The page's number, on every page."""
        self.set_y(-FOOT)
        self.ink(SOFT, 8.5)
        self.cell(WIDTH, SMALL_LINE, f"{self.page_no()} / {{nb}}", align="R")

    def write_title(self, title: str, subtitle: str) -> None:
        """What it is, and of when."""
        self.ink(INK, 20, bold=True)
        self.put(WIDTH, 9, title)
        self.ink(SOFT, 11)
        self.put(WIDTH, LINE, subtitle)
        self.ln(3)

    def write_small(self, lines: Iterable[str]) -> None:
        """What stands at the end, in small letters."""
        self.ln(4)
        self.ink(SOFT, 9)
        for line in lines:
            self.put(WIDTH, SMALL_LINE, line)

    def put(self, width: float, height: float, text: str) -> None:
        """Text in so much width, down to where the next line begins.

        Measures are in millimetres; ``height`` is of one line. Text goes on over a page's end.
        """
        self.multi_cell(
            width, height, self.known(text), align="L",
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip

    def ink(self, color: tuple[int, int, int], size: float, *, bold: bool = False) -> None:
        """Choose colour and size of what is written next."""
        self.set_font(FAMILY, "B" if bold else "", size)
        self.set_text_color(*color)

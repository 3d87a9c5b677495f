"""HTML from strangers as the words that a reader would see. Pure, and linear in its length.

lxml reads it as a stream of events: a parser that builds the tree of HTML5 can be made to repeat
elements without end, and Python's own ``html.parser`` looks from each open ``<`` to the end.
"""

import re
from collections.abc import Mapping

from lxml import etree

HTML_MAX = 1024 * 1024  # characters that are read; a newsletter has some 100,000
DEPTH_MAX = 400  # elements inside each other; looking for what an end tag ends takes so long
CHUNK = 16 * 1024  # bytes
CUT = "\n[…]"  # stands where reading stopped

UNSEEN = frozenset({"script", "style", "head", "title", "template"})
APART = frozenset(
    {"p", "blockquote", "table", "ul", "ol", "dl", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
)  # stand apart from what is around them
BLOCKS = APART | frozenset(
    {"div", "tr", "li", "dt", "dd", "hr", "section", "article", "header", "footer", "form",
     "center", "address", "fieldset", "body"}
)  # fmt: skip
CELLS = frozenset({"td", "th"})
QUOTES_MAX = 9  # quotes inside each other that are marked as such
BAR = "▏ "  # stands before what HTML quotes; unlike “>” no person types it
HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
BLANK = " \t\r\n\f"  # what HTML does not show; a no-break space alone is an empty line
STYLE_MAX = 2_000  # characters of a style that are looked at


class TooDeepError(Exception):
    """More elements inside each other than people write."""


class _Words:
    """Collects what a reader would see, line by line: a target of lxml's parser."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = [[]]
        self.marks = [0]  # quotes around each line
        self.open: list[bool] = []  # of each open element, whether it hides what is inside
        self.unseen = self.quoted = self.kept = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Blocks begin a line; what is not shown, and quotes, are counted."""
        if len(self.open) >= DEPTH_MAX:
            raise TooDeepError
        style = str(attributes.get("style", ""))[:STYLE_MAX]
        hides = tag in UNSEEN or HIDDEN.search(style) is not None
        self.open.append(hides)
        self.unseen += hides
        self.quoted += tag == "blockquote"
        self.kept += tag == "pre"
        if tag == "br" or tag in BLOCKS:
            self._begin_line(apart=tag == "br" or tag in APART)
        if tag == "li":
            self.lines[-1].append("- ")
        elif tag in CELLS:
            self.lines[-1].append(" ")

    def end(self, tag: str) -> None:
        """Blocks end a line."""
        if self.open:
            self.unseen -= self.open.pop()
        self.quoted -= tag == "blockquote"
        self.kept -= tag == "pre"
        if tag in BLOCKS:
            self._begin_line(apart=tag in APART)

    def data(self, text: str) -> None:
        """Keep what is shown; preformatted text keeps its lines."""
        if self.unseen:
            return
        first, *further = text.split("\n") if self.kept else [text]
        self.lines[-1].append(first)
        for line in further:
            self._begin_line()
            self.lines[-1].append(line)

    def close(self) -> str:
        """The words so far."""
        found = (
            BAR * mark + " ".join("".join(line).split())
            for line, mark in zip(self.lines, self.marks, strict=True)
        )
        text = "\n".join(line.rstrip() for line in found)
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def _begin_line(self, *, apart: bool = True) -> None:
        """Begin a line at the depth of quotes that holds now.

        ``apart``: an empty line before it stays, as it separates.
        """
        empty = not any(part.strip(BLANK) for part in self.lines[-1])
        if empty and (self.marks[-1] or not apart):  # blank lines of a quote separate nothing
            self.lines.pop()
            self.marks.pop()
        self.lines.append([])
        self.marks.append(min(self.quoted, QUOTES_MAX))


def html_text(html: str) -> str:
    """The words of a page of HTML, block by block; ``BAR`` stands before quotes.

    Beyond ``HTML_MAX`` characters or ``DEPTH_MAX`` elements nothing is read; then the words end
    with ``CUT``. Links keep their words and lose their address.
    """
    words = _Words()
    parser = etree.HTMLParser(target=words, encoding="utf-8", no_network=True, remove_pis=True)
    try:
        raw = html[:HTML_MAX].replace("\x00", "").encode("utf-8", "replace")
        for at in range(0, len(raw), CHUNK):  # what ends the reading is raised after a chunk
            parser.feed(raw[at : at + CHUNK])
        parser.close()
    except TooDeepError:
        return (words.close() + CUT).strip()
    except etree.LxmlError:  # there was no element and no word in it
        return words.close()
    return words.close() + (CUT if len(html) > HTML_MAX else "")

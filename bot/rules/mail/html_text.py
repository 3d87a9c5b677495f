"""HTML from strangers as the words that a reader would see. Pure, and linear in its length.

lxml reads it as a stream of events: a parser that builds the tree of HTML5 can be made to repeat
elements without end, and Python's own ``html.parser`` looks from each open ``<`` to the end.
"""

import re

from lxml import etree

HTML_MAX = 1024 * 1024  # characters that are read; a newsletter has some 100,000
DEPTH_MAX = 400  # elements inside each other; looking for what an end tag ends takes so long
CHUNK = 16 * 1024  # bytes
CUT = "\n[…]"  # stands where reading stopped

UNSEEN = frozenset({"script", "style", "head", "title", "template"})
BREAKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote"})


class TooDeepError(Exception):
    """More elements inside each other than people write."""


class _Words:
    """Collects what a reader would see, line by line: a target of lxml's parser."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = [[]]
        self.depth = self.unseen = self.quoted = 0

    def start(self, tag: str, _attributes: object) -> None:
        """Blocks begin a line; what is not shown, and quotes, are counted."""
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise TooDeepError
        self.unseen += tag in UNSEEN
        self.quoted += tag == "blockquote"
        if tag in BREAKS:
            self.lines.append([])

    def end(self, tag: str) -> None:
        """Blocks end a line."""
        self.depth -= 1
        self.unseen -= tag in UNSEEN
        self.quoted -= tag == "blockquote"
        if tag in BREAKS - {"br"}:
            self.lines.append([])

    def data(self, text: str) -> None:
        """Keep what is shown and not quoted."""
        if not self.unseen and not self.quoted:
            self.lines[-1].append(text)

    def close(self) -> str:
        """The words so far."""
        text = "\n".join(" ".join("".join(line).split()) for line in self.lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip()


def html_text(html: str) -> str:
    """The words of a page of HTML, block by block, without what is quoted (``blockquote``).

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

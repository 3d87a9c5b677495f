"""`markdown` blocks as HTML: the part of Markdown that Slack's block understands, escaped first."""

import re
from collections.abc import Callable

from markupsafe import Markup, escape

from sandbox.web.mrkdwn import anchor, emojis
from sandbox.web.reader import Reader

_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\[(?P<label>[^\]]+)\]\((?P<url>[^)\s]+)\)"
    r"|\*\*(?P<bold>.+?)\*\*|__(?P<bold2>.+?)__"
    r"|(?<!\w)[*_](?P<italic>[^*_\s](?:[^*_]*[^*_\s])?)[*_](?!\w)|~~(?P<strike>.+?)~~"
)
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"\s*(?:[-*+]|(?P<number>\d+)[.)])\s+(?:\[(?P<done>[ xX])\]\s+)?(?P<text>.*)")
_RULE = re.compile(r"\s*([-*_])(\s*\1){2,}\s*")
_DASHES = re.compile(r"[\s|:-]+")


def _inline(text: str, reader: Reader) -> Markup:
    match = _INLINE.search(text)
    if match is None:
        return escape(emojis(text))
    if match["code"]:
        piece = Markup("<code>{}</code>").format(match["code"])
    elif match["url"]:
        piece = anchor(match["url"], _inline(match["label"], reader), reader)
    else:
        name = next(key for key in ("bold", "bold2", "italic", "strike") if match[key])
        tag = {"bold": "b", "bold2": "b", "italic": "i", "strike": "s"}[name]
        piece = Markup("<{tag}>{}</{tag}>").format(_inline(match[name], reader), tag=tag)
    before = escape(emojis(text[: match.start()]))
    return before + piece + _inline(text[match.end() :], reader)


def _take(lines: list[str], belongs: Callable[[str], object]) -> list[str]:
    taken = []
    while lines and belongs(lines[0]):
        taken.append(lines.pop(0))
    return taken


def _fence(lines: list[str]) -> Markup:
    lines.pop(0)
    body = _take(lines, lambda line: not line.startswith("```"))
    del lines[:1]
    return Markup("<pre>{}</pre>").format("\n".join(body))


def _items(lines: list[str], reader: Reader) -> Markup:
    matches = [m for line in _take(lines, _ITEM.match) if (m := _ITEM.match(line))]
    tag = "ol" if matches[0]["number"] else "ul"
    boxes = {None: "", " ": "☐ ", "x": "☑ ", "X": "☑ "}
    drawn = Markup().join(
        Markup("<li>{}{}</li>").format(boxes[m["done"]], _inline(m["text"], reader))
        for m in matches
    )
    return Markup("<{tag}>{}</{tag}>").format(drawn, tag=tag)


def _table(lines: list[str], reader: Reader) -> Markup:
    rows = _take(lines, lambda line: line.lstrip().startswith("|"))
    drawn = Markup()
    for index, row in enumerate(rows):
        if index == 1 and _DASHES.fullmatch(row):
            continue
        tag = "th" if index == 0 else "td"
        cells = Markup().join(
            Markup("<{tag}>{}</{tag}>").format(_inline(cell.strip(), reader), tag=tag)
            for cell in row.strip().strip("|").split("|")
        )
        drawn += Markup("<tr>{}</tr>").format(cells)
    return Markup('<div class="table-scroll"><table>{}</table></div>').format(drawn)


def _paragraph(lines: list[str], reader: Reader) -> Markup:
    taken = [lines.pop(0), *_take(lines, lambda line: line.strip() and not _starts(line))]
    return Markup("<p>{}</p>").format(
        Markup("<br>").join(_inline(line.strip(), reader) for line in taken)
    )


def _starts(line: str) -> bool:
    """Whether the line begins something other than a paragraph."""
    marks = ("```", ">", "|")
    return line.startswith(marks) or bool(_HEADING.match(line) or _ITEM.match(line))


def markdown(text: str, reader: Reader) -> Markup:
    """Draw Markdown. Headings start at the third level, below the page's own."""
    lines = text.split("\n")
    drawn = Markup()
    while lines:
        line = lines[0]
        if not line.strip():
            lines.pop(0)
        elif line.startswith("```"):
            drawn += _fence(lines)
        elif heading := _HEADING.match(line):
            lines.pop(0)
            level = min(len(heading[1]) + 2, 6)
            drawn += Markup("<h{level}>{}</h{level}>").format(
                _inline(heading[2], reader), level=level
            )
        elif _RULE.fullmatch(line):
            lines.pop(0)
            drawn += Markup("<hr>")
        elif line.startswith(">"):
            quoted = _take(lines, lambda line: line.startswith(">"))
            inner = "\n".join(line[1:].removeprefix(" ") for line in quoted)
            drawn += Markup("<blockquote>{}</blockquote>").format(markdown(inner, reader))
        elif line.lstrip().startswith("|"):
            drawn += _table(lines, reader)
        elif _ITEM.match(line):
            drawn += _items(lines, reader)
        else:
            drawn += _paragraph(lines, reader)
    return drawn

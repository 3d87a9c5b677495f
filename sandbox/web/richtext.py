"""`rich_text` blocks as HTML: sections, lists, preformatted text and quotes."""

from collections.abc import Callable

from markupsafe import Markup, escape

from sandbox.state import Json
from sandbox.web.emoji import EMOJI
from sandbox.web.mrkdwn import anchor, channel, date, person
from sandbox.web.reader import Reader

_BROADCASTS = {"here", "channel", "everyone"}
_TAGS = (("code", "code"), ("strike", "s"), ("italic", "i"), ("bold", "b"))


def _text(element: Json, _reader: Reader) -> Markup:
    lines = str(element.get("text", "")).split("\n")
    return Markup("<br>").join(escape(line) for line in lines)


def _link(element: Json, reader: Reader) -> Markup:
    url = str(element.get("url", ""))
    return anchor(url, str(element.get("text") or url), reader)


def _emoji(element: Json, _reader: Reader) -> Markup:
    name = str(element.get("name", ""))
    return escape(EMOJI.get(name, f":{name}:"))


def _date(element: Json, reader: Reader) -> Markup:
    return date(
        str(element.get("timestamp", "")),
        str(element.get("format", "{date} {time}")),
        str(element.get("url") or ""),
        str(element.get("fallback") or ""),
        reader,
    )


def _broadcast(element: Json, _reader: Reader) -> Markup:
    word = str(element.get("range", ""))
    kind = " mention-all" if word in _BROADCASTS else ""
    return Markup('<span class="mention{}">@{}</span>').format(kind, word)


def _group(element: Json, reader: Reader) -> Markup:
    group = str(element.get("usergroup_id", ""))
    return Markup('<span class="mention">@{}</span>').format(reader.group_name(group) or group)


_INLINE: dict[str, Callable[[Json, Reader], Markup]] = {
    "text": _text,
    "link": _link,
    "emoji": _emoji,
    "date": _date,
    "broadcast": _broadcast,
    "usergroup": _group,
    "user": lambda element, reader: person(str(element.get("user_id", "")), "", reader),
    "channel": lambda element, reader: channel(str(element.get("channel_id", "")), "", reader),
    "color": lambda element, _reader: escape(element.get("value", "")),
}


def _inline(elements: list[Json], reader: Reader) -> Markup:
    drawn = Markup()
    for element in elements:
        draw = _INLINE.get(str(element.get("type")))
        piece = draw(element, reader) if draw else escape(element.get("text", ""))
        style = element.get("style") or {}
        for key, tag in _TAGS:
            if isinstance(style, dict) and style.get(key):
                piece = Markup("<{tag}>{}</{tag}>").format(piece, tag=tag)
        drawn += piece
    return drawn


def _list(element: Json, reader: Reader) -> Markup:
    tag = "ol" if element.get("style") == "ordered" else "ul"
    depth = min(int(element.get("indent") or 0), 8)
    items = Markup().join(
        Markup("<li>{}</li>").format(_inline(item.get("elements") or [], reader))
        for item in element.get("elements") or []
    )
    start = int(element.get("offset") or 0) + 1
    return Markup('<{tag} class="indent-{}"{}>{}</{tag}>').format(
        depth, Markup(' start="{}"').format(start) if tag == "ol" else "", items, tag=tag
    )


def rich_text(block: Json, reader: Reader) -> Markup:
    """Draw a whole `rich_text` block or table cell; elements of unknown type keep their text."""
    drawn = Markup()
    for element in block.get("elements") or []:
        inner = element.get("elements") or []
        kind = element.get("type")
        if kind == "rich_text_list":
            drawn += _list(element, reader)
        elif kind == "rich_text_preformatted":
            drawn += Markup("<pre>{}</pre>").format(_inline(inner, reader))
        elif kind == "rich_text_quote":
            drawn += Markup("<blockquote>{}</blockquote>").format(_inline(inner, reader))
        else:
            drawn += Markup("<p>{}</p>").format(_inline(inner, reader))
    return drawn

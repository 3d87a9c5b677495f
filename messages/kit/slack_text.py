"""What people read in Slack, from what Slack hands over: marks become words. Pure.

Slack writes mentions, links and dates as ``<@U123>``, ``<https://…|name>``, ``<!date^…|…>``, with
``&``, ``<`` and ``>`` escaped, and an alert may have its words in blocks and attachments alone.
"""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.rules.names import fold_name

Names = Mapping[str, str]  # of people and channels, by id

TOKEN = re.compile(r"<(?=[@#!]|[a-zA-Z][\w+.-]*:)([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
DATE = re.compile(r"date\^(-?\d{1,12})\^")
STYLES = tuple(
    re.compile(rf"(?<![\w{mark}]){mark}(?=\S)([^{mark}\n]+?)(?<=\S){mark}(?![\w{mark}])")
    for mark in (r"\*", "_", "~", "`")
)
FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
UNREAD = frozenset({"actions", "divider", "input", "file"})  # blocks without words of their own


def read_tokens(text: str, names: Names | None = None) -> str:
    """Text with mentions, links, dates and entities as people see them; the rest as it is.

    ``names`` are those of people and channels; without one the mark's own label stands, else the
    id.
    """
    return html.unescape(TOKEN.sub(lambda found: _token(found, names or {}), text))


def read_mrkdwn(text: str, names: Names | None = None) -> str:
    """As ``read_tokens``, without the signs of bold, italic, struck and code text."""
    text = FENCE.sub(r"\1", text)
    for style in STYLES:
        text = style.sub(r"\1", text)
    return read_tokens(text, names)


def _token(found: re.Match[str], names: Names) -> str:
    sign, target, label = found[1], found[2], found[3] or ""
    if sign == "!":
        return _special(target, label)
    if sign:
        return sign + (names.get(target) or label or target).lstrip("@#")
    return _link(target, label)


def _special(target: str, label: str) -> str:
    """A group, everybody here, or a date."""
    if (date := DATE.match(target)) is not None:
        return label or _moment(int(date[1]))
    name = label or target.partition("^")[2] or target
    return f"@{name.lstrip('@')}"


def _moment(seconds: int) -> str:
    """Write epoch seconds in UTC; as digits where no calendar has such an instant."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, OSError, ValueError):
        return str(seconds)


def _link(target: str, label: str) -> str:
    """An address by its label, with the address behind it where the label is other words."""
    bare = re.sub(r"^(?:mailto|tel):", "", target)
    shown = re.sub(r"^https?://|/$", "", bare)
    if not label or label in (target, bare) or re.sub(r"^https?://|/$", "", label) == shown:
        return bare
    return f"{label} ({bare})"


def mentioned_ids(message: Mapping[str, Any]) -> set[str]:
    """The ids of all people and channels that a message names anywhere.

    Searched is the message as Python writes it, so a name in any key counts, at any depth.
    """
    text = str(message)
    marked = re.findall(r"<[@#]([UWC][A-Z0-9_]{1,30})", text)
    return {*marked, *re.findall(r"'(?:user|channel)_id': '([UWC][A-Z0-9_]{1,30})'", text)}


def read_message(message: Mapping[str, Any], names: Names | None = None) -> str:
    """All words of a message, a part a line: text, blocks, attachments, names of files.

    What says nothing new is left out: a message's text repeats its blocks as a rule.
    """
    found: list[str] = []
    said = ""
    for part in _parts(message, names or {}):
        folded = re.sub(r"[\W_]+", "", fold_name(part))
        if (folded and folded not in said) or (not folded and part.strip() and not found):
            found.append(part.strip())
            said += folded
    return "\n".join(found)


def _parts(message: Mapping[str, Any], names: Names) -> Iterator[str]:
    yield read_mrkdwn(str(message.get("text") or ""), names)
    yield from _blocks(message.get("blocks"), names)
    for attachment in _mappings(message.get("attachments")):
        yield from _attachment(attachment, names)
    for file in _mappings(message.get("files")):
        yield str(file.get("title") or file.get("name") or "")


def _attachment(attachment: Mapping[str, Any], names: Names) -> Iterator[str]:
    """Everything that an attachment shows; its fallback where it shows nothing."""
    shown = [
        read_mrkdwn(str(attachment.get(key) or ""), names) for key in ("pretext", "author_name")
    ]
    title, link = str(attachment.get("title") or ""), str(attachment.get("title_link") or "")
    shown.append(_link(link, read_mrkdwn(title, names)) if link else read_mrkdwn(title, names))
    shown.append(read_mrkdwn(str(attachment.get("text") or ""), names))
    for field in _mappings(attachment.get("fields")):
        pair = (str(field.get(key) or "") for key in ("title", "value"))
        shown.append(": ".join(read_mrkdwn(each, names) for each in pair if each))
    shown += _blocks(attachment.get("blocks"), names)
    for inner in _mappings(attachment.get("message_blocks")):
        message = inner.get("message")
        shown += _blocks(message.get("blocks") if isinstance(message, Mapping) else None, names)
    shown.append(read_mrkdwn(str(attachment.get("footer") or ""), names))
    if not any(shown):
        shown.append(read_mrkdwn(str(attachment.get("fallback") or ""), names))
    yield from shown


def _blocks(blocks: object, names: Names) -> Iterator[str]:
    for block in _mappings(blocks):
        kind = block.get("type")
        if kind == "rich_text":
            yield "\n".join(_rich_lines(block.get("elements"), names))
        elif kind not in UNREAD:
            yield from _texts(block, names)


def _texts(part: Any, names: Names) -> Iterator[str]:
    """The words of a block of any kind: its text objects, wherever they are in it."""
    if isinstance(part, list | tuple):
        for each in part:
            yield from _texts(each, names)
    if not isinstance(part, Mapping) or part.get("type") == "button":
        return
    for key in ("title", "text", "fields", "elements", "rows", "alt_text"):
        value = part.get(key)
        if isinstance(value, str):
            plain = part.get("type") in ("plain_text", "raw_text")
            yield html.unescape(value) if plain else read_mrkdwn(value, names)
        elif isinstance(value, Mapping) and value.get("type") == "rich_text":
            yield "\n".join(_rich_lines(value.get("elements"), names))
        else:
            yield from _texts(value, names)


def _rich_lines(elements: object, names: Names, mark: str = "") -> Iterator[str]:
    """The lines of rich text; items of a list have a bullet."""
    for element in _mappings(elements):
        if element.get("type") == "rich_text_list":
            yield from _rich_lines(element.get("elements"), names, "• ")
        else:
            words = (_rich_word(each, names) for each in _mappings(element.get("elements")))
            yield mark + "".join(words)


def _rich_word(element: Mapping[str, Any], names: Names) -> str:
    """The words of one element of rich text; "" for a kind without any."""
    kind = element.get("type")
    if kind in ("user", "channel"):
        key = str(element.get(f"{kind}_id") or "")
        return ("@" if kind == "user" else "#") + (names.get(key) or key)
    if kind == "link":
        return _link(str(element.get("url") or ""), str(element.get("text") or ""))
    if kind == "emoji":
        return f":{element.get('name')}:"
    if kind == "date":
        stamp = element.get("timestamp")
        return str(element.get("fallback") or (_moment(stamp) if isinstance(stamp, int) else ""))
    if kind in ("broadcast", "usergroup"):
        return f"@{element.get('range') or element.get('usergroup_id') or ''}"
    return str(element.get("text") or "")


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects in a list; nothing of what is neither."""
    for each in value if isinstance(value, list | tuple) else ():
        if isinstance(each, Mapping):
            yield each

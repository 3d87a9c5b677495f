"""What a workspace shows in the end, without what differs from run to run: ids and instants."""

import re
from collections import Counter
from typing import Any

from sandbox.state import Channel, Message
from sandbox.workspace import Workspace

ID = re.compile(r"\b[CDFV]\d{3}[0-9A-F]{8}\b")
# The number of a row: PostgreSQL's sequences go on where a transaction was rolled back.
ROW = re.compile(r'"(case|talk|ask|handover|action|draft|message)": ?\d+')
CASE = re.compile(r"\b(ESC|esc)-\d+")  # one case is told of; on PostgreSQL its number may skip too
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
BLOCK = re.compile(r"'block_id': '[\w-]+'")
PERMALINK = re.compile(r"/p\d{16}|\b\d{10}\.\d{6}\b")

SHOWN = 240  # characters of a message in a difference


def picture(workspace: Workspace) -> dict[str, Any]:
    """Every channel and DM: members, pins, bookmarks, topic, and every message in its order."""
    names = {c.id: _name(c) for c in workspace.channels.values()}
    return {
        names[c.id]: _channel(workspace, c, names)
        for c in sorted(workspace.channels.values(), key=_name)
        if not c.is_im or any(m.metadata for m in c.messages.values())
    }


def _name(channel: Channel) -> str:
    return "+".join(sorted(channel.members)) if channel.is_im else CASE.sub(r"\1-N", channel.name)


def _channel(workspace: Workspace, channel: Channel, names: dict[str, str]) -> dict[str, Any]:
    said, joined, cards = [], Counter[str](), []
    for message in channel.messages.values():
        if channel.is_im and message.metadata is None:
            continue  # a private answer that found no other way: told at best, not for certain
        text = _plain(workspace, message, names, closed=channel.is_im)
        if message.subtype in {"channel_join", "group_join"}:
            joined[message.user] += 1
        elif message.ts in channel.pins or message.subtype:
            cards.append(text)  # a lane of their own: their place among the others may vary
        else:
            said.append(text)
    return {
        "said": said,
        "cards": sorted(cards),
        "joined": sorted(joined.items()),
        "members": sorted(channel.members),
        "pins": len(channel.pins),
        "bookmarks": sorted((b.title, b.link) for b in channel.bookmarks.values()),
        "topic": CASE.sub(r"\1-N", channel.topic.value),
        "archived": channel.is_archived,
    }


def _plain(
    workspace: Workspace, message: Message, names: dict[str, str], *, closed: bool = False
) -> str:
    """The message in words. ``closed``: as it is once its buttons have done what they say.

    That a pressed button is replaced by what was done is a private answer, so it is at best.
    """
    files = [workspace.files[f].name for f in message.files]
    blocks = [b for b in message.blocks or () if not (closed and _is_button_or_mark(b))]
    text = f"{message.user} {message.subtype or ''} {message.text} {blocks} {files}"
    text = ID.sub(lambda m: names.get(m[0], "ID"), text)
    text = CASE.sub(r"\1-N", ROW.sub(r'"\1":N', text))
    return PERMALINK.sub("TS", UUID.sub("UUID", BLOCK.sub("", text)))


def _is_button_or_mark(block: dict[str, Any]) -> bool:
    said = block["elements"][0].get("text") if block["type"] == "context" else ""
    return block["type"] == "actions" or str(said).startswith("✓")


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What is missing, too much, or in another order, in words."""
    lines = [f"no {name}" for name in expected.keys() - found.keys()]
    lines += [f"stray {name}" for name in found.keys() - expected.keys()]
    for name in sorted(expected.keys() & found.keys()):
        for part, wanted in expected[name].items():
            if found[name][part] != wanted:
                lines += [f"{name}.{part}: {line}" for line in _unlike(wanted, found[name][part])]
    return lines


def _unlike(wanted: Any, found: Any) -> list[str]:
    if not isinstance(wanted, list):
        return [f"{wanted!r} is {found!r}"]
    lacks = Counter(map(str, wanted)) - Counter(map(str, found))
    extra = Counter(map(str, found)) - Counter(map(str, wanted))
    lines = [f"lacks {n} × {text[:SHOWN]}" for text, n in lacks.items()]
    lines += [f"has {n} × {text[:SHOWN]}" for text, n in extra.items()]
    return lines or ["in another order"]

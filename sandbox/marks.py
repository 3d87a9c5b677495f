"""What people and bots put on messages and channels: reactions, pins, bookmarks."""

import re

from sandbox.conversation_access import require_member, require_open
from sandbox.errors import SlackError
from sandbox.posting import permalink
from sandbox.shapes import message_object
from sandbox.state import Bookmark, Channel, Json, Message, Pin
from sandbox.workspace import Workspace

PINS_MAX = 100  # per channel; too_many_pins
BOOKMARKS_MAX = 100  # per channel; too_many_bookmarks
EMOJI_PER_MESSAGE_MAX = 23  # different emoji by one person; too_many_emoji
EMOJI_NAME = re.compile(r"^[a-z0-9_+'-]+(::skin-tone-[2-6])?$")
TIMESTAMP = re.compile(r"^\d{10}\.\d{6}$")


def _message(channel: Channel, ts: str) -> Message:
    if not ts:
        raise SlackError("no_item_specified")
    if not TIMESTAMP.match(ts):
        raise SlackError("bad_timestamp")
    message = channel.messages.get(ts)
    if message is None:
        raise SlackError("message_not_found")
    return message


def _publish(ws: Workspace, channel: Channel, ts: str) -> None:
    ws.bus.publish({"type": "message", "channel": channel.id, "ts": ts, "change": "changed"})


def react(ws: Workspace, actor: str, channel_id: str, ts: str, name: str) -> None:
    """Add an emoji. Raises ``already_reacted``, ``invalid_name``, ``too_many_emoji`` …

    ``name`` may have colons and a skin tone (``thumbsup::skin-tone-2``). Membership is not asked
    for: who sees the channel may react. ``is_archived`` is told before anything about the message.
    """
    channel = ws.channel(channel_id, seen_by=actor)
    name = name.strip(":")
    if not EMOJI_NAME.match(name):
        raise SlackError("invalid_name")
    require_open(channel)
    message = _message(channel, ts)
    users = message.reactions.get(name, [])
    if actor in users:
        raise SlackError("already_reacted")
    if sum(actor in chosen for chosen in message.reactions.values()) >= EMOJI_PER_MESSAGE_MAX:
        raise SlackError("too_many_emoji")
    message.reactions[name] = [*users, actor]
    _reaction_event(ws, channel, message, "reaction_added", name, actor)


def unreact(ws: Workspace, actor: str, channel_id: str, ts: str, name: str) -> None:
    """Take one's emoji away. Raises ``no_reaction``.

    An archived channel does not hinder it; an emoji that no person holds any more disappears.
    """
    channel = ws.channel(channel_id, seen_by=actor)
    message = _message(channel, ts)
    name = name.strip(":")
    users = message.reactions.get(name, [])
    if actor not in users:
        raise SlackError("no_reaction")
    users.remove(actor)
    if not users:
        del message.reactions[name]
    _reaction_event(ws, channel, message, "reaction_removed", name, actor)


def _reaction_event(
    ws: Workspace, channel: Channel, message: Message, kind: str, name: str, actor: str
) -> None:
    event: Json = {
        "user": actor,
        "reaction": name,
        "item": {"type": "message", "channel": channel.id, "ts": message.ts},
        "item_user": message.user,
    }
    ws.emit(kind, event, channel.id, actor)
    _publish(ws, channel, message.ts)


def pin(ws: Workspace, actor: str, channel_id: str, ts: str) -> None:
    """Pin a message. Raises ``already_pinned``, ``not_in_channel``, ``too_many_pins`` …

    ``not_pinnable``: the channel is archived, or the line is one that Slack wrote itself. An
    ephemeral message is ``message_not_found``.
    """
    channel = ws.channel(channel_id, seen_by=actor)
    require_member(channel, actor)
    message = _message(channel, ts)
    if channel.is_archived or (message.subtype or "").startswith("channel_"):
        raise SlackError("not_pinnable")
    if ts in channel.pins:
        raise SlackError("already_pinned")
    if len(channel.pins) >= PINS_MAX:
        raise SlackError("too_many_pins")
    channel.pins[ts] = Pin(ts, actor, ws.epoch())
    event = {"user": actor, "channel_id": channel.id, "item": pin_object(ws, channel, ts)}
    ws.emit("pin_added", event, channel.id, actor)
    _publish(ws, channel, ts)


def unpin(ws: Workspace, actor: str, channel_id: str, ts: str) -> None:
    """Take a pin out. Raises ``no_pin``."""
    channel = ws.channel(channel_id, seen_by=actor)
    _message(channel, ts)
    if ts not in channel.pins:
        raise SlackError("no_pin")
    event = {"user": actor, "channel_id": channel.id, "item": pin_object(ws, channel, ts)}
    del channel.pins[ts]
    ws.emit("pin_removed", event, channel.id, actor)
    _publish(ws, channel, ts)


def pin_object(ws: Workspace, channel: Channel, ts: str) -> Json:
    """One item of pins.list.

    ``created`` is in epoch seconds, and the message has its ``permalink`` but no ``metadata``.
    Raises KeyError for what is not pinned.
    """
    message = channel.messages[ts]
    shown = message_object(ws, channel, message, metadata=False)
    return {
        "type": "message",
        "channel": channel.id,
        "created": channel.pins[ts].created,
        "created_by": channel.pins[ts].user,
        "message": {**shown, "permalink": permalink(ws, channel, message)},
    }


def add_bookmark(
    ws: Workspace, actor: str, channel_id: str, *, title: str, link: str, emoji: str = ""
) -> Bookmark:
    """Put a link on top of a channel. Raises ``invalid_link``, ``too_many_bookmarks`` …"""
    channel = _bookmarkable(ws, actor, channel_id)
    _check_link(link)
    _check_emoji(emoji)
    if len(channel.bookmarks) >= BOOKMARKS_MAX:
        raise SlackError("too_many_bookmarks")
    bookmark = Bookmark(
        ws.new_id("Bk"),
        channel.id,
        title,
        link,
        emoji,
        created=ws.epoch(),
        last_updated_by=actor,
    )
    channel.bookmarks[bookmark.id] = bookmark
    ws.bus.publish({"type": "channel", "channel": channel.id})
    return bookmark


def edit_bookmark(
    ws: Workspace,
    actor: str,
    channel_id: str,
    bookmark_id: str,
    *,
    title: str | None = None,
    link: str | None = None,
    emoji: str | None = None,
) -> Bookmark:
    """Change what is given, all of it or nothing.

    Raises ``not_found``, ``invalid_link``, ``invalid_emoji``.
    """
    channel = _bookmarkable(ws, actor, channel_id)
    bookmark = channel.bookmarks.get(bookmark_id)
    if bookmark is None:
        raise SlackError("not_found")
    if link is not None:
        _check_link(link)
    if emoji is not None:
        _check_emoji(emoji)
    bookmark.link = link if link is not None else bookmark.link
    bookmark.emoji = emoji if emoji is not None else bookmark.emoji
    bookmark.title = title if title is not None else bookmark.title
    bookmark.updated, bookmark.last_updated_by = ws.epoch(), actor
    ws.bus.publish({"type": "channel", "channel": channel.id})
    return bookmark


def remove_bookmark(ws: Workspace, actor: str, channel_id: str, bookmark_id: str) -> None:
    """Take a bookmark away. Raises ``not_found``."""
    channel = _bookmarkable(ws, actor, channel_id)
    if channel.bookmarks.pop(bookmark_id, None) is None:
        raise SlackError("not_found")
    ws.bus.publish({"type": "channel", "channel": channel.id})


def _bookmarkable(ws: Workspace, actor: str, channel_id: str) -> Channel:
    """The channel, for one who may change its bookmarks.

    ``permission_denied`` outside it and in an archived one. Apps get no event about bookmarks.
    """
    channel = ws.channel(channel_id, seen_by=actor)
    if actor not in channel.members or channel.is_archived:
        raise SlackError("permission_denied")
    return channel


def _check_link(link: str) -> None:
    if not re.match(r"^(https?|mailto):\S+$", link):
        raise SlackError("invalid_link")


def _check_emoji(emoji: str) -> None:
    if emoji and not re.match(r"^:[a-z0-9_+'-]+:$", emoji):
        raise SlackError("invalid_emoji")

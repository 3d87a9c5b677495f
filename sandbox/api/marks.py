"""pins.*, bookmarks.* and reactions.*."""

from sandbox import marks
from sandbox.api.call import Call, method
from sandbox.errors import SlackError
from sandbox.shapes import message_object
from sandbox.state import Bookmark, Json


def _channel_id(call: Call, name: str = "channel") -> str:
    if not call.text(name):
        raise SlackError("no_item_specified")
    return call.ws.channel(call.text(name), seen_by=call.actor).id


@method("pins.add")
def pins_add(call: Call) -> Json:
    """Pin a message."""
    marks.pin(call.ws, call.actor, _channel_id(call), call.text("timestamp"))
    return {}


@method("pins.remove")
def pins_remove(call: Call) -> Json:
    """Take a pin out."""
    marks.unpin(call.ws, call.actor, _channel_id(call), call.text("timestamp"))
    return {}


@method("pins.list")
def pins_list(call: Call) -> Json:
    """A channel's pins, newest first."""
    channel = call.ws.channel(call.text("channel"), seen_by=call.actor)
    return {"items": [marks.pin_object(call.ws, channel, ts) for ts in reversed(channel.pins)]}


@method("reactions.add")
def reactions_add(call: Call) -> Json:
    """Add an emoji."""
    timestamp, name = call.text("timestamp"), call.text("name")
    marks.react(call.ws, call.actor, _channel_id(call), timestamp, name)
    return {}


@method("reactions.remove")
def reactions_remove(call: Call) -> Json:
    """Take one's emoji away."""
    timestamp, name = call.text("timestamp"), call.text("name")
    marks.unreact(call.ws, call.actor, _channel_id(call), timestamp, name)
    return {}


@method("reactions.get")
def reactions_get(call: Call) -> Json:
    """A message with its emoji."""
    channel = call.ws.channel(_channel_id(call), seen_by=call.actor)
    message = channel.messages.get(call.text("timestamp"))
    if message is None:
        raise SlackError("message_not_found")
    shown = message_object(call.ws, channel, message, metadata=False)
    return {"type": "message", "channel": channel.id, "message": shown}


def bookmark_object(call: Call, bookmark: Bookmark) -> Json:
    """A bookmark as Slack writes it."""
    return {
        "id": bookmark.id,
        "channel_id": bookmark.channel_id,
        "title": bookmark.title,
        "link": bookmark.link,
        "emoji": bookmark.emoji,
        "icon_url": None,
        "type": bookmark.type,
        "entity_id": None,
        "date_created": bookmark.created,
        "date_updated": bookmark.updated,
        "rank": "g",
        "last_updated_by_user_id": bookmark.last_updated_by,
        "last_updated_by_team_id": call.ws.team_id,
        "shortcut_id": None,
        "app_id": None,
    }


@method("bookmarks.add")
def bookmarks_add(call: Call) -> Json:
    """Put a link on top of a channel."""
    if call.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    bookmark = marks.add_bookmark(
        call.ws,
        call.actor,
        call.text("channel_id"),
        title=call.text("title"),
        link=call.text("link"),
        emoji=call.text("emoji"),
    )
    return {"bookmark": bookmark_object(call, bookmark)}


@method("bookmarks.edit")
def bookmarks_edit(call: Call) -> Json:
    """Change a bookmark's title, link or emoji."""
    bookmark = marks.edit_bookmark(
        call.ws,
        call.actor,
        call.text("channel_id"),
        call.text("bookmark_id"),
        title=call.get("title"),
        link=call.get("link"),
        emoji=call.get("emoji"),
    )
    return {"bookmark": bookmark_object(call, bookmark)}


@method("bookmarks.remove")
def bookmarks_remove(call: Call) -> Json:
    """Take a bookmark away."""
    channel_id, bookmark_id = call.text("channel_id"), call.text("bookmark_id")
    marks.remove_bookmark(call.ws, call.actor, channel_id, bookmark_id)
    return {}


@method("bookmarks.list")
def bookmarks_list(call: Call) -> Json:
    """A channel's bookmarks."""
    channel = call.ws.channel(call.text("channel_id"), seen_by=call.actor)
    return {"bookmarks": [bookmark_object(call, b) for b in channel.bookmarks.values()]}

"""Messages: saying, changing, taking back. The acting user id comes after the workspace."""

import re
from dataclasses import dataclass, field

from sandbox.blockids import text_of, with_ids
from sandbox.conversation_access import require_member, require_open
from sandbox.errors import SlackError
from sandbox.shapes import message_object
from sandbox.state import Channel, Edited, Json, Message
from sandbox.workspace import Workspace

TEXT_MAX = 40_000  # characters; longer is cut, chat.postMessage "Truncating content"
UPDATE_TEXT_MAX = 4_000  # characters; chat.update msg_too_long
BARE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")


@dataclass
class Draft:
    """What somebody wants to say. Fields as in chat.postMessage; None means not given."""

    text: str | None = None
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    metadata: Json | None = None
    thread_ts: str | None = None
    reply_broadcast: bool = False
    mrkdwn: bool = True
    username: str = ""
    icons: Json | None = None
    files: list[str] = field(default_factory=list)


def escape_text(text: str) -> str:
    """Text as Slack stores it: a bare ``&`` becomes ``&amp;``; too long is cut."""
    return BARE_AMPERSAND.sub("&amp;", text)[:TEXT_MAX]


def post(ws: Workspace, actor: str, channel_id: str, draft: Draft) -> Message:
    """Say something where the actor may. People and bots alike must be members.

    Raises ``channel_not_found``, ``is_archived``, ``not_in_channel``, ``no_text``,
    ``cannot_reply_to_message``.
    """
    channel = ws.channel(channel_id, seen_by=actor)
    require_open(channel)
    require_member(channel, actor)
    return post_unchecked(ws, actor, channel, draft)


def post_unchecked(ws: Workspace, actor: str, channel: Channel, draft: Draft) -> Message:
    """Say something without asking for membership (response URLs, chat:write.public)."""
    message = compose(ws, actor, channel, draft)
    if draft.reply_broadcast and message.is_reply:
        message.subtype, message.reply_broadcast = "thread_broadcast", True
    store(ws, channel, message)
    return message


def compose(ws: Workspace, actor: str, channel: Channel, draft: Draft) -> Message:
    """The message that a draft becomes, not yet stored. Raises ``no_text``.

    Only ``ts`` is used up. A message with ``username`` or ``icons`` has the subtype
    ``bot_message``, one with files ``file_share``; text that was not given is made of the blocks.
    Attachments get an ``id`` from 1 and a ``fallback``, each kept where the app gave its own.
    """
    if not (draft.text or draft.blocks or draft.attachments or draft.files):
        raise SlackError("no_text")
    thread_ts = thread_root(channel, draft.thread_ts)
    blocks = with_ids(draft.blocks)
    app = ws.app_of_bot_user(actor)
    message = Message(
        ts=ws.next_ts(),
        user=actor,
        text=escape_text(draft.text or text_of(blocks or [])),
        blocks=blocks,
        attachments=_numbered(draft.attachments),
        thread_ts=thread_ts,
        metadata=draft.metadata,
        mrkdwn=draft.mrkdwn,
        files=list(draft.files),
        bot_id=app.bot_id if app else "",
        app_id=app.app_id if app else "",
        username=draft.username,
        icons=draft.icons,
    )
    if draft.username or draft.icons:
        message.subtype = "bot_message"
    elif draft.files:
        message.subtype = "file_share"
    return message


def _numbered(attachments: list[Json] | None) -> list[Json] | None:
    if not attachments:
        return None
    return [
        {"id": number, "fallback": a.get("text") or "[no preview available]", **a}
        for number, a in enumerate(attachments, start=1)
    ]


def thread_root(channel: Channel, thread_ts: str | None) -> str | None:
    """The ts of the thread's first message, also when a reply's ts was given.

    Raises ``cannot_reply_to_message`` when nothing is there, and for the lines that Slack writes
    itself about joining and the like.
    """
    if thread_ts is None:
        return None
    root = channel.messages.get(thread_ts)
    if root is None:
        raise SlackError("cannot_reply_to_message")
    if root.subtype and root.subtype.startswith("channel_"):
        raise SlackError("cannot_reply_to_message")
    return root.thread_ts or root.ts


def store(ws: Workspace, channel: Channel, message: Message) -> None:
    """Put a finished message into its channel and tell everybody who listens.

    The author has read up to it. Apps hear ``message.<kind>`` first; ``app_mention`` follows for a
    message without a subtype that names an app other than its author.
    """
    channel.messages[message.ts] = message
    author = message.user
    channel.last_read[author] = message.ts
    _publish(ws, channel, message.ts, "new")
    _emit_message(ws, channel, _event_body(ws, channel, message), author)
    named = [a for a in ws.apps.values() if f"<@{a.bot_user_id}" in message.text]
    if message.subtype is None and any(app.bot_user_id != author for app in named):
        ws.emit("app_mention", _event_body(ws, channel, message), channel.id, author)


def _event_body(ws: Workspace, channel: Channel, message: Message) -> Json:
    """The message as an event carries it: without ``metadata``, and with its channel.

    ``channel`` is the id, ``channel_type`` the kind; ``type`` and ``event_ts`` are put there by
    ``Workspace.emit``.
    """
    body = message_object(ws, channel, message, metadata=False)
    body.pop("type")
    return {**body, "channel": channel.id, "channel_type": channel.kind}


def _emit_message(ws: Workspace, channel: Channel, body: Json, author: str) -> None:
    """Emit ``message.channels``, ``message.groups``, ``message.im`` or ``message.mpim``."""
    plural = "channels" if channel.kind == "channel" else "groups"
    suffix = plural if channel.kind in {"channel", "group"} else channel.kind
    ws.emit(f"message.{suffix}", body, channel.id, author)


def _publish(ws: Workspace, channel: Channel, ts: str, change: str) -> None:
    ws.bus.publish({"type": "message", "channel": channel.id, "ts": ts, "change": change})


def own_message(ws: Workspace, actor: str, channel: Channel, ts: str, refusal: str) -> Message:
    """The actor's own message, or ``message_not_found``, or ``refusal`` for others' words."""
    message = channel.messages.get(ts)
    if message is None:
        raise SlackError("message_not_found")
    if message.user != actor:
        raise SlackError(refusal)
    return message


def update(ws: Workspace, actor: str, channel_id: str, ts: str, draft: Draft) -> Message:
    """Change one's own message.

    Text without blocks removes the old blocks; neither text nor blocks keeps both; metadata is kept
    unless given. Raises ``message_not_found``, ``cant_update_message``, ``is_inactive``,
    ``msg_too_long``. An ephemeral message cannot be found here: only a response URL changes one.
    The length is counted in characters of the text as it was given, before it is escaped.
    """
    channel = ws.channel(channel_id, seen_by=actor)
    message = own_message(ws, actor, channel, ts, "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    if draft.text is not None and len(draft.text) > UPDATE_TEXT_MAX:
        raise SlackError("msg_too_long")
    change(ws, channel, message, draft, actor)
    return message


def change(ws: Workspace, channel: Channel, message: Message, draft: Draft, actor: str) -> None:
    """Replace a message's content, without asking whose it is (response URLs).

    Attachments and files stay unless they are given, an empty list of attachments removes them, and
    ``{}`` as metadata removes that. Attachments alone clear text and blocks. Raises ``no_text``
    where nothing is given at all. Apps hear ``message_changed``, but nothing of an ephemeral
    message.
    """
    previous = _event_body(ws, channel, message)
    if draft.text is not None or draft.blocks is not None or draft.attachments is not None:
        message.blocks = with_ids(draft.blocks) if draft.blocks else None
        text = draft.text
        if text is None:
            text = text_of(message.blocks or [])
        message.text = escape_text(text)
        if draft.attachments is not None:
            message.attachments = _numbered(draft.attachments)
    elif draft.metadata is None:
        raise SlackError("no_text")
    if draft.metadata is not None:
        message.metadata = draft.metadata or None
    if draft.files:
        message.files = list(draft.files)
    message.edited = Edited(actor, ws.next_ts())
    _publish(ws, channel, message.ts, "changed")
    if message.ephemeral_to is None:
        event = _changed_event(ws, channel, "message_changed", message.edited.ts)
        event["message"] = _event_body(ws, channel, message)
        _emit_message(ws, channel, event | {"previous_message": previous}, actor)


def _changed_event(ws: Workspace, channel: Channel, subtype: str, ts: str) -> Json:
    """What ``message_changed`` and ``message_deleted`` begin with; ``ts`` is the event's own.

    The one adds ``message`` and ``previous_message``, the other ``deleted_ts`` and
    ``previous_message``.
    """
    return {
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel.kind,
        "ts": ts,
    }


def delete(ws: Workspace, actor: str, channel_id: str, ts: str) -> None:
    """Take back one's own message. Raises ``message_not_found``, ``cant_delete_message``."""
    channel = ws.channel(channel_id, seen_by=actor)
    own_message(ws, actor, channel, ts, "cant_delete_message")
    remove(ws, channel, ts, actor)


def remove(ws: Workspace, channel: Channel, ts: str, actor: str) -> None:
    """Remove a message (or an ephemeral one) without asking whose it is.

    Its pin goes with it; the answers below a thread's first message stay. An ephemeral one goes
    without an event. Raises KeyError where there is no such message: callers look first.
    """
    if channel.ephemerals.pop(ts, None) is not None:
        _publish(ws, channel, ts, "deleted")
        return
    message = channel.messages.pop(ts)
    channel.pins.pop(ts, None)
    _publish(ws, channel, ts, "deleted")
    event = _changed_event(ws, channel, "message_deleted", ws.next_ts())
    event |= {"deleted_ts": ts, "previous_message": _event_body(ws, channel, message)}
    _emit_message(ws, channel, event, actor)


def post_ephemeral(
    ws: Workspace, actor: str, channel: Channel, user_id: str, draft: Draft
) -> Message:
    """Show a message to one person only; it is in nobody's history and causes no event."""
    message = compose(ws, actor, channel, draft)
    message.ephemeral_to = user_id
    channel.ephemerals[message.ts] = message
    ws.bus.publish({"type": "ephemeral", "channel": channel.id, "user": user_id, "ts": message.ts})
    return message


def permalink(ws: Workspace, channel: Channel, message: Message) -> str:
    """The address of a message on the page."""
    link = f"{ws.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return link

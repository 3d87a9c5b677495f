"""chat.*: messages."""

import json
from typing import Any

from sandbox import posting, scheduled
from sandbox.api.blocks import checked_attachments, checked_blocks
from sandbox.api.call import Call, method
from sandbox.api.paging import page
from sandbox.conversation_access import require_open
from sandbox.errors import SlackError
from sandbox.posting import Draft
from sandbox.shapes import message_object
from sandbox.state import Channel, Json

MARKDOWN_MAX = 12_000  # characters; chat.postMessage markdown_text
METADATA_BYTES_MAX = 16_000  # metadata_too_large; Slack publishes no number


def draft_of(call: Call) -> Draft:
    """What the arguments of chat.* say, checked.

    Raises ``markdown_text_conflict``, ``invalid_blocks``, ``invalid_metadata_*`` and the like.
    ``markdown_text`` becomes the text and one ``markdown`` block. ``username``, ``icon_emoji`` and
    ``icon_url`` need chat:write.customize; the last is kept as ``image_48``.
    """
    text, blocks = call.get("text"), checked_blocks(call.get("blocks"))
    markdown = call.get("markdown_text")
    if markdown:
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        if len(markdown) > MARKDOWN_MAX:
            raise SlackError("msg_too_long")
        text, blocks = markdown, [{"type": "markdown", "text": markdown}]
    icons = {}
    if call.get("icon_emoji"):
        icons["emoji"] = call.text("icon_emoji")
    if call.get("icon_url"):
        icons["image_48"] = call.text("icon_url")
    if icons or call.get("username"):
        call.need("chat:write.customize")
    return Draft(
        text=text,
        blocks=blocks,
        attachments=checked_attachments(call.get("attachments")),
        metadata=checked_metadata(call.get("metadata")),
        thread_ts=call.get("thread_ts"),
        reply_broadcast=bool(call.get("reply_broadcast", False)),
        mrkdwn=bool(call.get("mrkdwn", True)),
        username=call.text("username"),
        icons=icons or None,
    )


def checked_metadata(value: Any) -> Json | None:
    """Message metadata: ``event_type`` and an ``event_payload`` object; ``{}`` takes it away.

    Raises ``invalid_metadata_format`` for what is no object, ``invalid_metadata_schema`` where one
    of the two is missing, ``metadata_too_large``. Other keys are dropped.
    """
    if value is None:
        return None
    if value == {}:
        return {}
    if not isinstance(value, dict):
        raise SlackError("invalid_metadata_format")
    payload = value.get("event_payload")
    if not isinstance(value.get("event_type"), str) or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(value).encode()) > METADATA_BYTES_MAX:
        raise SlackError("metadata_too_large")
    return {"event_type": value["event_type"], "event_payload": payload}


def destination(call: Call) -> Channel:
    """The place that ``channel`` names: an id, a name, or a person (whose DM is opened).

    Raises ``channel_not_found`` for a person who is deactivated and for the bot itself,
    ``messages_tab_disabled`` where the manifest switches the app's own direct messages off.
    """
    wanted = call.text("channel")
    if wanted in call.ws.users:
        if call.ws.users[wanted].deleted or wanted == call.actor:
            raise SlackError("channel_not_found")
        if not call.app.messages_tab_enabled:
            raise SlackError("messages_tab_disabled")
        return call.ws.open_im(call.actor, wanted)[0]
    named = call.ws.channel_named(wanted.removeprefix("#"))
    return call.ws.channel(named.id if named else wanted, seen_by=call.actor)


def require_posting(call: Call, channel: Channel) -> None:
    """Raise unless the bot may speak here: a member, or public with chat:write.public."""
    require_open(channel)
    outside = call.actor not in channel.members
    if outside and (channel.kind != "channel" or "chat:write.public" not in call.app.scopes):
        raise SlackError("not_in_channel")


@method("chat.postMessage")
def post_message(call: Call) -> Json:
    """Say something."""
    channel = destination(call)
    require_posting(call, channel)
    message = posting.post_unchecked(call.ws, call.actor, channel, draft_of(call))
    shown = message_object(call.ws, channel, message)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


@method("chat.update")
def update(call: Call) -> Json:
    """Change one's own message.

    Answers ``channel``, ``ts``, ``text`` as it is stored, and ``message``.
    """
    channel = call.ws.channel(call.text("channel"), seen_by=call.actor)
    message = posting.update(call.ws, call.actor, channel.id, call.text("ts"), draft_of(call))
    shown = message_object(call.ws, channel, message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


@method("chat.postEphemeral")
def post_ephemeral(call: Call) -> Json:
    """Show something to one person.

    Raises ``user_not_in_channel`` where the person is not in it. ``message_ts`` is in no history
    and cannot be given to chat.update or chat.delete.
    """
    channel = call.ws.channel(call.text("channel"), seen_by=call.actor)
    require_posting(call, channel)
    user = call.text("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = posting.post_ephemeral(call.ws, call.actor, channel, user, draft_of(call))
    return {"message_ts": message.ts}


@method("chat.delete")
def delete(call: Call) -> Json:
    """Take back one's own message."""
    channel = call.ws.channel(call.text("channel"), seen_by=call.actor)
    posting.delete(call.ws, call.actor, channel.id, call.text("ts"))
    return {"channel": channel.id, "ts": call.text("ts")}


@method("chat.getPermalink")
def get_permalink(call: Call) -> Json:
    """The address of a message."""
    channel = call.ws.channel(call.text("channel"), seen_by=call.actor)
    message = channel.messages.get(call.text("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    return {"channel": channel.id, "permalink": posting.permalink(call.ws, channel, message)}


@method("chat.scheduleMessage")
def schedule(call: Call) -> Json:
    """Say something later, by workspace time.

    The blocks are checked now, the thread only when it is posted. ``message`` in the answer has
    ``type`` (``delayed_message``), ``text``, ``bot_id``, ``app_id`` and ``user``, but no ``ts``.
    """
    channel = destination(call)
    require_posting(call, channel)
    draft = draft_of(call)
    if not (draft.text or draft.blocks or draft.attachments):
        raise SlackError("no_text")
    fields = {key: value for key, value in vars(draft).items() if value}
    waiting = scheduled.schedule(call.ws, call.app, channel, call.get("post_at"), fields)
    message = {"type": "delayed_message", "text": draft.text or "", "bot_id": call.app.bot_id}
    return {
        "channel": channel.id,
        "scheduled_message_id": waiting.id,
        "post_at": waiting.post_at,
        "message": message | {"app_id": call.app.app_id, "user": call.actor},
    }


@method("chat.scheduledMessages.list")
def scheduled_list(call: Call) -> Json:
    """What waits to be said by this app."""
    wanted = call.get("channel")
    if wanted and wanted not in call.ws.channels:
        raise SlackError("invalid_channel")
    waiting = [
        s
        for s in call.ws.scheduled.values()
        if s.app_id == call.app.app_id and wanted in (None, s.channel_id)
    ]
    items, more = page(call, waiting, 100)
    found = [
        {
            "id": s.id,
            "channel_id": s.channel_id,
            "post_at": s.post_at,
            "date_created": s.created,
            "text": s.fields.get("text", ""),
        }
        for s in items
    ]
    return {"scheduled_messages": found} | more


@method("chat.deleteScheduledMessage")
def delete_scheduled(call: Call) -> Json:
    """Do not say it after all."""
    channel = call.ws.channel(call.text("channel"), seen_by=call.actor)
    scheduled.cancel(call.ws, call.app, channel.id, call.text("scheduled_message_id"))
    return {}

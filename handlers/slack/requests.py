"""From what Bolt hands over to who asks, under which identity, and where they are answered.

No part of a body is believed to be there or of its type: what is missing becomes empty.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.engine.actors import Actor, ReplyTo
from handlers.slack.shape import require_sound

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A person's request.

    ``key`` is the delivery's identity: a redelivery has the same one. ``trigger_id`` opens a modal
    within three seconds; it is empty where Slack gives none (events). ``in_form``: it was pressed
    in a modal, on top of which another opens.

        trigger:<trigger_id>:<digest>   a command, button or shortcut
        form:<user>:<form id>           a submitted modal
        event:<event_id>                an event
        body:<sha256 of the body>       where Slack gave no such id
    """

    key: str
    actor: Actor
    reply: ReplyTo
    trigger_id: str = ""
    in_form: bool = False

    @property
    def user(self) -> str:
        """The Slack user id of who asks."""
        return self.actor.user_id


def of_command(body: Body) -> Asked:
    """A slash command. Its answer may go to Slack's ``response_url``, five times in half an
    hour.

    Two commands with the same words in the same channel are two requests, since each has a trigger
    of its own.
    """
    key = _trigger_key(body, body.get("user_id"), body.get("channel_id"), body.get("text"))
    return _asked(body, "command", key)


def of_action(body: Body) -> Asked:
    """A button, menu or dispatching input, in a message, a modal or the App Home.

    In a modal or the App Home there is no channel: the private answer becomes a direct message.
    """
    asked = _asked(body, "button", _trigger_key(body, user_of(body), body.get("actions")))
    in_form = mapping(body.get("view")).get("type") == "modal"
    reply = replace(asked.reply, pressed=_private_message(body))
    return replace(asked, reply=reply, in_form=in_form)


def _private_message(body: Body) -> dict[str, str] | None:
    """The message that was pressed in, where only the one who pressed it sees it.

    None in a channel, a modal and the App Home: what stands there is drawn anew by itself.
    """
    container, url = mapping(body.get("container")), _text(body.get("response_url"))
    if container.get("is_ephemeral") is True:
        return {"url": url} if url else None
    channel, ts = _text(container.get("channel_id")), _text(container.get("message_ts"))
    return {"channel": channel, "ts": ts} if channel.startswith("D") and ts else None


def of_shortcut(body: Body) -> Asked:
    """A global or message shortcut; only a message's has a channel to answer in."""
    return _asked(body, "shortcut", _trigger_key(body, user_of(body), body.get("action_ts")))


def of_view(body: Body) -> Asked:
    """A submitted modal. Its identity is the form's own: sent twice, it is one request.

    The form's id and the place that it was asked for in come from its hidden fields. A view
    without such an id is known by its trigger, as a button is.

    A channel that the request itself names goes before the hidden one.
    """
    hidden = hidden_fields(mapping(body.get("view")))
    form = hidden.get("form")
    key = f"form:{user_of(body)}:{form}" if form else _trigger_key(body, user_of(body))
    asked = _asked(body, "form", key, _text(hidden.get("from_channel")))
    url = asked.reply.response_url or _text(hidden.get("answer_url")) or None
    pressed = {k: v for k, v in mapping(hidden.get("pressed")).items() if isinstance(v, str)}
    return replace(asked, reply=replace(asked.reply, response_url=url, pressed=pressed or None))


def of_event(body: Body) -> Asked:
    """An event of the Events API; a private answer to it goes to the channel, if it names one.

    The source is ``event``, and there is no trigger. The user is empty where the event names none,
    or describes them as an object (``user_change``).
    """
    event = mapping(body.get("event"))
    key = f"event:{body['event_id']}" if body.get("event_id") else _digest_key(body)
    user = event.get("user")
    channel = event.get("channel")
    reply = ReplyTo(_text(user), channel if isinstance(channel, str) else None)
    return Asked(key, Actor(_text(user), "event"), reply)


def request_of(body: Body) -> Asked:
    """The request, of whatever kind; what is not recognised is read as a shortcut."""
    if "command" in body:
        return of_command(body)
    kinds = {
        "block_actions": of_action,
        "view_submission": of_view,
        "view_closed": of_view,
        "event_callback": of_event,
    }
    return kinds.get(str(body.get("type")), of_shortcut)(body)


def hidden_fields(view: Body) -> dict[str, Any]:
    """The hidden fields that a modal carries; empty when they are not ours.

    JSON in ``private_metadata``: ``form`` (its id), ``case``, ``from_channel``, ``answer_url``, and
    hidden fields of the intent.
    """
    return read_json(view.get("private_metadata"))


def read_json(text: object) -> dict[str, Any]:
    """The JSON object in ``text``; empty for anything else.

    What no store keeps is nothing else either: NaN, half a character, objects without end.
    """
    try:
        value = json.loads(text) if isinstance(text, str) and text else {}
        require_sound(value)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def user_of(body: Body) -> str:
    """The Slack user id of the sender; empty for an event, which keeps it elsewhere."""
    user = body.get("user")
    return _text(user.get("id") if isinstance(user, Mapping) else body.get("user_id"))


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one: Slack leaves parts out."""
    return value if isinstance(value, Mapping) else {}


def _asked(body: Body, source: str, key: str, channel: str | None = None) -> Asked:
    """The request with its reply: to the channel it came from, or the ``channel`` that its form
    names.
    """
    user = user_of(body)
    here = mapping(body.get("channel")).get("id") or body.get("channel_id") or channel
    url = body.get("response_url")
    reply = ReplyTo(user, _text(here) or None, _text(url) or None)
    return Asked(key, Actor(user, source), reply, _text(body.get("trigger_id")))


def _trigger_key(body: Body, *parts: object) -> str:
    """One trigger may belong to several things pressed, so what was pressed is part of the key."""
    trigger = body.get("trigger_id")
    return f"trigger:{trigger}:{_digest(parts)[:16]}" if trigger else _digest_key(body)


def _digest_key(body: Body) -> str:
    """The last resort: the same body twice is one request. Retries of Slack have the same body."""
    return f"body:{_digest(body)}"


def _digest(value: object) -> str:
    """The SHA-256 of a value as JSON with sorted keys, in hexadecimal."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: object) -> str:
    """The value where it is a text, else empty."""
    return value if isinstance(value, str) else ""

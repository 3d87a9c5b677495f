"""What was said: conversations.history and conversations.replies."""

import re

from sandbox.api.call import Call, method
from sandbox.api.paging import page
from sandbox.conversation_access import require_member
from sandbox.errors import SlackError
from sandbox.shapes import message_object
from sandbox.state import Channel, Json, Message

INSTANT = re.compile(r"^\d+(\.\d{1,6})?$")


def _between(call: Call, messages: list[Message]) -> list[Message]:
    """Those between ``oldest`` and ``latest``; the ends belong to it when ``inclusive``.

    ``oldest`` and ``latest`` are epoch seconds with up to six decimals, compared in whole
    microseconds; ``latest`` may be ``now``. Raises ``invalid_ts_oldest``, ``invalid_ts_latest``.
    """
    oldest, latest = call.text("oldest"), call.text("latest")
    for name, value in (("oldest", oldest), ("latest", latest)):
        if value and value != "now" and not INSTANT.match(value):
            raise SlackError(f"invalid_ts_{name}")
    inclusive = bool(call.get("inclusive"))
    low = _micros(oldest) if oldest else 0
    high = _micros(latest) if latest and latest != "now" else None
    found = []
    for message in messages:
        at = _micros(message.ts)
        after = at > low or (inclusive and at == low)
        before = high is None or at < high or (inclusive and at == high)
        if after and before:
            found.append(message)
    return found


def _micros(ts: str) -> int:
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0"))


def _answer(call: Call, channel: Channel, messages: list[Message], default: int) -> Json:
    """``messages`` and ``has_more``; ``response_metadata`` only where more follows.

    ``default`` is the length of a page for a caller that names none.
    """
    shown, more = page(call, messages, default)
    metadata = bool(call.get("include_all_metadata"))
    has_more = bool(more["response_metadata"]["next_cursor"])
    body: Json = {
        "messages": [message_object(call.ws, channel, m, metadata=metadata) for m in shown],
        "has_more": has_more,
    }
    return body | (more if has_more else {})


@method("conversations.history")
def history(call: Call) -> Json:
    """A channel's messages, newest first, without the answers inside threads.

    Metadata only with ``include_all_metadata``.
    """
    channel = call.channel()
    require_member(channel, call.actor)
    lines = [m for m in channel.messages.values() if not m.is_reply or m.reply_broadcast]
    found = _between(call, lines)
    body = _answer(call, channel, found[::-1], 100)
    return body | {"pin_count": len(channel.pins), "channel_actions_ts": None}


@method("conversations.replies")
def replies(call: Call) -> Json:
    """A thread: its first message, then the answers, oldest first.

    ``ts`` may be that of an answer as well. The first message comes whatever ``oldest`` and
    ``latest`` say, and is left out once it was deleted. Raises ``thread_not_found``,
    ``not_in_channel``.
    """
    channel = call.channel()
    require_member(channel, call.actor)
    message = channel.messages.get(call.text("ts"))
    if message is None:
        raise SlackError("thread_not_found")
    root = channel.messages.get(message.thread_ts or message.ts)
    answers = _between(call, channel.replies(message.thread_ts or message.ts))
    return _answer(call, channel, [*([root] if root else []), *answers], 1000)

"""Asking Slack what stands in a customer's channel. Nothing is stored, no transaction is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.connect.asking import FAULTS, ChannelNow, Party, see_person
from bot.engine.delivery import Delivery
from bot.slack.find_earlier import EVENT_TYPE
from messages.clients.slack import SlackRefused
from messages.kit.slack_text import read_message

SPOKEN = frozenset({None, "file_share", "thread_broadcast", "me_message"})  # subtypes of words
PAGE, PAGES_MAX = 200, 10  # messages of one thread that are read


@dataclass(frozen=True, slots=True)
class Said:
    """A person's message in a shared channel, as Slack shows it now.

    ``user`` is a Slack user id, ``name`` what Slack calls them. ``edited`` is the timestamp of the
    last change, empty where there was none.
    """

    ts: str
    user: str
    party: Party
    name: str
    text: str
    edited: str

    @property
    def at(self) -> datetime:
        """When it was written, by Slack's clock."""
        return datetime.fromtimestamp(float(self.ts), UTC)


async def read_messages(
    delivery: Delivery, now: ChannelNow, thread: str, *, only: str = ""
) -> list[Mapping[str, Any]]:
    """The messages of a thread, or the one message ``only``; none where it is gone.

    A refusal that is a fault of the channel is set as ``now.fault``, and then none are answered.
    """
    assert now.link is not None  # the callers ask
    channel = now.link.channel_id
    found: list[Mapping[str, Any]] = []
    cursor = ""
    bounds = {"oldest": only, "latest": only, "inclusive": True} if only else {}
    for _ in range(PAGES_MAX):
        try:
            answer = await delivery.call(
                "conversations.replies",
                channel=channel,
                ts=thread,
                limit=PAGE,
                cursor=cursor or None,
                include_all_metadata=True,
                **bounds,
            )
        except SlackRefused as refused:
            if refused.code in FAULTS:
                now.fault = FAULTS[refused.code]
                return []
            if refused.code not in ("thread_not_found", "message_not_found"):
                raise
            return found
        found += answer.get("messages") or ()
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
    return found


async def read_said(delivery: Delivery, now: ChannelNow, raw: Mapping[str, Any]) -> Said | None:
    """A person's message; None for what apps and Slack itself say."""
    user = str(raw.get("user") or "")
    ours = (raw.get("metadata") or {}).get("event_type") == EVENT_TYPE
    if not user or raw.get("bot_id") or ours or raw.get("subtype") not in SPOKEN:
        return None
    party, name = await see_person(delivery, now, user)
    edited = str((raw.get("edited") or {}).get("ts") or "")
    return Said(str(raw.get("ts")), user, party, name, read_message(raw), edited)


async def find_permalink(delivery: Delivery, channel: str, ts: str) -> str:
    """The message's address; empty where Slack refuses it, since the report is worth more than its
    link.
    """
    try:
        answer = await delivery.call("chat.getPermalink", channel=channel, message_ts=ts)
    except SlackRefused:
        return ""
    return str(answer.get("permalink") or "")

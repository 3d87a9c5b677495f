"""Looking before repeating: what an earlier try, whose outcome nobody heard, left in Slack."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.delivery import Delivery, Job
from messages.slack import SlackRefused
from storage.models import Outbox

EVENT_TYPE = "escalation_desk"  # the metadata by which we know our own messages again
LOOK_BACK = timedelta(minutes=10)  # clocks of ours and Slack's may differ by this much
PAGE = 200  # items asked for at once when looking
PAGES_MAX = 20  # pages looked through before giving up
UNKNOWN_METHOD = frozenset({"unknown_method", "not_implemented"})  # Slacks that have less

Call = Callable[..., Awaitable[dict[str, Any]]]
Wanted = Callable[[Mapping[str, Any]], bool]


def signature(row: Outbox) -> dict[str, Any]:
    """The metadata that a message of ``row`` carries.

    After an older backup was restored, ids are given again: the instant tells the rows apart.
    """
    queued = int(row.queued_at.timestamp())
    return {"event_type": EVENT_TYPE, "event_payload": {"outbox": row.id, "queued": queued}}


async def our_channel(delivery: Delivery, job: Job, name: str) -> str | None:
    """The channel of that name if we made it since the first try, else None."""
    me = (await delivery.desk.slack.identity()).get("user_id")
    since = ((job.row.attempted_at or job.row.queued_at) - LOOK_BACK).timestamp()
    async for channel in _channels(delivery):
        # What is not said of a channel does not speak against it: its name has our case's number.
        ours = channel.get("creator", me) == me and channel.get("created", since) >= since
        if channel.get("name") == name and ours and not channel.get("is_archived"):
            return str(channel["id"])
    return None


async def _channels(delivery: Delivery) -> AsyncIterator[Mapping[str, Any]]:
    """The channels that we are in; all that we may know of where Slack cannot say which."""
    method, cursor = "users.conversations", ""
    for _ in range(PAGES_MAX):
        try:
            answer = await delivery.call(
                method,
                types="public_channel,private_channel",
                limit=PAGE,
                cursor=cursor or None,
            )
        except SlackRefused as refused:
            if refused.code not in UNKNOWN_METHOD or method == "conversations.list":
                raise
            method = "conversations.list"
            continue
        for channel in answer.get("channels") or ():
            yield channel
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return


async def our_message(call: Call, channel: str, row: Outbox) -> Mapping[str, Any] | None:
    """The message that an earlier try of ``row`` posted, or None."""

    def is_ours(message: Mapping[str, Any]) -> bool:
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        wanted = signature(row)["event_payload"]
        # What was posted before the instant was told carries the id alone.
        same = {"queued": wanted["queued"], **payload} == wanted
        return metadata.get("event_type") == EVENT_TYPE and same

    return await _look(call, channel, row, is_ours)


async def our_file(call: Call, channel: str, row: Outbox, name: str) -> Mapping[str, Any] | None:
    """The message with a file of that name since the first try of ``row``, or None."""

    def has_file(message: Mapping[str, Any]) -> bool:
        return any(name in (f.get("name"), f.get("title")) for f in message.get("files") or [])

    return await _look(call, channel, row, has_file)


async def _look(call: Call, channel: str, row: Outbox, wanted: Wanted) -> Mapping[str, Any] | None:
    """The newest message since the row's first try for which ``wanted`` holds."""
    since: datetime = (row.attempted_at or row.queued_at) - LOOK_BACK
    cursor = ""
    for _ in range(PAGES_MAX):
        answer = await call(
            "conversations.history",
            channel=channel,
            oldest=f"{since.timestamp():.6f}",
            limit=PAGE,
            include_all_metadata=True,
            cursor=cursor or None,
        )
        for message in answer.get("messages", []):
            if wanted(message):
                found: Mapping[str, Any] = message
                return found
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return None
    return None

"""Looking before repeating: what an earlier try, of which no outcome was heard, left in Slack.

It is known by what identifies it: the row's id in a message, the name of a channel or a file. How
far back to look is told by Slack's own clock at the row's first try. Where that is not known, the
newest pages are looked through; our own clock has no say, it may be wrong.

Performers come here only when ``Job.tried_before`` is set. At most ``PAGES_MAX`` pages are read;
what lies farther back is taken as not there, and shown again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.engine.delivery import Delivery
from bot.engine.outbox_claims import Job
from messages.clients.slack import SlackRefused
from storage.models import Case, LegalRoom, Outbox, Problem, TimelineEvent

EVENT_TYPE = "escalation_desk"  # the metadata by which we know our own messages again
LOOK_BACK = timedelta(minutes=2)  # clocks of Slack's machines may differ by this much
PAGE = 200  # items asked for at once when looking
PAGES_MAX = 20  # pages looked through before giving up
UNKNOWN_METHOD = frozenset({"unknown_method", "not_implemented"})  # Slacks that have less

Call = Callable[..., Awaitable[dict[str, Any]]]
Wanted = Callable[[Mapping[str, Any]], bool]


def message_metadata(row: Outbox) -> dict[str, Any]:
    """Return the metadata that a message of ``row`` carries; Slack keeps it with the message.

    ``event_payload`` has ``outbox``, the row's id, and ``queued``, whole seconds since 1970. After
    an older backup was restored, ids are given again: the instant tells the rows apart.
    """
    queued = int(row.queued_at.timestamp())
    return {"event_type": EVENT_TYPE, "event_payload": {"outbox": row.id, "queued": queued}}


async def our_channel(delivery: Delivery, job: Job, name: str) -> str | None:
    """The channel of that name if we made it for this row, else None.

    Its name has the number of our case or problem. One that is in use, or that a case has left,
    was made for another row; so was one that is older than this row's first try.
    """
    me = (await delivery.services.slack.identity()).get("user_id")
    since = _since(job.row)
    async for channel in _channels(delivery):
        # What is not said of a channel does not speak against it.
        ours = channel.get("creator", me) == me and channel.get("created", since) >= since
        if channel.get("name") == name and ours and not channel.get("is_archived"):
            found = str(channel["id"])
            return None if await _is_of_another(delivery, found) else found
    return None


async def _is_of_another(delivery: Delivery, channel: str) -> bool:
    """Whether a channel belongs, or belonged, to a case, its lawyers or a problem already."""
    async with delivery.services.database.read() as session:
        for table in (Case, Problem):
            query = select(table.number).where(col(table.channel_id) == channel)
            if (await session.exec(query.limit(1))).first() is not None:
                return True
        rooms = select(LegalRoom.case_number).where(col(LegalRoom.channel_id) == channel)
        if (await session.exec(rooms)).first() is not None:
            return True
        moves = select(TimelineEvent.after).where(col(TimelineEvent.verb) == "moved")
        return channel in {after.get("old") for after in (await session.exec(moves)).all()}


def _since(row: Outbox) -> float:
    """When an effect of the row can first have happened, as Slack tells time; 0: not known."""
    return (row.attempted_slack - LOOK_BACK).timestamp() if row.attempted_slack else 0.0


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


async def our_message(
    call: Call, channel: str, row: Outbox, thread: str = ""
) -> Mapping[str, Any] | None:
    """Return the message that an earlier try of ``row`` posted, or None.

    ``thread`` is the ts of the thread in which it stands, empty outside threads.
    Raises what ``call`` raises; then the row is tried again, and nothing was posted twice.
    """

    def is_ours(message: Mapping[str, Any]) -> bool:
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        wanted = message_metadata(row)["event_payload"]
        # What was posted before the instant was told carries the id alone.
        same = {"queued": wanted["queued"], **payload} == wanted
        return metadata.get("event_type") == EVENT_TYPE and same

    return await _look(call, channel, row, is_ours, thread)


async def our_file(call: Call, channel: str, row: Outbox, name: str) -> Mapping[str, Any] | None:
    """The message with a file of that name, which only ``row`` gives, or None."""

    def has_file(message: Mapping[str, Any]) -> bool:
        return any(name in (f.get("name"), f.get("title")) for f in message.get("files") or [])

    return await _look(call, channel, row, has_file)


async def _look(
    call: Call, channel: str, row: Outbox, wanted: Wanted, thread: str = ""
) -> Mapping[str, Any] | None:
    """The newest message for which ``wanted`` holds, back to the row's first try where known."""
    since, cursor = _since(row), ""
    for _ in range(PAGES_MAX):
        answer = await call(
            "conversations.replies" if thread else "conversations.history",
            channel=channel,
            ts=thread or None,
            oldest=f"{since:.6f}" if since else None,
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

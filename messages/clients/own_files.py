"""Files put into a person's own conversation with the app, at once and not through the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from messages.clients.slack import Slack, SlackUnknown

LOOKED_THROUGH = 20  # messages, the newest, among which a file of unknown fate is looked for


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file: its name, what a person who does not see it reads of it, and its bytes."""

    name: str
    alt: str
    content: bytes


async def send_own_files(slack: Slack, user: str, files: Sequence[OwnFile]) -> None:
    """Put files into the conversation, as one message; nothing tries it again.

    Where Slack's answer is lost, they are looked for before that counts as a failure. Raises
    SlackError where Slack does not take them.
    """
    opened = await slack.call("conversations.open", users=user)
    channel, placed = str(opened["channel"]["id"]), []
    for each in files:
        place = await slack.call(
            "files.getUploadURLExternal",
            filename=each.name, length=len(each.content), alt_txt=each.alt,
        )  # fmt: skip
        await slack.upload(place["upload_url"], each.content)
        placed.append({"id": place["file_id"], "title": each.name})
    try:
        await slack.call("files.completeUploadExternal", files=placed, channel_id=channel)
    except SlackUnknown:
        if not await _has_file(slack, channel, str(placed[0]["id"])):
            raise


async def _has_file(slack: Slack, channel: str, file: str) -> bool:
    """Whether one of the newest messages of a channel has the file with this id."""
    answer = await slack.call("conversations.history", channel=channel, limit=LOOKED_THROUGH)
    return any(
        each.get("id") == file
        for message in answer.get("messages") or ()
        for each in message.get("files") or ()
    )

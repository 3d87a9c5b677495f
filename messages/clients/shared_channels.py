"""Channels that people of another organisation read, by Slack Connect: nothing internal goes there.

What is said in such a channel cannot be taken back, so the one client of Slack refuses to say
anything there (``SHARED``), whatever asked for it, unless the caller says that the words are the
customer's to read. Which channels are shared is learned from what Slack tells: its answers about
channels, the flag that every event carries, and the events of sharing.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from bot.rules.facts.sharing import is_shared_outside
from messages.clients.channel_readers import ChannelReaders

SHARED = "externally_shared"  # our refusals; the rest are Slack's own words
GUESTS = "guest_in_channel"  # of what is said in the channel of a case or a problem
# What shows words in a channel, by the argument that names the channel.
SAYING: Mapping[str, str] = {
    "chat.postMessage": "channel",
    "chat.update": "channel",
    "chat.postEphemeral": "channel",
    "chat.scheduleMessage": "channel",
    "files.completeUploadExternal": "channel_id",
    "pins.add": "channel",
    "bookmarks.add": "channel_id",
    "bookmarks.edit": "channel_id",
    "conversations.setTopic": "channel",
    "conversations.setPurpose": "channel",
}

_meant: ContextVar[str] = ContextVar("meant", default="")


@contextmanager
def speaking_to_all(channel: str) -> Iterator[None]:
    """Let what is said within the block into this one shared channel: all may read it."""
    token = _meant.set(channel)
    try:
        yield
    finally:
        _meant.reset(token)


class SharedChannels:
    """The ids of the shared channels that this process knows of; ``readers``: who is in them."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self.readers = ChannelReaders()

    def note_sharing(self, channel: str, *, shared: bool) -> None:
        """Remember that a channel is shared outside, or no longer is."""
        if shared:
            self._known.add(channel)
        else:
            self._known.discard(channel)

    def is_known(self, channel: str) -> bool:
        """True for a channel that is known to be shared outside."""
        return channel in self._known

    def learn_from(self, answer: Mapping[str, Any]) -> None:
        """Read one of Slack's answers for channels that it describes."""
        one, several = answer.get("channel"), answer.get("channels")
        listed: Iterable[Any] = several if isinstance(several, list) else ()
        for channel in (one, *listed):
            if isinstance(channel, Mapping) and "is_ext_shared" in channel:
                self.note_sharing(str(channel.get("id")), shared=is_shared_outside(channel))

    def forbids(self, method: str, arguments: Mapping[str, Any]) -> bool:
        """True where a call would say something in a shared channel that is not the customer's."""
        channel = str(arguments.get(SAYING.get(method, "")) or "")
        return channel in self._known and channel != _meant.get()

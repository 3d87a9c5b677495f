"""What this process knows of who reads a channel, and when Slack was last asked.

Only memory: ``bot/people/channel_readers.py`` asks, and says whether something internal may be
said. Instants are seconds of the steady clock (``bot.clock.steady``), which the caller reads.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

CHANNELS = 2000  # kept in mind; of more the one that was spoken in for longest ago is forgotten


@dataclass(slots=True)
class Readers:
    """One channel. ``described`` and ``listed`` are when Slack last told of it and of its members.

    None: never. ``unanswered`` is since when Slack gives no answer about it; None while it does.
    ``inquired`` are the members about whom Slack was asked since the list, as the directory did not
    know them. ``lock`` is held while Slack is asked, so that effects side by side ask once.
    """

    described: float | None = None
    listed: float | None = None
    unanswered: float | None = None
    members: set[str] = field(default_factory=set)
    inquired: set[str] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class ChannelReaders:
    """Who is in which channel, as far as Slack told: by lists, and by who comes and goes."""

    def __init__(self) -> None:
        self._channels: dict[str, Readers] = {}

    def of(self, channel: str) -> Readers:
        """What is known of a channel; of a new one nothing."""
        known = self._channels.pop(channel, None) or Readers()
        self._channels[channel] = known
        while len(self._channels) > CHANNELS:
            del self._channels[next(iter(self._channels))]
        return known

    def note_made(self, channel: str, now: float) -> None:
        """A channel that we have just made is shared with no one, and we alone are in it."""
        made = self.of(channel)
        made.described = made.listed = now

    def note_members(self, channel: str, members: Iterable[str], now: float) -> None:
        """Remember a whole list of members."""
        known = self.of(channel)
        known.members, known.listed, known.inquired = set(members), now, set()

    def note_joined(self, channel: str, user: str) -> None:
        """A person came in; of channels that nothing was said in nothing is kept."""
        if channel in self._channels:
            self._channels[channel].members.add(user)

    def note_left(self, channel: str, user: str) -> None:
        """A person went."""
        if channel in self._channels:
            self._channels[channel].members.discard(user)

"""Slack's rate limits, kept before Slack has to say so: a token bucket for each method and channel.

Numbers are Slack's published tiers; a 429 empties the bucket for exactly as long as Slack says.
Buckets are of one process. Replicas share a method's limit, so each takes an equal part of it
(``Limits.divide``); a channel's is whole, since its posts stand in one lane. A method that is not
in ``TIERS`` is not limited until Slack limits it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100  # calls a minute; docs.slack.dev rate limits
POSTS_PER_MINUTE = 300  # chat.postMessage in a workspace: "several hundred per minute"
POSTS_PER_CHANNEL = 60  # a minute: one a second, with short bursts
CHANNEL_BURST = 3  # messages that Slack lets through at once in one channel

TIERS: Mapping[str, int] = {
    "conversations.create": TIER_2,
    "conversations.setTopic": TIER_2,
    "conversations.archive": TIER_2,
    "conversations.list": TIER_2,
    "conversations.invite": TIER_3,
    "conversations.history": TIER_3,
    "conversations.open": TIER_3,
    "conversations.info": TIER_3,
    "users.conversations": TIER_3,
    "functions.completeSuccess": TIER_3,
    "functions.completeError": TIER_3,
    "chat.postMessage": POSTS_PER_MINUTE,
    "chat.update": TIER_3,
    "chat.postEphemeral": TIER_4,
    "pins.add": TIER_2,
    "pins.list": TIER_2,
    "conversations.join": TIER_3,
    "conversations.rename": TIER_2,
    "conversations.unarchive": TIER_2,
    "conversations.members": TIER_4,
    "bookmarks.add": TIER_2,
    "bookmarks.list": TIER_2,
    "users.info": TIER_4,
    "views.publish": TIER_4,
    "views.update": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "files.completeUploadExternal": TIER_4,
}


@dataclass(slots=True)
class Bucket:
    """Tokens that come back at ``rate`` a second, up to ``size``.

    ``at`` and ``closed_until`` are on the clock of ``Limits.now``.
    """

    size: float
    rate: float
    tokens: float
    at: float
    closed_until: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 when one can be taken now."""
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.rate)
        self.at = now
        short = (1.0 - self.tokens) / self.rate if self.tokens < 1.0 else 0.0
        return max(short, self.closed_until - now)


class Limits:
    """The buckets of one workspace, and the time by which they fill: ``now`` and ``sleep``.

    Tests give both. Nothing here waits: the caller does, and asks again.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Fill a bucket for each method and channel when it is first asked for.

        ``clock`` and ``sleep`` are in seconds; the limits are shared among the replicas that are
        known.
        """
        self.now = clock
        self.sleep = sleep
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._replicas = 1

    def divide(self, replicas: int) -> None:
        """Share each method's limit with so many processes, this one included, from now on.

        What a bucket holds is cut to its new size.
        """
        if replicas == self._replicas:
            return
        self._replicas = replicas
        now = self.now()
        for (method, channel), bucket in self._buckets.items():
            if method in TIERS and not channel:
                bucket.wait(now)  # what came back until now came at the rate of before
                bucket.size, bucket.rate = self._part(TIERS[method])
                bucket.tokens = min(bucket.tokens, bucket.size)

    def _part(self, per_minute: int) -> tuple[float, float]:
        """The size and the rate a second of one process's part of a limit."""
        return max(per_minute / self._replicas, 1.0), per_minute / 60 / self._replicas

    def take(self, method: str, channel: str = "") -> float:
        """Take the right to call; 0.0 when granted, else the seconds to wait first.

        Nothing is taken while it must wait. ``channel`` counts for ``chat.postMessage`` alone.
        """
        now = self.now()
        buckets = self._of(method, channel, now)
        wait = max((b.wait(now) for b in buckets), default=0.0)
        if wait <= 0:
            for bucket in buckets:
                bucket.tokens -= 1
        return max(wait, 0.0)

    def give_back(self, method: str) -> None:
        """Return the right to a call that was taken and will not be made.

        Only for methods without a channel's limit.
        """
        for bucket in self._of(method, "", self.now()):
            bucket.tokens += 1

    def wait(self, method: str) -> float:
        """Seconds until the method itself may be called again, whatever the channel."""
        now = self.now()
        return max((b.wait(now) for b in self._of(method, "", now)), default=0.0)

    def close(self, method: str, channel: str, seconds: float) -> None:
        """Slack said 429: nothing of this method goes to this channel for ``seconds``.

        Of a method without a channel's limit nothing goes at all; a longer wait that is known
        stays.
        """
        now = self.now()
        buckets = self._of(method, channel, now)
        narrowest = buckets[-1] if buckets else self._bucket((method, ""), *self._part(TIER_3), now)
        narrowest.closed_until = max(narrowest.closed_until, now + seconds)

    def _of(self, method: str, channel: str, now: float) -> list[Bucket]:
        """The buckets that a call of the method draws on: the method's, then the channel's.

        None for a method without a published limit that Slack has not limited yet.
        """
        found = []
        if method in TIERS:
            found.append(self._bucket((method, ""), *self._part(TIERS[method]), now))
        elif (method, "") in self._buckets:
            found.append(self._buckets[(method, "")])
        if method == "chat.postMessage" and channel:
            found.append(
                self._bucket((method, channel), CHANNEL_BURST, POSTS_PER_CHANNEL / 60, now)
            )
        return found

    def _bucket(self, key: tuple[str, str], size: float, rate: float, now: float) -> Bucket:
        """The bucket of this key; a new one is full, of this ``size`` and ``rate``."""
        if key not in self._buckets:
            self._buckets[key] = Bucket(size, rate, size, now)
        return self._buckets[key]

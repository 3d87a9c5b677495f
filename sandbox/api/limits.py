"""Rate limits: a bucket of tokens for each method and app, and for each channel posted to."""

import math
from dataclasses import dataclass, field

from sandbox.lifetimes import RealTime

PER_MINUTE = {"t1": 1, "t2": 20, "t3": 50, "t4": 100, "t5": 600}  # docs.slack.dev rate-limits
POSTS_PER_SECOND = 1.0  # chat.postMessage, per channel
POSTS_BURST = 5  # messages; Slack allows "short bursts" without a number
POSTS_PER_MINUTE = 300  # chat.postMessage, per workspace: "several hundred"


@dataclass
class Bucket:
    """``capacity`` calls at once, refilled at ``rate`` a second.

    ``filled`` is the real time, in seconds, at which ``tokens`` was true. Nothing is taken while
    less than one token is there.
    """

    capacity: float
    rate: float
    tokens: float
    filled: float

    def take(self, now: float) -> int:
        """Use one token: 0, or the whole seconds to wait for one."""
        self.tokens = min(self.capacity, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0
        return max(1, math.ceil((1 - self.tokens) / self.rate))


@dataclass
class RateLimits:
    """All buckets, in real time."""

    real_time: RealTime
    buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict)

    def method(self, app_id: str, method: str, tier: str) -> int:
        """Seconds to wait before this method may be called again; 0 when it may now."""
        per_minute = POSTS_PER_MINUTE if method == "chat.postMessage" else PER_MINUTE[tier]
        return self._take((app_id, method), per_minute, per_minute / 60)

    def posting(self, app_id: str, channel_id: str) -> int:
        """The same for posting to one channel."""
        return self._take((app_id, "channel", channel_id), POSTS_BURST, POSTS_PER_SECOND)

    def _take(self, key: tuple[str, ...], capacity: float, rate: float) -> int:
        now = self.real_time()
        bucket = self.buckets.setdefault(key, Bucket(capacity, rate, capacity, now))
        return bucket.take(now)

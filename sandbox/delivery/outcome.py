"""What comes back from an app, and the numbers of delivery."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sandbox.state import Json

ACK_SECONDS = 3.0  # docs.slack.dev/interactivity/handling-user-interaction#acknowledgment
RETRY_DELAYS = (0.0, 60.0, 300.0)  # seconds; docs.slack.dev/apis/events-api#retries
REDIRECTS_MAX = 2  # docs.slack.dev/apis/events-api#errors


@dataclass(frozen=True, slots=True)
class Timing:
    """How long an app may take, and when an event is sent again.

    Tests shorten it; ``sleep`` is what waits between two attempts.
    """

    ack_seconds: float = field(default_factory=lambda: ACK_SECONDS)
    retry_delays: tuple[float, ...] = RETRY_DELAYS
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to deliver.

    ``envelope`` is Socket Mode's type: ``slash_commands``, ``interactive``, ``events_api``.
    ``kind`` is finer: a payload's ``type`` (``block_actions`` …), ``slash_commands`` or the
    event's type. ``takes_answer`` says whether the acknowledgement may carry a payload.
    ``envelope_id`` stays the same when the parcel is sent again (bolt-js issue 2487).
    """

    envelope: str
    kind: str
    body: Json
    takes_answer: bool = False
    attempt: int = 0
    reason: str = ""
    envelope_id: str = field(default_factory=lambda: str(uuid.uuid4()))


class UnansweredError(Exception):
    """The app did not acknowledge. ``reason`` is Slack's retry reason (``http_timeout`` …)."""

    def __init__(self, reason: str, *, late: bool = False, retry: bool = True) -> None:
        """``late``: it had the chance and did not use it in time; ``retry``: may be sent again."""
        super().__init__(reason)
        self.reason = reason
        self.late = late
        self.retry = retry

    @property
    def code(self) -> str:
        """What the person is shown."""
        return "operation_timeout" if self.late else "dispatch_failed"

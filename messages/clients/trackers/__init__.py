"""Bug trackers of the developers, as we talk to them: one protocol, one module for each provider.

A call ends as with a help desk (``messages.clients.helpdesks``): an answer; Refused (for good);
Limited (later); Away (nothing usable came, or our credentials were refused). What we write has a
mark by which the tracker itself knows it again, so a repeat changes nothing.

A further provider is a class that keeps this protocol, a member of ``BugTracker`` and its settings.
When it is asked, and what its answers become, is in ``bot.bugs``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.rules.bugs.state import BugState
from bot.rules.words import BugTracker
from messages.clients.helpdesks import Refused


class Missing(Refused):
    """The bug is not there, or not shown to us: the tracker does not tell which."""


class Forbidden(Refused):
    """Our account may not do this there; an administrator of the tracker can allow it."""


@dataclass(frozen=True, slots=True)
class BugLink:
    """What developers see at the bug of those who wait for it.

    ``mark`` is by what it is known again, unique to the case or known issue. ``resolved``: nobody
    waits any more.
    """

    mark: str
    url: str
    title: str
    summary: str
    resolved: bool = False


@dataclass(frozen=True, slots=True)
class BugEvent:
    """A webhook: something happened to the bug ``bug`` (its key), or to the version ``version``.

    What happened is not believed from here, it is read from the tracker. A redelivery has the same
    ``key``. ``id`` is the bug's own, which it keeps when it is moved; ``deleted`` that it was.
    ``told`` is the bug as the webhook tells it, None where that cannot be read: where it is what is
    known already, nothing that matters here has changed.
    """

    key: str
    bug: str = ""
    id: str = ""
    version: str = ""
    deleted: bool = False
    told: BugState | None = None


class Tracker(Protocol):
    """A bug tracker. Keys are as people write them, ``PROJ-123``."""

    @property
    def name(self) -> BugTracker:
        """Which one."""

    @property
    def site(self) -> str:
        """Its host, as people know it."""

    def key_of(self, typed: str) -> str:
        """The key in a text that is one, or in an address of this tracker; else empty."""

    def url_of(self, key: str) -> str:
        """Where people read the bug."""

    async def state(self, key: str) -> BugState:
        """The bug as it is now, under its new key where it was moved.

        Raises Missing, Forbidden, Refused, Limited, Away.
        """

    async def put_link(self, key: str, link: BugLink) -> None:
        """Show this at the bug, once: what has the same mark is replaced. Raises as ``state``."""

    async def remove_link(self, key: str, mark: str) -> None:
        """Take it away; done where it is not there. Raises Forbidden, Refused, Limited, Away."""

    def may_be_signed(self, headers: Mapping[str, str]) -> bool:
        """False for a webhook that cannot be signed, whatever its body is; costs no reading."""

    def is_signed(self, headers: Mapping[str, str], raw: bytes) -> bool:
        """True for a webhook that only the tracker can have sent; names are lower case.

        Any one of the configured secrets is enough; without a secret nothing is signed.
        """

    def event(self, raw: bytes) -> BugEvent | None:
        """What a signed webhook says; None when it is about neither a bug nor a version.

        Raises ValueError for what cannot be read.
        """

    async def check(self) -> str:
        """Who we are there. Raises Refused, Limited, Away."""

    async def close(self) -> None:
        """Close the HTTP session."""

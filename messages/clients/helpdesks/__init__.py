"""Help desks, as we talk to them: one protocol, one module for each provider.

A reply ends in one of four ways: its id there; Refused (for good); Limited (later); Away (it is not
known whether it was taken). A caller that repeats says so, and the provider's module then looks
before it writes, for the mark of the reply and by no clock of ours.

A further provider is a class that keeps this protocol, a member of ``HelpDesk``, its settings, and
its words under ``help_desk`` and ``route`` in the locale. When replies are sent and what is read
becomes is in ``bot.tickets``.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.rules.helpdesks.tickets import TicketState
from bot.rules.mail.html_text import html_text
from bot.rules.mail.quotes import new_words
from bot.rules.words import HelpDesk


class Refused(Exception):
    """The help desk will not take this, now or later; ``reason`` is what it said, on one line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Limited(Exception):
    """The help desk asks to wait ``seconds``, a quarter of an hour at most; nothing happened."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry after {seconds} s")
        self.seconds = seconds


class Away(Exception):
    """No usable answer came: what was asked may or may not have happened.

    ``status`` is that of an answer that we could not use, 0 where there was none. Refused
    credentials (401, 403) come here too: an administrator can repair them. Logs and lists show
    ``str()``; ``reason`` is for those on the case, in the help desk's words, which may name the
    customer.
    """

    def __init__(self, why: str, status: int = 0, reason: str = "") -> None:
        super().__init__(why)
        self.status, self.reason = status, reason or why


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to the customer; ``mark`` is by what it is known again, ``reference`` says it.

    ``text`` is plain. ``mark`` is unique to the reply, such as ``ESC-7-12``; ``reference`` is a
    sentence with it, in the customer's language, for a help desk that has no other place for it.
    """

    ticket: str
    text: str
    mark: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something public in a ticket; ``customer`` is false for what a colleague wrote.

    ``id`` is the help desk's, ``at`` aware UTC by its clock, ``text`` only what is new in it,
    plain. ``mark`` is that of a reply of ours, empty for all others.
    """

    id: str
    at: datetime
    text: str
    customer: bool
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook: something happened in ``ticket``. A redelivery has the same ``key``.

    What happened is not believed from here: it is read from the help desk. ``rating`` is the id of
    a rating that was given, where the help desk keeps ratings by themselves. ``status`` and
    ``tags`` are those that the webhook tells where it is about nothing else, else None: where they
    are what is known already, it is the echo of a write of ours, and nothing is looked at.
    ``merged``: other tickets went up in this one, or it in another, ``into`` where that is told.
    """

    key: str
    ticket: str
    rating: str = ""
    status: str | None = None
    tags: frozenset[str] | None = None
    merged: bool = False
    into: str = ""


class Reader(Protocol):
    """Reads what strangers wrote, in a process of its own where one is there."""

    def __call__(self, text: str, *, html: bool) -> Awaitable[str]:
        """What is new in a text, or a page of HTML, without quotes and signatures."""


async def read_here(text: str, *, html: bool) -> str:
    """What is new in a text or a page of HTML, read in this process."""
    return new_words(html_text(text) if html else text)


class Connector(Protocol):
    """A help desk in which we can answer. Ids of tickets are digits, as text."""

    @property
    def name(self) -> HelpDesk:
        """Which help desk."""

    def ticket_of(self, url: str) -> str:
        """The ticket at an address that agents use; empty for an address of anything else.

        Nothing is asked: whether the ticket exists is found out when it is read.
        """

    async def reply(self, reply: Reply, *, again: bool = False) -> str:
        """Answer the customer publicly; the new entry's id.

        ``again``: an earlier try may have succeeded; what it left is looked for by its mark, and
        adopted. Raises Refused, Limited, Away.
        """

    async def entries(self, ticket: str, since: datetime) -> Sequence[Entry]:
        """What was publicly written since then, oldest first. Raises Refused, Limited, Away.

        Ours are among them, by their ``mark``. ``since`` is compared with the help desk's clock.
        """

    async def requester(self, ticket: str) -> str:
        """The email address of whom a reply goes to; empty for none. Raises as ``entries``."""

    async def state(self, ticket: str, *, rating: str = "", into: str = "") -> TicketState:
        """The ticket as it is now, or the one in which it went up.

        ``rating`` and ``into`` are those of an ``Event``; what they say is asked. Raises as
        ``entries``.
        """

    async def note(self, note: Reply, *, again: bool = False) -> str:
        """Leave an internal note, which the customer never sees; its id. Raises as ``reply``."""

    async def add_tag(self, ticket: str, tag: str) -> TicketState:
        """Set a tag and leave the others; the ticket as it is then. Doing it again is harmless.

        Raises as ``reply``. What the customer and the rating would say may be missing: only status,
        tags and the rest of the ticket itself are told.
        """

    async def set_status(self, ticket: str, status: str) -> TicketState:
        """Set the status, in the help desk's own word; the ticket as it is then.

        Doing it again is harmless. Raises as ``reply``. The same may be missing as after
        ``add_tag``. Only statuses that ``terms`` lists as settable may be asked for; that is not
        checked here.
        """

    def may_be_signed(self, headers: Mapping[str, str], now: datetime) -> bool:
        """False for a webhook that cannot be signed, whatever its body is; costs no reading."""

    def is_signed(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        """True for a webhook that only the help desk can have sent; names are lower case.

        Any one of the configured secrets is enough; without a secret nothing is signed.
        """

    def event(self, headers: Mapping[str, str], raw: bytes) -> Event | None:
        """What a signed webhook says; None when it is about nothing that was written.

        Raises ValueError for what cannot be read.
        """

    async def check(self) -> str:
        """Who we are there. Raises Refused, Limited, Away."""

    async def close(self) -> None:
        """Close the HTTP session."""

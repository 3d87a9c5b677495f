"""How we meet customers outside Slack: by mail, in their tickets, by links to pages of ours.

A route is a string stored with each message. Those that are keys of ``COURIERS`` in
``bot/wiring.py`` (``mail`` and the help desks) the app sends itself; by any other a person has sent
the message and only records it. ``Outside`` is what the settings say, ``Customers`` what a unit of
work is handed, once the signing key is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, cast

from bot.engine.parsing.pool import Parsers
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.duty.pagers import PagerName
from bot.rules.tokens import LinkClaim, LinkKind, ReportClaim, Signer
from bot.rules.webhook.sources import Sources
from messages.clients.helpdesks import Connector
from messages.clients.page_ways import PageWays
from messages.clients.pagers import Pager
from messages.clients.pagers.schedules import Schedules
from messages.clients.smtp import Mailer
from messages.clients.trackers import Tracker
from storage.models import Case, SentMessage

PAGE = "/c/"  # where a customer's page stands, followed by its token
BRIEF = "/b/"  # where a colleague's quarterly brief of an account stands, followed by its token
REPORT = "/g/"  # where a colleague's figures of a period stand, followed by their token
FORM = "/f/"  # where the public form stands; followed by a token, an account's, and what came of it
BY_MAIL = "mail"  # the route of a message that the app sends over SMTP
BY_HAND = "hand"  # the route of a broadcast's line that a person has to send


class Courier(Protocol):
    """A route by which the app itself sends a person's message to the customer of a case."""

    @property
    def medium(self) -> str:
        """``mail`` or ``ticket``: how its timeline entries begin, for instance ``mail_queued``."""

    async def queue_message(
        self, work: UnitOfWork, case: Case, message: SentMessage, receipt: int | None
    ) -> None:
        """Queue ``message`` in the outbox of the same transaction; nothing is sent yet.

        ``receipt`` is the id of the broadcast's recipient that it is for, None outside broadcasts.
        Raises UserError when this route cannot reach the customer of the case.
        """


@dataclass(frozen=True, slots=True)
class Outside:
    """What the administrator set; without a mailer nothing is mailed, without a URL no links.

    ``authserv_id`` is the mail server that checks senders for us; empty: no check counts.
    ``intake_address`` is where customers ask for an escalation by mail; empty: nowhere.
    ``signing_keys``, the newest first, are none where the app made its own (``signing_key``).
    ``pagers`` and ``ways`` wake people outside Slack; ``pager_secrets``, by pager, prove what they
    tell; ``schedules`` say who is on call there.
    ``intake_sources`` are the programs that may report, each with its secrets. ``tracker`` is where
    the developers keep bugs, ``playbooks_dir`` where the organisation keeps its own playbooks.
    """

    mailer: Mailer | None = None
    public_url: str = ""
    signing_keys: Sequence[str] = ()
    inbound_secret: str = ""
    helpdesks: Sequence[Connector] = ()
    authserv_id: str = ""
    parsers: Parsers = field(default_factory=Parsers)
    intake_sources: Sources = field(default_factory=dict)
    podium_secrets: Sequence[str] = ()
    intake_address: str = ""
    public_form: bool = False
    tracker: Tracker | None = None
    pagers: Sequence[Pager] = ()
    pager_secrets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ways: PageWays | None = None
    schedules: Mapping[PagerName, Schedules] = field(default_factory=dict)
    playbooks_dir: Path | None = None

    @property
    def connections(self) -> Sequence[Connector | Tracker | Pager | PageWays | Schedules]:
        """All that keeps an HTTP session or threads, to be closed at the end."""
        single = (self.tracker, self.ways)
        return [
            *self.helpdesks, *self.pagers, *self.schedules.values(),
            *(each for each in single if each is not None),
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Customers:
    """What a unit of work may use: whether mail goes out, and how links are signed."""

    signer: Signer
    mailer: Mailer | None = None
    public_url: str = ""
    helpdesks: Mapping[str, Connector] = field(default_factory=dict)
    authserv_id: str = ""
    intake_address: str = ""
    tracker: Tracker | None = None
    pagers: Mapping[str, Pager] = field(default_factory=dict)
    ways: PageWays | None = None

    def ticket_at(self, url: str) -> tuple[str, str] | None:
        """Return the help desk's name and the ticket's id that an address names.

        None where the address is of no help desk that is set up.
        """
        for name, connector in self.helpdesks.items():
            if ticket := connector.ticket_of(url):
                return name, ticket
        return None

    @property
    def mails(self) -> bool:
        """True when the app can send mail."""
        return self.mailer is not None

    @property
    def pages(self) -> bool:
        """True when customers can reach pages of ours."""
        return bool(self.public_url)

    def url(self, kind: str, number: int, expires_at: datetime) -> str:
        """Return the address of a customer's page, with a signed token that ends at ``expires_at``.

        ``number`` is the id of the ``CustomerLink``, not the case's. Raises ValueError for a
        ``kind`` that is no ``LinkKind``.
        """
        token = self.signer.link(LinkClaim(LinkKind(kind), number, expires_at))
        return self.public_url.rstrip("/") + PAGE + token

    def brief_url(self, number: int, expires_at: datetime) -> str:
        """Return the address of a quarterly brief; ``number`` is the id of the ``SponsorBrief``."""
        token = self.signer.link(LinkClaim(LinkKind.BRIEF, number, expires_at))
        return self.public_url.rstrip("/") + BRIEF + token

    def report_url(self, claim: ReportClaim) -> str:
        """Return the address of a report; its token says of what, and for whom."""
        return self.public_url.rstrip("/") + REPORT + self.signer.report_link(claim)

    def form_url(self, kind: LinkKind, number: int, expires_at: datetime) -> str:
        """Return the address of a form, of its confirmation, or of where a request stands.

        ``number`` is the id of the ``FormLink`` for a form, else of the ``FormRequest``.
        """
        token = self.signer.link(LinkClaim(kind, number, expires_at))
        return self.public_url.rstrip("/") + FORM + token


class HasChannels(Protocol):
    """A unit of work, or the services that it is begun with."""

    @property
    def customers(self) -> object:
        """The channels to customers, as the engine hands them on."""


def customer_channels(holder: HasChannels) -> Customers | None:
    """The channels to customers that a unit of work was begun with; None: there are none."""
    return cast(Customers | None, holder.customers)


def require_channels(holder: HasChannels) -> Customers:
    """The channels to customers in a process that delivers. Raises RuntimeError without any."""
    channels = customer_channels(holder)
    if channels is None:
        raise RuntimeError("there are no channels to customers")
    return channels


def tracker_of(holder: HasChannels) -> Tracker | None:
    """The bug tracker that is set up; None without one."""
    channels = customer_channels(holder)
    return channels.tracker if channels else None


def read_bug_key(tracker: Tracker | None, typed: str) -> str:
    """The key that people named a bug by; empty where no tracker is set up, or nothing was typed.

    Raises UserError ``bug_elsewhere`` for an address of another place, ``no_bug_key`` for anything
    else that is no key; both with ``site``, the tracker's.
    """
    if tracker is None or not typed:
        return ""
    if key := tracker.key_of(typed):
        return key
    address = typed.startswith(("https://", "http://"))
    raise UserError("bug_elsewhere" if address else "no_bug_key", site=tracker.site)


def find_courier(work: UnitOfWork, route: str) -> Courier | None:
    """Return what sends a message by this route; None: a person sends it themselves."""
    return cast(Courier | None, work.wiring.couriers.get(route))


def join_channels(signer: Signer, outside: Outside) -> Customers:
    """How customers are reached, by what the administrator has set."""
    return Customers(
        signer,
        outside.mailer,
        outside.public_url,
        {each.name.value: each for each in outside.helpdesks},
        outside.authserv_id,
        outside.intake_address,
        outside.tracker,
        {each.name.value: each for each in outside.pagers},
        outside.ways,
    )

"""The door for mail: who may hand it in, and one transaction for what it means.

``X-Desk-Signature: v1=`` and the hex HMAC-SHA256, with MAIL_INBOUND_SECRET, over the value of
``X-Desk-Timestamp`` (seconds since 1970), a full stop and the raw body.

The timestamp may differ from our machine's time by five minutes either way. Handing the same mail
in again is harmless. ``handlers/http/mail.py`` has the route ``POST /mail/inbound``.
"""

import hashlib
import hmac
import re
from datetime import timedelta
from typing import BinaryIO, Protocol

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import IntegrityError

from bot.customers.channels import Customers, Outside
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.mail.incoming import take_in_mail
from bot.rules.mail.parsing import InboundMail

WINDOW = timedelta(minutes=5)  # how old a signature may be; the same as Slack's
STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
GIVEN = re.compile(r"v1=[0-9a-f]{64}", re.ASCII)
HEARD = Counter("desk_mails_total", "Emails taken in, by what became of them", ["outcome"])

log = structlog.get_logger()


class MailServices(WorkServices, Protocol):
    """What receiving mail needs of the process."""

    @property
    def customers(self) -> Customers:
        """The channels to customers."""

    @property
    def outside(self) -> Outside:
        """What the administrator set for mail and pages."""

    async def happened(self) -> None:
        """Show what was committed outside Slack, and look at the clocks again."""


def inbound_signature(secret: str, timestamp: str, raw: bytes) -> str:
    """What ``X-Desk-Signature`` must be."""
    signed = timestamp.encode() + b"." + raw
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Signature:
    """The signature of a mail, checked piece by piece as the mail arrives.

    ``possible`` is known before the first byte: False without a secret, for a malformed header or a
    timestamp outside the window, so such a mail need not be read.
    """

    def __init__(self, services: MailServices, timestamp: str, given: str) -> None:
        """Check a signature while the body arrives.

        ``timestamp`` is in seconds, ``given`` hexadecimal. ``possible`` is false at once where no
        secret is set, or the time is further from the machine's than ``WINDOW``: then the body need
        not be read.
        """
        secret = services.outside.inbound_secret
        self._given = given
        self._mac = hmac.new(secret.encode(), timestamp.encode() + b".", hashlib.sha256)
        self.possible = (
            bool(secret)
            and STAMP.fullmatch(timestamp) is not None
            and abs(services.clock.real().timestamp() - int(timestamp)) <= WINDOW.total_seconds()
            and GIVEN.fullmatch(given) is not None
        )

    def add(self, piece: bytes) -> None:
        """The next bytes of the mail."""
        self._mac.update(piece)

    @property
    def right(self) -> bool:
        """True when the sender knows the secret, and signed exactly these bytes just now."""
        return self.possible and hmac.compare_digest("v1=" + self._mac.hexdigest(), self._given)


async def _take_in(services: MailServices, mail: InboundMail) -> str:
    async with UnitOfWork.begin(services, Actor(SYSTEM, "mail"), new_reference()) as work:
        return await take_in_mail(work, mail, services.customers.signer)


async def receive_mail(services: MailServices, raw: BinaryIO) -> str:
    """Take in a signed mail; answers what became of it (see ``take_in_mail``).

    The signature has been checked by the caller. It is parsed in another process, before the
    transaction. A second delivery at the same moment is tried once more, and found as repeated or
    as another mail then; a further IntegrityError is the caller's. The outcome is counted in
    ``desk_mails_total``. Raises ValueError for what is no mail, Busy when too many wait to be read:
    both before anything is stored.
    """
    mail = await services.outside.parsers.mail(raw)
    try:
        outcome = await _take_in(services, mail)
    except IntegrityError:  # under its Message-ID another one, or the same, came at this moment
        outcome = await _take_in(services, mail)
    HEARD.labels(outcome).inc()
    log.info("mail_heard", outcome=outcome, unread=mail.unread)
    await services.happened()
    return outcome

"""The door for mail: who may hand it in, and one transaction for what it means.

``X-Desk-Signature: v1=`` and the hex HMAC-SHA256, with MAIL_INBOUND_SECRET, over the value of
``X-Desk-Timestamp`` (seconds since 1970), a full stop and the raw body.
"""

import hashlib
import hmac
from datetime import timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import IntegrityError

from bot.actors import SYSTEM, Actor
from bot.cases.hearing import hear
from bot.errors import new_reference
from bot.ports import Desk
from bot.rules.mailtext import read
from bot.work import Work

WINDOW = timedelta(minutes=5)  # how old a signature may be; the same as Slack's
HEARD = Counter("desk_mails_total", "Mails taken in, by what became of them", ["outcome"])

log = structlog.get_logger()


def signature(secret: str, timestamp: str, raw: bytes) -> str:
    """What ``X-Desk-Signature`` must be."""
    signed = timestamp.encode() + b"." + raw
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(desk: Desk, timestamp: str, given: str, raw: bytes) -> bool:
    """True when whoever hands mail in knows the secret, and signed it just now."""
    secret = desk.outside.inbound_secret
    if not secret or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    age = desk.clock.real().timestamp() - int(timestamp)
    if abs(age) > WINDOW.total_seconds():
        return False
    return hmac.compare_digest(signature(secret, timestamp, raw).encode(), given.encode())


async def receive(desk: Desk, raw: bytes) -> str:
    """Take in a signed mail; answers what became of it. Raises ValueError for what is none."""
    mail = read(raw)
    try:
        async with desk.database.write() as session:
            work = Work(
                session,
                desk.clock.now(),
                desk.policy,
                Actor(SYSTEM, "mail"),
                new_reference(),
                desk.customers,
            )
            outcome = await hear(work, mail, desk.customers.signer)
    except IntegrityError:
        outcome = "repeated"  # the same mail came twice at once
    HEARD.labels(outcome).inc()
    log.info("mail_heard", outcome=outcome)
    await desk.happened()
    return outcome

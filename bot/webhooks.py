"""What the webhooks of others have in common, once their headers were judged.

Each is counted by its outcome, read, and taken in at most once; who sends which, and what follows,
is decided by the subject's own ``webhooks`` module.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import IntegrityError

from bot.engine.actors import SYSTEM
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import InboxState
from storage.models import Inbox

E = TypeVar("E")
WORRYING = ("unsigned", "unreadable")  # outcomes that an administrator should see in the log

log = structlog.get_logger()


class Waking(Protocol):
    """What takes a webhook in."""

    async def happened(self) -> None:
        """Wake delivery, the inbox and the timer of what is due, after the commit."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """How webhooks of one kind are counted and logged.

    ``counter`` has the labels ``label`` (who sent it) and ``outcome``; ``event`` is the log's.
    """

    counter: Counter
    event: str
    label: str

    def count_outcome(self, name: str, outcome: str) -> str:
        """Count what became of a webhook, and answer it."""
        self.counter.labels(name, outcome).inc()
        level = log.warning if outcome in WORRYING else log.debug
        level(self.event, **{self.label: name, "outcome": outcome})
        return outcome


async def take_once(
    services: Waking, read: Callable[[], E | None], accept: Callable[[E], Awaitable[str]]
) -> str:
    """Take in a webhook that is signed; answers what became of it.

    ``unreadable`` where ``read`` raises ValueError, ``ignored`` where it finds nothing that is
    looked at, ``repeated`` where the transaction of ``accept`` raises IntegrityError, which any is
    taken for, else what ``accept`` answers. Delivery is woken after ``accepted``.
    """
    try:
        event = read()
    except ValueError:
        return "unreadable"
    if event is None:
        return "ignored"
    try:
        outcome = await accept(event)
    except IntegrityError:
        return "repeated"
    if outcome == "accepted":
        await services.happened()
    return outcome


async def remember_event(work: UnitOfWork, source: str, key: str, verb: str) -> None:
    """Store the webhook's key, ``<source>:<key>``, so that a redelivery is known.

    It is a row of the inbox that is done already: what it asks for stands in the outbox from the
    same commit on. Raises IntegrityError for a key that was here before.
    """
    row = Inbox(
        key=f"{source}:{key}", verb=verb, actor=SYSTEM, source=source, state=InboxState.DONE,
        correlation=work.correlation, received_at=work.now,
    )  # fmt: skip
    work.session.add(row)
    await work.session.flush()

"""The webhooks of help desks, which are a reason to look and never the source of what is said.

A webhook only tells that something happened to a ticket. What it was is then read from the help
desk itself, in the lane of that ticket: so nothing is said twice however often it is delivered,
what an earlier one failed to bring is found by the next, and our own replies are known by their
ids, since they stand in the same lane before.

The route is in ``handlers/http/helpdesks.py``, which answers 401 for ``unsigned``, 400 for
``unreadable`` and 200 for all else: sending those again would not help.
"""

from collections.abc import Mapping
from typing import Protocol

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import IntegrityError

from bot.customers.channels import Customers
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.rules.states import InboxState
from bot.tickets import link as ticket_link
from bot.tickets.known import find_known, is_echo, was_candidate
from messages.clients.helpdesks import Event
from storage.models import Inbox

HEARD = Counter(
    "desk_helpdesk_events_total",
    "Webhooks of help desks, by what became of them",
    ["desk", "outcome"],
)

log = structlog.get_logger()


class WebhookServices(WorkServices, Protocol):
    """What webhooks need of the process."""

    @property
    def customers(self) -> Customers:
        """The channels to customers."""

    async def happened(self) -> None:
        """Wake delivery, the inbox and the timer of what is due, after the commit."""


def may_be_signed(services: WebhookServices, name: str, headers: Mapping[str, str]) -> bool:
    """Whether the body is worth reading: the headers may carry a signature that is not too old.

    False for a help desk that is not set up. ``headers`` have names in lower case.
    """
    connector = services.customers.helpdesks.get(name)
    return connector is not None and connector.may_be_signed(headers, services.clock.real())


async def receive_webhook(
    services: WebhookServices, name: str, headers: Mapping[str, str], raw: bytes
) -> str:
    """Take in a webhook; answers what became of it.

    One of ``unsigned``, ``unreadable``, ``ignored`` (about nothing that is looked at), ``unknown``
    (no case is linked to that ticket, and no rule of the policy asks about it), ``echo`` (of what
    we set ourselves), ``repeated``, ``accepted``. Each is counted in
    ``desk_helpdesk_events_total``.
    """
    return _told(name, await _outcome(services, name, headers, raw))


def needs_no_reading(name: str) -> str:
    """Count a webhook that is refused before its body is read; answers ``unsigned``."""
    return _told(name, "unsigned")


def _told(name: str, outcome: str) -> str:
    HEARD.labels(name, outcome).inc()
    level = log.warning if outcome in ("unsigned", "unreadable") else log.debug
    level("helpdesk_event", desk=name, outcome=outcome)
    return outcome


async def _outcome(
    services: WebhookServices, name: str, headers: Mapping[str, str], raw: bytes
) -> str:
    """Check the signature, read the event, and queue the look; returns what ``receive_webhook``
    says.

    The store is touched only for a signed event about a ticket. Any IntegrityError of that
    transaction is taken for a redelivery. Delivery is woken after the commit.
    """
    connector = services.customers.helpdesks.get(name)
    if connector is None or not connector.is_signed(headers, raw, services.clock.real()):
        return "unsigned"
    try:
        event = connector.event(headers, raw)
    except ValueError:
        return "unreadable"
    if event is None:
        return "ignored"
    try:
        outcome = await _accept(services, name, event)
    except IntegrityError:
        return "repeated"
    if outcome == "accepted":
        await services.happened()
    return outcome


async def _accept(services: WebhookServices, name: str, event: Event) -> str:
    """Queue a look into the ticket, under the webhook's key; answers what became of the webhook.

    A ticket of no case is looked at where the policy has rules for its help desk, where it was a
    candidate before, and where others went up in it, which may have cases. The key is
    ``<help desk>:<event's key>``, stored as a row of the inbox that is done already: it only keeps
    a redelivery from being accepted again. What is unknown or an echo leaves no row. Raises
    IntegrityError for a key that was here before.
    """
    async with services.database.write() as session:
        case = await ticket_link.case_of(session, name, event.ticket)
        known = await find_known(session, name, event.ticket)
        if is_echo(known, event):
            return "echo"
        rules = services.policy.helpdesk(name).candidates
        if case is None and not (rules or was_candidate(known) or event.merged):
            return "unknown"
        work = UnitOfWork.join(session, services, Actor(SYSTEM, name), new_reference())
        session.add(
            Inbox(
                key=f"{name}:{event.key}",
                verb="ticket_event",
                actor=SYSTEM,
                source=name,
                state=InboxState.DONE,  # what it asks for stands in the outbox from this commit on
                correlation=work.correlation,
                received_at=work.now,
            )
        )
        await session.flush()
        await ticket_link.queue_look(work, name, event.ticket, case, event=event)
        return "accepted"

"""The webhooks of help desks, which are a reason to look and never the source of what is said.

A webhook only tells that something happened to a ticket. What it was is then read from the help
desk itself, in the lane of that ticket: so nothing is said twice however often it is delivered,
what an earlier one failed to bring is found by the next, and our own replies are known by their
ids, since they stand in the same lane before.

The route is in ``handlers/http/helpdesks.py``.
"""

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from prometheus_client import Counter

from bot.customers.channels import Customers
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.tickets import link as ticket_link
from bot.tickets.known import find_known, is_echo, was_candidate
from bot.webhooks import Hearing, remember_event, take_once
from messages.clients.helpdesks import Event

HEARD = Counter(
    "desk_helpdesk_events_total",
    "Webhooks of help desks, by what became of them",
    ["desk", "outcome"],
)

HEARING = Hearing(HEARD, "helpdesk_event", "desk")


class WebhookServices(WorkServices, Protocol):
    """What webhooks need of the process."""

    @property
    def customers(self) -> Customers:
        """The channels to customers."""

    async def happened(self) -> None:
        """Wake delivery, the inbox and the timer of what is due, after the commit."""


def may_be_signed(services: WebhookServices, name: str, headers: Mapping[str, str]) -> bool:
    """Whether the body is worth reading: the headers may carry a signature that is not too old.

    False for a help desk that is not set up. ``headers`` have names in lower case. Counted where it
    is not.
    """
    connector = services.customers.helpdesks.get(name)
    able = connector is not None and connector.may_be_signed(headers, services.clock.real())
    if not able:
        HEARING.count_outcome(name, "unsigned")
    return able


async def receive_webhook(
    services: WebhookServices, name: str, headers: Mapping[str, str], raw: bytes
) -> str:
    """Take in a webhook; answers what became of it.

    One of ``unsigned``, ``unreadable``, ``ignored`` (about nothing that is looked at), ``unknown``
    (no case is linked to that ticket, and no rule of the policy asks about it), ``echo`` (of what
    we set ourselves), ``repeated``, ``accepted``. Each is counted in
    ``desk_helpdesk_events_total``.
    """
    return HEARING.count_outcome(name, await _outcome(services, name, headers, raw))


async def _outcome(
    services: WebhookServices, name: str, headers: Mapping[str, str], raw: bytes
) -> str:
    """Check the signature, read the event, and queue the look, as ``take_once`` says.

    The store is touched only for a signed event about a ticket.
    """
    connector = services.customers.helpdesks.get(name)
    if connector is None or not connector.is_signed(headers, raw, services.clock.real()):
        return "unsigned"
    return await take_once(
        services, partial(connector.event, headers, raw), partial(_accept, services, name)
    )


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
        await remember_event(work, name, event.key, "ticket_event")
        await ticket_link.queue_look(work, name, event.ticket, case, event=event)
        return "accepted"

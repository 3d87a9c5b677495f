"""What pagers tell: an acknowledgement leaves a row, which delivery lets count.

The route is ``handlers/http/pagers.py``. A webhook that comes twice leaves two rows, of which the
second finds the case taken. A case that is not known here, or not waiting any more, leaves none.
"""

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from prometheus_client import Counter

from bot.customers.channels import Outside
from bot.effects import OPENING
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import UserError, new_reference
from bot.rules.duty.pagers import (
    PagerEvent,
    PagerName,
    case_of_key,
    is_from_opsgenie,
    is_from_pagerduty,
    read_opsgenie,
    read_pagerduty,
)
from bot.rules.words import Status
from bot.webhooks import Hearing, take_once

HEARD = Counter(
    "desk_pager_events_total", "Webhooks of pagers, by what became of them", ["pager", "outcome"]
)

HEARING = Hearing(HEARD, "pager_event", "pager")


class PagerServices(WorkServices, Protocol):
    """What webhooks of pagers need of the process."""

    @property
    def outside(self) -> Outside:
        """What the administrator set: the secrets."""

    async def happened(self) -> None:
        """Wake delivery after the commit."""


def may_be_told(services: PagerServices, name: PagerName, headers: Mapping[str, str]) -> bool:
    """Whether the body is worth reading: a secret is set and the header that proves it is there.

    Opsgenie's header is judged here in whole, since it is not over the body. Names of ``headers``
    are in lower case. Counted where it is not.
    """
    secrets = services.outside.pager_secrets.get(name.value, ())
    if name is PagerName.OPSGENIE:
        right = is_from_opsgenie(secrets, headers.get("authorization", ""))
    else:
        right = bool(secrets) and "v1=" in headers.get("x-pagerduty-signature", "")
    if not right:
        _count(name, "unsigned")
    return right


async def receive_told(
    services: PagerServices, name: PagerName, headers: Mapping[str, str], raw: bytes
) -> str:
    """Take in a webhook whose headers were judged; answers what became of it, which is counted.

    One of ``unsigned``, ``unreadable``, ``ignored`` (no acknowledgement of a page of ours, or of a
    case that does not wait), ``accepted``.
    """
    secrets = services.outside.pager_secrets.get(name.value, ())
    signature = headers.get("x-pagerduty-signature", "")
    if name is PagerName.PAGERDUTY and not is_from_pagerduty(secrets, signature, raw):
        return _count(name, "unsigned")
    read = read_pagerduty if name is PagerName.PAGERDUTY else read_opsgenie
    outcome = await take_once(services, partial(read, raw), partial(_keep, services, name))
    return _count(name, outcome)


async def _keep(services: PagerServices, name: PagerName, event: PagerEvent) -> str:
    """Leave the row for an event of a case that waits to be taken; else it is ``ignored``."""
    async with UnitOfWork.begin(services, Actor(SYSTEM, name.value), new_reference()) as work:
        try:
            case = await work.case(case_of_key(event.key) or 0)
        except UserError:
            return "ignored"
        if case.status != Status.NEW:
            return "ignored"
        said = {"do": "answered", "key": event.key, "agent": event.agent, "email": event.email,
                "name": event.name}  # fmt: skip
        work.leave(name.value, f"{name.value}:{event.key}", said, case=case, priority=OPENING)
    return "accepted"


def _count(name: PagerName, outcome: str) -> str:
    """Count and log what became of a webhook of this pager; answers ``outcome`` as it is."""
    return HEARING.count_outcome(name.value, outcome)

"""Podium's webhooks taken in: reviews as all reviews, messages where they need a person.

The route is ``handlers/http/podium.py``. What is delivered twice is known by its id.

A review is always taken in; a message only where its words show one of ``SIGNS``, or where its
conversation is being decided on or worked on. All else of Podium is forgotten at once. The work is
done as the system, in one transaction for each event.
"""

from functools import cache
from typing import Protocol

import structlog
from prometheus_client import Counter
from sqlmodel import col, select

from bot.customers.channels import Outside
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.intake.reviews.standing import goes_on
from bot.intake.reviews.take_in import take_in_review
from bot.intake.signals import find_standing, take_in_signal
from bot.rules.intake import Arrival, Contact, Reason
from bot.rules.names import fold_name
from bot.rules.reviews.podium import (
    PodiumMessage,
    is_from_podium,
    may_be_podium,
    read_event,
)
from bot.rules.reviews.review import GivenReview, ReviewSource
from bot.rules.words import Language
from messages.kit.texts import t
from storage.models import Signal

HEARD = Counter(
    "desk_podium_events_total", "Webhooks of Podium, by what became of them", ["outcome"]
)
SIGNS = (Reason.LEGAL_THREAT, Reason.THREAT, Reason.ASKED)  # that a message may show
BY_EMAIL = "email"  # the channel of which an address is an email address

log = structlog.get_logger()


class PodiumServices(WorkServices, Protocol):
    """What Podium's webhook needs of the process."""

    @property
    def outside(self) -> Outside:
        """What the administrator set: the secrets."""

    async def happened(self) -> None:
        """Show what was committed outside Slack, and look at the clocks again."""


def may_be_read(services: PodiumServices, timestamp: str, signature: str) -> bool:
    """Whether the body is worth reading; counted where it is not. Never without a secret.

    The time that Podium signed is compared with the computer's own, not with one that was moved
    for a trial.
    """
    able = bool(services.outside.podium_secrets)
    if able and may_be_podium(timestamp, signature, services.clock.real()):
        return True
    _count("unsigned")
    return False


async def receive_event(
    services: PodiumServices, timestamp: str, signature: str, raw: bytes
) -> str:
    """Take in an event; answers what became of it, which is counted.

    One of ``unsigned``, ``unreadable``, ``ignored`` (about nothing that needs a person), and what
    ``take_in_review`` or ``take_in_signal`` answers: ``new``, ``known``, ``changed``, ``old``, or
    ``repeated``, ``new``, ``added``, ``case``. The caller has asked ``may_be_read``. ``raw`` is the
    body as it came, byte by byte, since the signature is over that.
    """
    if not is_from_podium(services.outside.podium_secrets, timestamp, signature, raw):
        return _count("unsigned")
    try:
        event = read_event(raw)
    except (ValueError, RecursionError):
        return _count("unreadable")
    if event is None:
        return _count("ignored")
    async with UnitOfWork.begin(services, Actor(SYSTEM, "podium"), new_reference()) as work:
        outcome = await _take_in(work, event)
    await services.happened()
    return _count(outcome)


async def _take_in(work: UnitOfWork, event: GivenReview | PodiumMessage) -> str:
    """Take in what the event says, in the caller's transaction; answers what became of it.

    A message that was ignored leaves no row, so it is judged anew where Podium sends it again.
    """
    if isinstance(event, GivenReview):
        return (await take_in_review(work, event)).outcome
    reasons = find_signs(event.text)
    if not reasons and not await _is_followed(work, event):
        return "ignored"
    return (await take_in_signal(work, _read_message(work, event, reasons))).outcome


def find_signs(text: str) -> tuple[Reason, ...]:
    """Why a message needs a person, by how its words begin in any language; none: it does not.

    Signs are those of the texts ``signs.<reason>``, parted by ``|``, and are compared as names are
    (``fold_name``): case and accents do not matter. A word begins behind a space only, so one that
    follows a bracket is not found.
    """
    folded = f" {fold_name(text)}"
    return tuple(reason for reason in SIGNS if any(sign in folded for sign in _signs_of(reason)))


@cache
def _signs_of(reason: Reason) -> tuple[str, ...]:
    """How words begin that show it, folded, each behind a space."""
    said = (t(language, f"signs.{reason.value}") for language in Language)
    return tuple(f" {fold_name(sign)}" for signs in said for sign in signs.split("|"))


async def _is_followed(work: UnitOfWork, event: PodiumMessage) -> bool:
    """Whether its conversation is being decided on, or has a live case.

    What became of the newest signal of the conversation counts. False for a message that names no
    conversation. Locks nothing.
    """
    if not event.conversation:
        return False
    query = select(Signal.key).where(
        col(Signal.source) == ReviewSource.PODIUM.value,
        col(Signal.thread) == event.conversation,
    )
    key = (await work.session.exec(query.order_by(col(Signal.id).desc()))).first()
    standing = await find_standing(work.session, ReviewSource.PODIUM, key) if key else None
    return standing is not None and await goes_on(work, standing)


def _read_message(work: UnitOfWork, event: PodiumMessage, reasons: tuple[Reason, ...]) -> Arrival:
    """The message as an arrival under ``message:<Podium's id>``; without a time it came now.

    An address of any channel other than ``email`` is taken for a phone number.
    """
    by_email = event.channel == BY_EMAIL
    return Arrival(
        source=ReviewSource.PODIUM.value,
        key=f"message:{event.key}",
        text=event.text,
        happened_at=event.at or work.now,
        customer=event.author,
        contact=Contact(
            event.author, event.address if by_email else "", "" if by_email else event.address
        ),
        thread=event.conversation,
        reasons=reasons,
        details={"location": event.location} if event.location else {},
    )


def _count(outcome: str) -> str:
    """Count the outcome, log it (a warning for what was refused), and answer it."""
    HEARD.labels(outcome).inc()
    level = log.warning if outcome in ("unsigned", "unreadable") else log.info
    level("podium_event", outcome=outcome)
    return outcome

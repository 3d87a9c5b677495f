"""What a brief's link opens: the brief as its reader may know it at this moment.

The link carries the id of a ``SponsorBrief``, which says whose it is. Roles, the membership and the
cases are asked anew each time, so a link is worth no more than its reader.
"""

from typing import Protocol

from bot.customers.channels import Customers
from bot.engine.access_log import AccessLog
from bot.errors import UserError
from bot.people.directory import People
from bot.rules.facts import PersonFacts
from bot.rules.sponsorship.brief import Brief
from bot.rules.tokens import BadTokenError, LinkClaim, LinkKind
from bot.sponsorship.briefs.reading import BriefServices, read_brief
from storage.models import SponsorBrief


class OpeningServices(BriefServices, Protocol):
    """What opening a link needs of the process."""

    @property
    def people(self) -> People:
        """The directory."""

    @property
    def access(self) -> AccessLog:
        """The record of who takes something out."""

    @property
    def customers(self) -> Customers:
        """The channels by which links are signed."""


class BriefGoneError(Exception):
    """There is no such brief; the reason is never told, so that a token cannot be probed."""


async def open_brief(services: OpeningServices, token: str) -> tuple[Brief, PersonFacts]:
    """The brief, and whose it is: its link is theirs alone. Raises BriefGoneError.

    So it does where the link was altered or is over, the membership is over, its reader has left
    or may not know it any more.
    """
    claim = _claim(services, token)
    async with services.database.read() as session:
        row = await session.get(SponsorBrief, claim.id)
    if row is None or row.expires_at <= services.clock.now():
        raise BriefGoneError
    if services.people.left(row.reader) is not None:
        raise BriefGoneError
    try:
        brief = await read_brief(services, row.sponsorship, row.quarter, row.reader)
    except UserError:
        raise BriefGoneError from None
    return brief, await services.people.person(row.reader)


def _claim(services: OpeningServices, token: str) -> LinkClaim:
    """Check signature, kind and expiry, without the database. Raises BriefGoneError.

    So a token that was guessed costs no query.
    """
    try:
        claim = services.customers.signer.read_link(token)
    except BadTokenError:
        raise BriefGoneError from None
    if claim.kind is not LinkKind.BRIEF or claim.expires_at <= services.clock.now():
        raise BriefGoneError
    return claim

"""The rows of the programme: finding and locking them, and what notices tell of them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import organisational_roles
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.local_time import known_zone, local_day
from bot.rules.permissions import PERMISSIONS
from bot.rules.policy.load import Policy
from bot.rules.sponsorship.programme import Programme, ProgrammeText
from bot.rules.sponsorship.words import SponsorshipTopic
from bot.rules.states import IN_PROGRAMME, SponsorshipState
from bot.subjects import build_lane
from storage.columns import OPEN_CASE
from storage.models import (
    Account,
    Case,
    Person,
    Sponsorship,
    SponsorshipSignature,
    SponsorshipText,
    SponsorTouch,
)

MANAGE = "manage_sponsorships"  # the row of the permissions: who leads the programme
TAKEN = (SponsorshipState.OFFERED, SponsorshipState.ACTIVE)  # states that take one of the places


async def load_programme(session: AsyncSession) -> Programme:
    """The six texts as they stand, and the newest signature."""
    newest = select(func.max(SponsorshipText.id)).group_by(col(SponsorshipText.topic))
    query = select(SponsorshipText).where(col(SponsorshipText.id).in_(newest))
    texts = {
        SponsorshipTopic(row.topic): ProgrammeText(
            SponsorshipTopic(row.topic), row.body, row.author, row.at, row.months
        )
        for row in (await session.exec(query)).all()
    }
    signed = select(SponsorshipSignature).order_by(col(SponsorshipSignature.id).desc()).limit(1)
    last = (await session.exec(signed)).first()
    if last is None:
        return Programme(texts)
    return Programme(texts, last.digest, last.signed_by, last.signed_at)


async def find_membership(session: AsyncSession, account_key: str) -> Sponsorship | None:
    """The account's membership or nomination that is not over; None without one."""
    query = select(Sponsorship).where(col(Sponsorship.live_key) == account_key)
    return (await session.exec(query)).first()


async def list_touches(session: AsyncSession, membership: int) -> Sequence[SponsorTouch]:
    """The touches of a membership, made or owed, in the order in which they arose."""
    query = select(SponsorTouch).where(col(SponsorTouch.sponsorship) == membership)
    return (await session.exec(query.order_by(col(SponsorTouch.id)))).all()


async def lock_membership(work: UnitOfWork, number: int) -> Sponsorship:
    """The membership or nomination, locked until the transaction ends, and not over.

    Raises UserError ``no_such_sponsorship``, ``sponsorship_over``.
    """
    query = select(Sponsorship).where(col(Sponsorship.id) == number).with_for_update()
    row = (await work.session.exec(query)).one_or_none()
    if row is None:
        raise UserError("no_such_sponsorship")
    if row.state not in IN_PROGRAMME:
        raise UserError("sponsorship_over", customer=row.customer)
    return row


async def hold_membership(work: UnitOfWork, number: int) -> tuple[Sponsorship, Account | None]:
    """The membership with its account, the account locked first; None for one that is gone.

    Raises UserError as ``lock_membership`` does.
    """
    row = await work.session.get(Sponsorship, number)
    if row is None:
        raise UserError("no_such_sponsorship")
    query = select(Account).where(col(Account.key) == row.account_key).with_for_update()
    account = (await work.session.exec(query)).one_or_none()
    return await lock_membership(work, number), account


async def require_part(work: UnitOfWork, row: Sponsorship, *, deputy: bool = False) -> None:
    """Refuse those who neither sponsor the account nor lead the programme.

    ``deputy``: its deputy may as well. Raises UserError ``not_your_account`` (``user``).
    """
    mine = {row.sponsor, row.deputy} if deputy else {row.sponsor}
    leads = organisational_roles(work.policy, work.actor.user_id) & PERMISSIONS[MANAGE]
    if work.actor.user_id not in mine and not leads:
        raise UserError("not_your_account", user=row.sponsor or "")


async def lock_account(work: UnitOfWork, key: str) -> Account:
    """The account, locked, so that it is nominated once. Raises UserError ``no_such_account``."""
    query = select(Account).where(col(Account.key) == key).with_for_update()
    found = (await work.session.exec(query)).one_or_none()
    if found is None:
        raise UserError("no_such_account", account=key)
    return found


async def count_places(work: UnitOfWork, sponsor: str) -> int:
    """How many places of the sponsor are taken, by what they have and what they are offered.

    Their row in the directory is locked, so that two transactions do not give one place.
    """
    held = select(Person).where(col(Person.user_id) == sponsor).with_for_update()
    await work.session.exec(held)
    await work.session.flush()
    theirs = (col(Sponsorship.sponsor) == sponsor) & col(Sponsorship.state).in_(TAKEN)
    offered = col(Sponsorship.offered_to) == sponsor
    query = select(func.count()).where(theirs | offered)
    return int((await work.session.exec(query)).one())


async def list_waiting(session: AsyncSession, sponsor: str) -> Sequence[Sponsorship]:
    """The sponsor's waiting list: the highest score first, among equals who was nominated first."""
    query = select(Sponsorship).where(
        col(Sponsorship.sponsor) == sponsor, col(Sponsorship.state) == SponsorshipState.WAITING
    )
    order = (
        col(Sponsorship.score).desc(), col(Sponsorship.nominated_at), col(Sponsorship.id)
    )  # fmt: skip
    return (await session.exec(query.order_by(*order))).all()


async def redraw_cards(work: UnitOfWork, account: str) -> None:
    """Have the cards of the account's open cases name its sponsor; nothing else of them changes.

    The cases are not locked, as they would have to be before the membership: a card is drawn when
    it is sent. A card that waits already is drawn twice, which shows the same. A case without a
    channel names the sponsor once its card is drawn for the first time.
    """
    query = select(Case).where(
        col(Case.account_key) == account, OPEN_CASE, col(Case.channel_id).is_not(None)
    )
    for case in (await work.session.exec(query)).all():
        work.leave("card", build_lane(case, "card"), {}, case=case, priority=effects.NUDGE)


def zone_of(policy: Policy) -> ZoneInfo:
    """The organisation's zone, by which days of the programme begin and end."""
    return known_zone(policy.timezone)


def today_of(work: UnitOfWork) -> date:
    """The organisation's day."""
    return local_day(work.now, work.policy.timezone)


def describe_membership(row: Sponsorship) -> dict[str, Any]:
    """What notices tell of it, as JSON; days and instants are ISO 8601, empty where not known."""
    return {
        "membership": row.id,
        "customer": row.customer,
        "sponsor": row.sponsor or "",
        "deputy": row.deputy or "",
        "reason": row.reason,
        "score": row.score,
        "case": row.case_number,
        "consent_by": row.consent_by,
        "began_at": _text(row.began_at),
        "review_on": _text(row.review_on),
        "ends_on": _text(row.ends_on),
    }


def _text(day: date | datetime | None) -> str:
    """A day or an instant in ISO 8601; empty for None."""
    return day.isoformat() if day else ""

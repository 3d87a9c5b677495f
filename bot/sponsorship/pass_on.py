"""How another sponsor takes over: named by a person, or the deputy at once when the sponsor leaves.

A sponsor who cannot be reached any more is noticed with everyone who left
(``bot.operations.departures``).
"""

from typing import ClassVar

import structlog
from sqlmodel import col, or_, select

from bot.core.access import require_permission
from bot.engine.actors import SYSTEM, Actor
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent, SlackUser
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import UserError, new_reference
from bot.rules.membership import UNFIT
from bot.rules.states import IN_PROGRAMME, SponsorshipState
from bot.sponsorship.offers import (
    has_place,
    offer_account,
    offer_deputy,
    offer_next,
    offer_or_wait,
    seek_sponsor,
)
from bot.sponsorship.rows import (
    describe_membership,
    hold_membership,
    redraw_cards,
    require_part,
)
from storage.models import Person, Sponsorship

log = structlog.get_logger()


class PassSponsorship(Intent):
    """Offer an account to another sponsor; ``deputy`` None keeps who it was."""

    verb: ClassVar[str] = "pass_sponsorship"
    membership: Hidden[int]
    user: SlackUser
    deputy: SlackUser | None = None


async def pass_sponsorship(work: UnitOfWork, intent: PassSponsorship) -> Answer | None:
    """Offer it to another, who takes over by accepting; until then its sponsor stays.

    One that has not begun waits where the other has no place; one that has needs a place at once.
    Raises UserError ``not_your_account``, ``already_sponsor``, ``deputy_is_sponsor``,
    ``sponsor_full`` (``user``, ``most``).
    """
    await require_permission(work, None, "pass_sponsorship")
    row, _ = await hold_membership(work, intent.membership)
    await require_part(work, row)
    active = row.state is SponsorshipState.ACTIVE
    if intent.user == row.offered_to or (active and intent.user == row.sponsor):
        raise UserError("already_sponsor", user=intent.user)
    if intent.deputy == intent.user:
        raise UserError("deputy_is_sponsor")
    before = row.sponsor
    row.deputy = intent.deputy or row.deputy
    if not active:
        place = await offer_or_wait(work, row, intent.user)
        await work.session.flush()
        await offer_next(work, before)
    elif await has_place(work, intent.user) or intent.user == row.deputy:
        place = 0
        await offer_account(work, row, intent.user, why="successor")
    else:
        most = work.policy.accounts_per_sponsor
        raise UserError("sponsor_full", user=intent.user, most=most)
    said = {**describe_membership(row), "user": intent.user, "place": place}
    return Answer(text="sponsorship:passed", extra=said)


async def replace_left_sponsors(services: WorkServices) -> int:
    """Offer the accounts of sponsors who left to their deputies; answers how many these were.

    Each has a transaction of its own; one that fails is logged and left for the next run.
    """
    async with services.database.read() as session:
        gone = select(Person.user_id).where(col(Person.standing).in_(sorted(UNFIT)))
        query = select(Sponsorship.id).where(
            col(Sponsorship.state).in_(IN_PROGRAMME),
            or_(
                col(Sponsorship.sponsor).in_(gone)
                & or_(col(Sponsorship.offered_to).is_(None), col(Sponsorship.offered_to).in_(gone)),
                col(Sponsorship.offered_to).in_(gone),
                col(Sponsorship.deputy).in_(gone),
            ),
        )
        numbers = (await session.exec(query.order_by(col(Sponsorship.id)))).all()
    changed = 0
    for number in numbers:
        try:
            async with UnitOfWork.begin(services, Actor(SYSTEM, "roster"), new_reference()) as work:
                changed += await _replace(work, number)
        except Exception as fault:  # the others need not wait for this one
            log.error("sponsor_departure_failed", membership=number, exc_info=fault)
    return changed


async def _replace(work: UnitOfWork, number: int) -> bool:
    """Drop who left from one membership, and ask the next; False where nothing changed."""
    row, account = await hold_membership(work, number)
    named = [user for user in (row.sponsor, row.deputy, row.offered_to) if user]
    query = select(Person.user_id).where(
        col(Person.user_id).in_(named), col(Person.standing).in_(sorted(UNFIT))
    )
    gone = set((await work.session.exec(query)).all())
    if row.deputy in gone:
        row.deputy = None
    left = row.sponsor if row.sponsor in gone else None
    work.session.add(row)
    if left:
        row.sponsor = None
        if account is not None and account.programme_sponsor == left:
            account.programme_sponsor = None
            work.session.add(account)
            await redraw_cards(work, account.key)
        if not row.offered_to or row.offered_to in gone:
            row.offered_to = None
            await offer_deputy(work, row, without=left)
    elif row.offered_to in gone:
        await seek_sponsor(work, row, left=str(row.offered_to))
    return bool(gone)

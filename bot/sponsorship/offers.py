"""Offering an account to a sponsor: within the places they have, else on their waiting list.

An offer is answered by the person (``answer``); a place that becomes free is offered to the next
who waits, never filled by itself.
"""

from datetime import timedelta

from bot import effects
from bot.core import unreachable
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import SponsorshipState
from bot.rules.words import Role
from bot.sponsorship.programme import named_among
from bot.sponsorship.rows import count_places, describe_membership, list_waiting
from storage.models import Sponsorship

ASK_AGAIN = timedelta(days=2)  # an offer without an answer
LEADS = (Role.SUPPORT_LEAD, Role.DIRECTOR)  # who lead the programme: the first of them that is held


async def has_place(work: UnitOfWork, sponsor: str) -> bool:
    """Whether the sponsor has fewer accounts, and offers, than the policy lets one have."""
    return await count_places(work, sponsor) < work.policy.accounts_per_sponsor


async def offer_account(work: UnitOfWork, row: Sponsorship, to: str, *, why: str = "") -> None:
    """Offer it to a person, who reads ``sponsorship:offered``; an earlier offer is taken back.

    ``why`` is what they are told beside: ``deputy`` where they stand in, ``place`` where one became
    free; empty for a first offer.
    """
    if row.offered_to and row.offered_to != to:
        said = {"customer": row.customer}
        await effects.queue_dm(work, row.offered_to, "sponsorship:offer_gone", None, said)
    row.offered_to, row.offered_at = to, work.now
    row.next_at, row.reminded = work.now + ASK_AGAIN, 0
    if row.state is not SponsorshipState.ACTIVE:
        row.state, row.sponsor = SponsorshipState.OFFERED, to
    work.session.add(row)
    said = {**describe_membership(row), "why": why, "by": row.nominated_by}
    await effects.queue_dm(work, to, "sponsorship:offered", None, said)


async def offer_or_wait(work: UnitOfWork, row: Sponsorship, to: str) -> int:
    """Offer it where the person has a place; else it waits. Answers its place in the list, or 0."""
    if await has_place(work, to):
        await offer_account(work, row, to)
        return 0
    row.state, row.sponsor, row.offered_to = SponsorshipState.WAITING, to, None
    row.next_at = None
    work.session.add(row)
    await work.session.flush()
    waiting = await list_waiting(work.session, to)
    return 1 + [each.id for each in waiting].index(row.id)


async def offer_next(work: UnitOfWork, sponsor: str | None) -> None:
    """Offer the places that the sponsor has free to those who wait for them, in their order."""
    if not sponsor or await unreachable.list_unfit(work.session, [sponsor]):
        return
    free = work.policy.accounts_per_sponsor - await count_places(work, sponsor)
    for row in (await list_waiting(work.session, sponsor))[: max(free, 0)]:
        await offer_account(work, row, sponsor, why="place")


async def offer_deputy(work: UnitOfWork, row: Sponsorship, *, without: str) -> None:
    """Offer it to the deputy at once; without one who can be reached, ask the leads for a sponsor.

    ``without`` is who leaves it, by a user id; the deputy is asked beyond the places they have.
    """
    heir = row.deputy if row.deputy != without else None
    if heir and not await unreachable.list_unfit(work.session, [heir]):
        await offer_account(work, row, heir, why="deputy")
        return
    await seek_sponsor(work, row, left=without)


async def seek_sponsor(work: UnitOfWork, row: Sponsorship, *, left: str, remark: str = "") -> None:
    """No one is offered it any more; the programme's leads are asked to name a sponsor."""
    row.offered_to, row.next_at = None, work.now + ASK_AGAIN
    if row.state is not SponsorshipState.ACTIVE:
        row.state, row.sponsor = SponsorshipState.SEEKING, None
    work.session.add(row)
    said = {**describe_membership(row), "left": left, "remark": remark}
    for user in programme_leads(work):
        if user != work.actor.user_id:
            await effects.queue_dm(work, user, "sponsorship:sponsor_wanted", None, said)


def programme_leads(work: UnitOfWork) -> list[str]:
    """Who lead the programme: the support leads, without any the directors."""
    return next((found for role in LEADS if (found := named_among(work.policy, [role]))), [])

"""When a membership and its touches are looked at next."""

from datetime import timedelta

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.sponsorship.quarters import REMIND_BEFORE, end_of_day, touch_due
from bot.rules.states import SponsorshipState
from bot.sponsorship.rows import list_touches, zone_of
from storage.models import Sponsorship, SponsorTouch

UNREAD_AGAIN = timedelta(days=7)  # the brief
UNDECIDED_AGAIN = timedelta(days=14)  # an end that was proposed
LOOK_AGAIN = timedelta(days=30)  # at the exit criteria


def plan_next(work: UnitOfWork, row: Sponsorship) -> None:
    """Store when an active membership is looked at next; one with an offer keeps its own time."""
    if row.state is not SponsorshipState.ACTIVE or row.offered_to:
        return
    zone = zone_of(work.policy)
    ahead = [work.now + LOOK_AGAIN]
    if row.read_at is None:
        ahead.append(work.now + UNREAD_AGAIN)
    if row.exit_ground:
        ahead.append(work.now + UNDECIDED_AGAIN)
    else:
        ends = [end_of_day(day, zone) for day in (row.review_on, row.ends_on) if day]
        ahead += [at for at in ends if at > work.now]
    row.next_at = min(ahead)


def begin_touches(work: UnitOfWork, row: Sponsorship) -> None:
    """The first quarter's touch of a membership that begins now."""
    add_touch(work, row, 1)


def add_touch(work: UnitOfWork, row: Sponsorship, number: int) -> None:
    """The touch of a quarter, counted from 1; its sponsor is reminded before it is due."""
    zone = zone_of(work.policy)
    began = (row.began_at or work.now).astimezone(zone).date()
    due = touch_due(began, number, zone)
    work.session.add(
        SponsorTouch(
            sponsorship=row.id,
            account_key=row.account_key,
            sponsor=row.sponsor or "",
            due_at=due,
            next_at=max(due - REMIND_BEFORE, work.now),
        )
    )


async def hand_touches(work: UnitOfWork, row: Sponsorship) -> None:
    """Let the present sponsor owe what was still owed; what was missed before stays the other's."""
    for touch in await list_touches(work.session, row.id):
        if touch.done_at is None and touch.missed_at is None:
            touch.sponsor = row.sponsor or ""
            work.session.add(touch)


async def end_touches(work: UnitOfWork, row: Sponsorship) -> None:
    """Remind of none any more; one that was not due yet is not owed."""
    for touch in await list_touches(work.session, row.id):
        if touch.done_at is None and touch.due_at is not None and touch.due_at > work.now:
            await work.session.delete(touch)
        elif touch.next_at is not None:
            touch.next_at = None
            work.session.add(touch)

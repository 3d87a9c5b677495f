"""What time brings to the programme: reminders, missed touches, ends that are proposed.

Everything is said by DM. A person who is offered an account is reminded to answer, its sponsor of
the brief and of each touch, before it is due and while it is late; directors hear once of a touch
that is missed. The support leads hear of an offer that stays unanswered and of an account without a
sponsor, and are asked with the sponsor to decide on an end. Nothing ends by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, or_, select

from bot import effects
from bot.engine.due import Audience, Reminder, find_recipients, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.local_time import months_before
from bot.rules.sponsorship.quarters import QUARTER, REMIND_AGAIN, add_months, end_of_day
from bot.rules.sponsorship.words import ExitGround
from bot.rules.states import SponsorshipState
from bot.sponsorship.offers import ASK_AGAIN
from bot.sponsorship.rows import describe_membership, list_touches, today_of, zone_of
from bot.sponsorship.schedule import UNDECIDED_AGAIN, UNREAD_AGAIN, add_touch, plan_next
from storage.columns import OPEN_CASE
from storage.models import Case, CustomerLink, Sponsorship, SponsorTouch

QUIET_MONTHS = 2 * QUARTER
SATISFIED = 4  # of 5, the customer's newest answer
LEAD_AFTER = 2  # reminders of an offer without an answer, then the leads hear of it


async def age_membership(work: UnitOfWork, row: Sponsorship, says: Sequence[Reminder]) -> None:
    """Do what has come due of a membership: its offer, its brief, its review, its end.

    The row is locked. While an offer is open only that is looked at; while there is no sponsor the
    leads are asked for one, every ``UNREAD_AGAIN``. A membership that has not begun is left alone.
    """
    row.next_at = None
    work.session.add(row)
    if row.offered_to:
        return await _remind_of_offer(work, row, says)
    if row.state is SponsorshipState.SEEKING or not row.sponsor:
        row.next_at = work.now + UNREAD_AGAIN
        return await _say(work, row, get_reminder(says, "sponsor_wanted"))
    if row.state is not SponsorshipState.ACTIVE:
        return None
    if row.read_at is None:
        await _say(work, row, get_reminder(says, "brief_unread"))
    await _propose_end(work, row, says)
    plan_next(work, row)
    return None


async def _remind_of_offer(work: UnitOfWork, row: Sponsorship, says: Sequence[Reminder]) -> None:
    """Remind the person who is offered the account, again every ``ASK_AGAIN`` until they answer.

    With the reminder of the number ``LEAD_AFTER``, and only then, ``offer_unanswered`` is sent too.
    """
    row.reminded += 1
    row.next_at = work.now + ASK_AGAIN
    known: dict[str, Sequence[str]] = {Audience.OFFERED: (row.offered_to or "",)}
    await _say(work, row, get_reminder(says, "offer_waits"), known)
    if row.reminded == LEAD_AFTER:
        await _say(work, row, get_reminder(says, "offer_unanswered"))


async def _propose_end(work: UnitOfWork, row: Sponsorship, says: Sequence[Reminder]) -> None:
    """Ask the sponsor and the leads to decide, once there is a ground, and again until they do.

    Asked again after ``UNDECIDED_AGAIN`` at the earliest. A ground that was found once stays until
    the membership is kept or ended, even if it would not be found again.
    """
    ground = ExitGround(row.exit_ground) if row.exit_ground else await find_ground(work, row)
    if ground is None:
        return
    asked = row.exit_asked_at
    if asked is not None and work.now - asked < UNDECIDED_AGAIN:
        return
    row.exit_ground, row.exit_asked_at = ground.value, work.now
    await _say(work, row, get_reminder(says, "end_proposed"), extra={"ground": ground.value})


async def find_ground(work: UnitOfWork, row: Sponsorship) -> ExitGround | None:
    """Why a decision is wanted on the end of a membership; None while there is no ground.

    Looked for in this order: its length is reached, its account has been quiet for
    ``QUIET_MONTHS``, its day of review has passed. Days are those of the organisation's zone.
    """
    today = today_of(work)
    if row.ends_on is not None and row.ends_on < today:
        return ExitGround.LENGTH
    since = months_before(work.now, QUIET_MONTHS)
    if row.began_at and row.began_at <= since and await _is_quiet(work, row.account_key, since):
        return ExitGround.QUIET
    return ExitGround.REVIEW if row.review_on is not None and row.review_on < today else None


async def _is_quiet(work: UnitOfWork, account: str, since: datetime) -> bool:
    """Whether the account had no executive case since then, and its last answer was no bad one."""
    grave = select(Case.number).where(
        col(Case.account_key) == account,
        col(Case.executive).is_(True),
        or_(col(Case.received_at) >= since, OPEN_CASE),
    )
    if (await work.session.exec(grave.limit(1))).first() is not None:
        return False
    answers = (
        select(CustomerLink.score)
        .join(Case, col(Case.number) == col(CustomerLink.case_number))
        .where(col(Case.account_key) == account, col(CustomerLink.score).is_not(None))
        .order_by(col(CustomerLink.answered_at).desc())
    )
    newest = (await work.session.exec(answers.limit(1))).first()
    return newest is None or newest >= SATISFIED


async def age_touches(work: UnitOfWork, row: Sponsorship, says: Sequence[Reminder]) -> None:
    """Do what has come due of the touches of a membership, which is locked."""
    for touch in await list_touches(work.session, row.id):
        if touch.next_at is not None and touch.next_at <= work.now:
            await _age_touch(work, row, touch, says)


async def _age_touch(
    work: UnitOfWork, row: Sponsorship, touch: SponsorTouch, says: Sequence[Reminder]
) -> None:
    """Remind of a touch before it is due and while it is late; when due, the next one begins.

    One that was made by then is looked at for that alone. What is missed the directors hear once.
    """
    touch.next_at, due = None, touch.due_at
    work.session.add(touch)
    if row.state is not SponsorshipState.ACTIVE or due is None:
        return
    if work.now < due:
        touch.next_at = due
        if touch.done_at is None:
            await _say_touch(work, row, touch, get_reminder(says, "touch_due"))
        return
    if touch.missed_at is None:
        await _begin_next(work, row, touch)
    lapses = _lapses_at(work, due)
    if touch.done_at is not None or (touch.missed_at is not None and lapses <= work.now):
        return
    if touch.missed_at is None:
        touch.missed_at = work.now
        await _say_touch(work, row, touch, get_reminder(says, "touch_missed"))
    touch.reminded += 1
    await _say_touch(work, row, touch, get_reminder(says, "touch_late"))
    touch.next_at = min(work.now + REMIND_AGAIN, lapses) if work.now < lapses else None


async def _begin_next(work: UnitOfWork, row: Sponsorship, touch: SponsorTouch) -> None:
    """The touch of the following quarter, unless it is there."""
    due = [t for t in await list_touches(work.session, row.id) if t.due_at is not None]
    if due and due[-1].id == touch.id:
        add_touch(work, row, len(due) + 1)


def _lapses_at(work: UnitOfWork, due: datetime) -> datetime:
    """When the following touch is due: until then a late one is reminded of."""
    zone = zone_of(work.policy)
    last = (due - timedelta(seconds=1)).astimezone(zone).date()
    return end_of_day(add_months(last, QUARTER), zone)


async def _say_touch(
    work: UnitOfWork, row: Sponsorship, touch: SponsorTouch, reminder: Reminder
) -> None:
    """Tell of a touch. Beside what ``_say`` tells: ``due``, ``sponsor`` and ``times``.

    ``due`` is ISO 8601, ``sponsor`` who owes the touch ("" for no one), ``times`` how many
    reminders were sent since it became late.
    """
    extra = {
        "due": touch.due_at.isoformat() if touch.due_at else "", "sponsor": touch.sponsor,
        "times": touch.reminded,
    }  # fmt: skip
    await _say(work, row, reminder, extra=extra)


async def _say(
    work: UnitOfWork,
    row: Sponsorship,
    reminder: Reminder,
    known: Mapping[str, Sequence[str]] | None = None,
    extra: dict[str, Any] | None = None,
) -> None:
    """Tell each person of a reminder by DM; the sponsor is its owner.

    ``known`` adds people by audience, ``extra`` facts to those of ``describe_membership``. The row
    is of no case, so no channel hears of it.
    """
    owner = (row.sponsor,) if row.sponsor else ()
    people = {Audience.OWNER: owner, Audience.OFFERED: (), **(known or {})}
    said = {**describe_membership(row), "offered_to": row.offered_to or "", **(extra or {})}
    for user in find_recipients(reminder.who, people, work.policy.roles):
        await effects.queue_dm(work, user, reminder.template, None, said, priority=effects.NUDGE)

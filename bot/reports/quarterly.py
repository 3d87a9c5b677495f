"""What time brings to a quarterly review: it is prepared once, and asked after until it is held.

A row for each quarter stands before the quarter ends, made under a lock and unique, so that any
number of replicas prepare a review once: its row comes due, and is locked while it is done.
Everything is said by direct message. Figures and pictures are behind the message's buttons, so that
each reader sees what they may.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.clock import TimeSource
from bot.core import unreachable
from bot.core.access import administrators, check_permission, named_for
from bot.engine.due import Audience, Reminder, find_recipients, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.daily_times import WEEK, morning_of_day, next_action_reminder
from bot.rules.local_time import local_day
from bot.rules.policy.load import Policy
from bot.rules.policy.managers import LEADS
from bot.rules.reports.quarterly import meets_at, prepared_on, to_plan
from bot.rules.words import Role
from storage.database import Database
from storage.models import QuarterDecision, QuarterlyReview

LOCK = "quarterly reviews"
ASK_AGAIN = timedelta(days=7)  # whether it was held
AFTER = timedelta(days=1)  # the meeting, until it is asked whether it was held
VERIFY_WITHIN = timedelta(days=3)  # until who is asked to look is reminded
LISTED = 5  # open decisions in a message


class PlanningServices(Protocol):
    """What planning needs of the process."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def policy(self) -> Policy:
        """The policy in force."""


async def plan_reviews(services: PlanningServices) -> int:
    """Have a row for each quarter that is to be looked back on; answers how many were added.

    Done every hour; ends early where another replica is at it. A row that is there stays as it is,
    whatever the policy says by now.
    """
    policy, now = services.policy, services.clock.now()
    wanted = to_plan(local_day(now, policy.timezone), policy.timezone, policy.quarterly_review)
    async with services.database.write() as session:
        if not await services.database.try_exclusive(session, LOCK):
            return 0
        keys = [each.key for each in wanted]
        query = select(QuarterlyReview.quarter).where(col(QuarterlyReview.quarter).in_(keys))
        known = set((await session.exec(query)).all())
        added = [each for each in wanted if each.key not in known]
        for each in added:
            day = prepared_on(each, policy.quarterly_review)
            session.add(
                QuarterlyReview(
                    quarter=each.key,
                    next_at=morning_of_day(day, policy.timezone),
                    invited={"users": [], "yes": [], "no": []},
                    findings={},
                )
            )
    return len(added)


async def age_review(work: UnitOfWork, row: QuarterlyReview, says: Sequence[Reminder]) -> None:
    """Prepare the review, or ask after one that is not held yet; ``row`` is locked.

    Asked again every ``ASK_AGAIN`` until it is held.
    """
    work.session.add(row)
    if row.held_at is not None:
        row.next_at = None
    elif row.made_at is None:
        await _prepare(work, row, get_reminder(says, "review_prepared"))
    else:
        row.next_at = work.now + ASK_AGAIN
        leads: dict[str, Sequence[str]] = {Role.SUPPORT_LEAD: list_leads(work.policy)}
        await _say(work, row, get_reminder(says, "review_not_held"), leads)


def list_leads(policy: Policy) -> Sequence[str]:
    """Who answers for a review: the support leads, else the directors, else the administrators."""
    named = (policy.roles.get(role) for role in LEADS)
    return next((users for users in named if users), administrators(policy))


async def _find_invited(work: UnitOfWork) -> list[str]:
    """Whom the policy names for the review and who are there; where none is, who answer for it."""
    roles = work.policy.quarterly_review.roles
    named = [user for role in roles for user in named_for(work.policy, role)]
    leads = list_leads(work.policy)
    gone = await unreachable.list_unfit(work.session, [*named, *leads])
    there = [user for user in dict.fromkeys(named) if user not in gone]
    return there or [user for user in leads if user not in gone]


async def _prepare(work: UnitOfWork, row: QuarterlyReview, reminder: Reminder) -> None:
    """Set when it takes place, invite, and tell the invited what is still open.

    Who cannot be reached is not invited. Where the app was away, it takes place later by as much.
    """
    policy, terms = work.policy, work.policy.quarterly_review
    row.made_at = work.now
    row.meets_at = meets_at(work.now, policy.timezone, terms)
    row.minutes, row.next_at = terms.minutes, row.meets_at + AFTER
    row.invited = {"users": await _find_invited(work), "yes": [], "no": []}
    await _say(work, row, reminder, {Audience.ASKED: row.invited["users"]})


async def _say(
    work: UnitOfWork, row: QuarterlyReview, reminder: Reminder, known: Mapping[str, Sequence[str]]
) -> None:
    """Say it to its recipients, each by direct message."""
    said = await describe_review(work.session, row)
    people = find_recipients(reminder.who, known, work.policy.roles)
    for user in people:
        await effects.queue_dm(work, user, reminder.template, None, said, priority=effects.DIGEST)


async def describe_review(session: AsyncSession, row: QuarterlyReview) -> dict[str, Any]:
    """What messages tell of it, as JSON.

    ``review`` (id), ``quarter`` (a period's key), ``meets_at`` (ISO 8601), ``minutes``, ``open``:
    the first ``LISTED`` open decisions of earlier reviews, each with ``text``, ``owner``, ``due``
    and ``waits`` (for another to look), and ``count``, how many there are.
    """
    found = await open_decisions(session, row.quarter)
    listed = [
        {
            "text": each.decision,
            "owner": each.owner,
            "due": each.due.isoformat(),
            "waits": each.reported_at is not None,
        }
        for each in found[:LISTED]
    ]
    return {
        "review": row.id,
        "quarter": row.quarter,
        "meets_at": row.meets_at.isoformat() if row.meets_at else "",
        "minutes": row.minutes,
        "open": listed,
        "count": len(found),
    }


async def open_decisions(session: AsyncSession, before: str) -> Sequence[QuarterDecision]:
    """What was decided in reviews of quarters before this one and is not done; ``before`` is a key.

    First what is said to be done and waits for another to look, then the earliest due.
    """
    earlier = select(QuarterlyReview.id).where(col(QuarterlyReview.quarter) < before)
    query = select(QuarterDecision).where(
        col(QuarterDecision.review).in_(earlier), col(QuarterDecision.done_at).is_(None)
    )
    waits_last = col(QuarterDecision.reported_at).is_(None)
    query = query.order_by(waits_last, col(QuarterDecision.due), col(QuarterDecision.id))
    return (await session.exec(query)).all()


async def remind_of_decision(
    work: UnitOfWork, row: QuarterDecision, says: Sequence[Reminder]
) -> None:
    """Remind its owner as of an action item: 7, 1 and 0 days before it is due, then weekly.

    ``row`` is locked. The message is that of a decision that is given, with its day. The decision
    of an owner who left passes to the first of those invited to a review who is there; they read
    whose it was, and are its owner from then on. Of one that is said to be done who is asked to
    look is reminded instead, weekly.
    """
    row.next_at = None
    work.session.add(row)
    if row.done_at is not None:
        return
    if row.reported_at is not None:
        await _remind_verifier(work, row, get_reminder(says, "quarter_decision_unverified"))
        return
    row.next_at = next_action_reminder(row.due, work.now, work.policy)
    reminder = get_reminder(says, "quarter_decision_due")
    said = await describe_decision(work.session, row)
    if await unreachable.list_unfit(work.session, [row.owner]):
        heirs = await _find_invited(work)
        if not heirs:
            return
        said["left"], row.owner = row.owner, heirs[0]
        reminder = get_reminder(says, "quarter_decision_passed")
    for user in find_recipients(reminder.who, {Audience.OWNER: (row.owner,)}, {}):
        await effects.queue_dm(work, user, reminder.template, None, said, priority=effects.NUDGE)


async def _remind_verifier(work: UnitOfWork, row: QuarterDecision, reminder: Reminder) -> None:
    """Remind who is asked to look whether it is done; another, where they have left.

    Where no one can be asked the next review has it first. Next week is seen anew.
    """
    row.verifier, row.next_at = await choose_verifier(work, row), work.now + WEEK
    said = await describe_decision(work.session, row)
    known: dict[str, Sequence[str]] = {Audience.ASKED: (row.verifier,) if row.verifier else ()}
    for user in find_recipients(reminder.who, known, {}):
        await effects.queue_dm(work, user, reminder.template, None, said, priority=effects.NUDGE)


async def choose_verifier(work: UnitOfWork, row: QuarterDecision) -> str:
    """Who looks whether it is done: who decided it, who answer for reviews, the invited of today.

    The first of them who is there and may, is not its owner and did not say that it is done; ""
    where there is none.
    """
    wanted = [row.created_by, *list_leads(work.policy), *await _find_invited(work)]
    gone = await unreachable.list_unfit(work.session, wanted)
    for user in dict.fromkeys(wanted):
        if user in gone or user in (row.owner, row.done_by):
            continue
        with suppress(UserError):
            await check_permission(work.session, work.policy, user, "verify_quarter_decision", None)
            return user
    return ""


def look_again_at(work: UnitOfWork) -> datetime:
    """The morning on which who is asked to look is reminded."""
    zone = work.policy.timezone
    return morning_of_day(local_day(work.now + VERIFY_WITHIN, zone), zone)


async def describe_decision(session: AsyncSession, row: QuarterDecision) -> dict[str, Any]:
    """What messages tell of a decision, as JSON: ``decision`` (id), ``quarter``, ``text``,
    ``due_on`` (a date), ``by``, ``evidence``, ``remark``.
    """
    review = await session.get_one(QuarterlyReview, row.review)
    return {
        "decision": row.id,
        "quarter": review.quarter,
        "text": row.decision,
        "due_on": row.due.isoformat(),
        "by": row.done_by or row.created_by,
        "evidence": row.evidence,
        "remark": row.remark,
    }

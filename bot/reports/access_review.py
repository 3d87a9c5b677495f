"""The access review: a list of who may know what, that an administrator signs each quarter.

The list is made when it is read and when it is signed; nothing of it is stored but its digest, so
that the file which the signer kept can be told from another. A row for each quarter stands before
the quarter ends, so that it comes due once.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

from pydantic import Field
from sqlalchemy import case as either
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core import unreachable
from bot.core.access import named_roles, reads_row, require_permission
from bot.core.case_selection import select_parts
from bot.core.facts.amounts import REVENUE
from bot.engine.due import Audience, Reminder, find_recipients, get_reminder
from bot.engine.inbox import Answer, UseCase
from bot.engine.intent import Hidden, Intent
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import UserError
from bot.reports.quarterly import PlanningServices
from bot.rules.compliance.access import (
    AccessLine,
    AccessList,
    Reach,
    digest_list,
    make_line,
    sort_lines,
)
from bot.rules.daily_times import morning_of_day
from bot.rules.local_time import local_day
from bot.rules.policy.load import Policy
from bot.rules.reports.periods import quarter_of, read_stored
from bot.rules.words import Role, Standing
from storage.models import AccessReview, Case, Person

LOCK = "access reviews"
SIGNERS = (Role.ADMINISTRATOR, Role.DIRECTOR)  # the first of these that names a person who is there
ASK_AGAIN = timedelta(days=14)  # once, where nobody has signed


class SignAccessReview(Intent):
    """Sign that one has looked through the list.

    Attributes:
        review: The id that the button carries.
        digest: That of the list which was shown; another list is shown first.

    """

    verb: ClassVar[str] = "sign_access_review"
    review: Hidden[int]
    digest: Hidden[str] = Field(max_length=64)


async def plan_access_reviews(services: PlanningServices) -> int:
    """Have a row for the quarter that goes on; answers how many were added.

    Done every hour; ends early where another replica is at it. So an organisation that begins with
    the app is asked once the quarter in which it began is over.
    """
    zone = services.policy.timezone
    quarter = quarter_of(local_day(services.clock.now(), zone), zone)
    async with services.database.write() as session:
        if not await services.database.try_exclusive(session, LOCK):
            return 0
        known = select(AccessReview.id).where(col(AccessReview.quarter) == quarter.key)
        if (await session.exec(known)).first() is not None:
            return 0
        asked = morning_of_day(quarter.last + timedelta(days=1), zone)
        session.add(AccessReview(quarter=quarter.key, next_at=asked))
    return 1


async def ask_to_sign(work: UnitOfWork, row: AccessReview, says: Sequence[Reminder]) -> None:
    """Ask those who may sign, by direct message; once more after ``ASK_AGAIN``. ``row`` is locked.

    None is asked where the policy names no administrator and no director who is there.
    """
    again = row.asked_at is not None
    row.asked_at = row.asked_at or work.now
    row.next_at = None if again or row.signed_at else work.now + ASK_AGAIN
    work.session.add(row)
    if row.signed_at is not None:
        return
    reminder = get_reminder(says, "access_unsigned" if again else "access_review")
    people: dict[str, Sequence[str]] = {Audience.ASKED: await _find_signers(work)}
    for user in find_recipients(reminder.who, people, work.policy.roles):
        said = {"review": row.id, "quarter": row.quarter}
        await effects.queue_dm(work, user, reminder.template, None, said, priority=effects.DIGEST)


async def _find_signers(work: UnitOfWork) -> list[str]:
    """The user ids of the first role of ``SIGNERS`` that has any people who are there."""
    for role in SIGNERS:
        named = work.policy.roles.get(role, ())
        gone = await unreachable.list_unfit(work.session, named)
        if there := [user for user in named if user not in gone]:
            return there
    return []


async def sign_access_review(work: UnitOfWork, intent: SignAccessReview) -> Answer:
    """Record that the actor has looked through the list of who may know what.

    Raises UserError ``no_such_access_review``, ``access_signed`` (``user``) where another has, and
    ``access_changed`` where it is not the list that was shown; else as ``require_permission``.
    """
    await require_permission(work, None, intent.verb)
    query = select(AccessReview).where(col(AccessReview.id) == intent.review).with_for_update()
    row = (await work.session.exec(query)).first()
    if row is None:
        raise UserError("no_such_access_review")
    if row.signed_at is not None:
        raise UserError("access_signed", user=row.signed_by)
    lines = await _list_lines(work.session, work.policy)
    digest = digest_list(lines, public=_is_public(work.policy))
    if digest != intent.digest:
        raise UserError("access_changed")
    row.signed_by, row.signed_at, row.digest = work.actor.user_id, work.now, digest
    row.next_at = None
    work.session.add(row)
    said = {"review": row.id, "quarter": row.quarter, "digest": digest}
    return Answer(text="access:signed_noted", extra=said)


ACCESS_VERBS: tuple[tuple[type[Intent], UseCase], ...] = ((SignAccessReview, sign_access_review),)


async def list_access(services: WorkServices, number: int | None = None) -> AccessList:
    """The list as it stands now, for the review of that id, else for the one to be signed next.

    That is the last one that was asked for and is not signed, else the quarter that goes on, of
    which the number is 0 in the first hour of an installation: there is no row to sign yet.
    Whether the viewer may read it was asked. Raises UserError ``no_such_access_review``.
    """
    policy = services.policy
    zone = policy.timezone
    async with services.database.read() as session:
        row = await _find_review(session, number)
        lines = await _list_lines(session, policy)
    public = _is_public(policy)
    digest = digest_list(lines, public=public)
    if row is None:
        now = quarter_of(local_day(services.clock.now(), zone), zone)
        return AccessList(0, now, lines, public, digest)
    return AccessList(
        row.id, read_stored(row.quarter, zone), lines, public, digest,
        row.signed_by, row.signed_at, row.digest,
    )  # fmt: skip


async def _find_review(session: AsyncSession, number: int | None) -> AccessReview | None:
    """The row of that id, else the one that waits for a signature, else the newest.

    None where there is none yet. Raises UserError ``no_such_access_review`` for an id without one.
    """
    query = select(AccessReview)
    if number is not None:
        query = query.where(col(AccessReview.id) == number)
    waits = col(AccessReview.asked_at).is_not(None) & col(AccessReview.signed_at).is_(None)
    order = either((waits, 0), else_=1), col(AccessReview.quarter).desc()
    row = (await session.exec(query.order_by(*order).limit(1))).first()
    if row is None and number is not None:
        raise UserError("no_such_access_review")
    return row


def _is_public(policy: Policy) -> bool:
    """Whether a member whom the policy names for nothing reads each case that is not restricted."""
    return reads_row(policy, "", "show")


async def _list_lines(session: AsyncSession, policy: Policy) -> tuple[AccessLine, ...]:
    """A line for each person whom the policy names, or who has a part in a case."""
    counts = await _count_parts(session)
    users = sorted({user for named in policy.roles.values() for user in named} | counts.keys())
    known = await _read_people(session, users)
    lines = []
    for user in users:
        name, standing = known.get(user, (user, Standing.UNKNOWN))
        line = make_line(
            user, name, standing, named_roles(policy, user), counts.get(user, (0, 0)),
            reach=_reach(policy, user),
            amounts=reads_row(policy, user, REVENUE),
        )  # fmt: skip
        lines.append(line)
    return sort_lines(lines)


def _reach(policy: Policy, user: str) -> Reach:
    """Which cases a person reads beside those in which they have a part."""
    if policy.audits(user):
        return Reach.EVERYTHING
    return Reach.UNRESTRICTED if reads_row(policy, user, "show") else Reach.PART


async def _count_parts(session: AsyncSession) -> Mapping[str, tuple[int, int]]:
    """By person: cases in which they have a part, and the restricted ones. Drills are none."""
    parts = select_parts().subquery()
    secret = func.sum(either((col(Case.sensitive), 1), else_=0))
    query = (
        select(parts.c.who, func.count(), secret)
        .join(Case, col(Case.number) == parts.c.number)
        .where(parts.c.who.is_not(None), parts.c.who != "", col(Case.drill).is_(False))
        .group_by(parts.c.who)
    )
    return {who: (count, int(few)) for who, count, few in (await session.exec(query)).all()}


async def _read_people(
    session: AsyncSession, users: Sequence[str]
) -> Mapping[str, tuple[str, Standing]]:
    """Name and standing by user id, of those who were ever looked up in Slack."""
    query = select(Person.user_id, Person.name, Person.standing)
    query = query.where(col(Person.user_id).in_(users))
    return {
        user: (name, Standing(standing) if standing else Standing.UNKNOWN)
        for user, name, standing in (await session.exec(query)).all()
    }

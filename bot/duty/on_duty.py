"""Who leads what is new: by the rota, without those who are away.

The one on shift with the least to do; else the backup; else the support lead, then a director. That
the rota has a gap just now is told to the administrators, once in ``QUIET``.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Integer, cast, null, or_, union_all
from sqlalchemy import select as sa_select
from sqlmodel import col, func, select

from bot import effects
from bot.core.access import administrators, named_for
from bot.engine.actors import SYSTEM
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.duty import Absence, Rota
from bot.rules.words import Role, Severity
from storage import models
from storage.columns import OPEN_CASE
from storage.models import Case
from storage.upsert import count_more

LEADS = (Role.SUPPORT_LEAD, Role.DIRECTOR)  # who is asked where the rota has no one
FIRST_LEAD = 2  # behind those on duty and the backup
WEIGHTS = {Severity.SEV1: 8, Severity.SEV2: 4, Severity.SEV3: 2, Severity.SEV4: 1}
QUIET = timedelta(hours=12)  # in which one gap is told once
GAP = "rota_gap"  # what is counted
KEY = "absences"  # under which a session remembers who is away


async def on_duty(work: UnitOfWork) -> str | None:
    """Who gets what is new, as the module says; among equals the first named.

    None where the policy names no escalation managers, or no one is there at all: then the person
    who reports has it.
    """
    if not work.policy.names(Role.ESCALATION_MANAGER):
        return None
    rota, load = await _load_rota_and_work(work)
    watch = rota.watch_at(work.now)
    leads = (rota.stand_in(named_for(work.policy, role), work.now) for role in LEADS)
    for place, people in enumerate((watch.people, watch.backup, *leads)):
        if people:
            if place >= FIRST_LEAD and named_for(work.policy, Role.ESCALATION_MANAGER):
                await _tell_gap(work)
            return min(people, key=lambda user: load.get(user, 0))
    await _tell_gap(work)
    return None


async def first_there(work: UnitOfWork, people: Sequence[str]) -> str:
    """The first of these who is there, or the deputy of one who is away; else the first of all.

    Empty where there are no people.
    """
    there = (await load_rota(work)).stand_in(people, work.now) if people else ()
    return next(iter(there or people), "")


async def is_away(work: UnitOfWork, user: str) -> bool:
    """Whether a person is noted as absent now."""
    return user not in (await load_rota(work)).stand_in([user], work.now)


async def load_rota(work: UnitOfWork) -> Rota:
    """The rota with those who are away now or later, read once a transaction.

    It is kept in ``session.info``: an absence that the same transaction notes after the first
    reading is not in it.
    """
    known: list[Absence] | None = work.session.info.get(KEY)
    if known is None:
        query = select(models.Absence).where(col(models.Absence.ends) > work.now)
        rows = (await work.session.exec(query.order_by(col(models.Absence.id)))).all()
        known = work.session.info[KEY] = [read_absence(row) for row in rows]
    return work.policy.rota(known)


def read_absence(row: models.Absence) -> Absence:
    """The row as the rota takes it."""
    return Absence(row.user_id, row.begins, row.ends, row.deputy or "")


async def _load_rota_and_work(work: UnitOfWork) -> tuple[Rota, Mapping[str, int]]:
    """The rota, and what the live cases of each who may be on duty weigh: one statement.

    The weight of a person is the sum of ``WEIGHTS`` over their live cases, by severity. Those who
    own none are missing from the mapping and weigh nothing. Counted are the managers and leads whom
    the policy names, and every deputy of an absence that has not ended.
    """
    away = models.Absence
    later = col(away.ends) > work.now
    managers = [
        u for role in (Role.ESCALATION_MANAGER, *LEADS) for u in named_for(work.policy, role)
    ]
    deputies = sa_select(col(away.deputy)).where(later, col(away.deputy).is_not(None))
    absences = sa_select(
        col(away.user_id), col(away.begins), col(away.ends), col(away.deputy),
        cast(null(), Integer), cast(null(), Integer),
    ).where(later)  # fmt: skip
    load = (
        sa_select(col(Case.owner), null(), null(), null(), col(Case.severity), func.count())
        .where(
            or_(col(Case.owner).in_(managers), col(Case.owner).in_(deputies)),
            OPEN_CASE,  # these are the live ones, as the index by which they are counted says it
        )
        .group_by(col(Case.owner), col(Case.severity))
    )
    known, weights = [], dict[str, int]()
    rows = await work.session.exec(union_all(absences, load))  # type: ignore[call-overload]
    for user, begins, ends, deputy, severity, count in rows.all():
        if count is None:
            known.append(Absence(user, begins, ends, deputy or ""))
        else:
            weights[user] = weights.get(user, 0) + WEIGHTS[Severity(severity)] * count
    work.session.info[KEY] = known
    return work.policy.rota(known), weights


async def _tell_gap(work: UnitOfWork) -> None:
    """Tell the administrators that something came while no one of the rota was there.

    The DM is ``duty:gap`` with ``at`` (ISO 8601, UTC). The count is the app's own, so one gap is
    told once in ``QUIET``, however many cases come; it is taken back with the transaction.
    """
    count, _ = await count_more(work.session, SYSTEM, GAP, work.now, QUIET)
    if count == 1:
        for user in administrators(work.policy):
            await effects.queue_dm(work, user, "duty:gap", None, {"at": work.now.isoformat()})

"""When lists for those who lead are made: planned by what will stand on them.

What is on a list is read when its time comes (``bot/learning/lists/``), so a list that has become
empty is not sent.
"""

from datetime import datetime

from bot.engine.unit_of_work import UnitOfWork
from bot.rules import daily_times
from storage.models import LeadList
from storage.upsert import upsert_row

OVERDUE, CAUSES = "overdue:", "causes:"  # a manager follows, or a month
PLANNED = "lead_lists"  # in ``session.info``: those that this transaction has planned already


def manager_of(work: UnitOfWork, user: str) -> str:
    """The user id of a person's manager by the policy; "" for none."""
    return work.policy.managers.of(user, work.policy.roles)


async def plan_list(work: UnitOfWork, name: str, at: datetime) -> None:
    """Have a list made at ``at``, unless it is planned already.

    One statement, and none where this transaction has planned it before; two replicas may plan the
    same list at once, and one row comes of it. Its time stays what it was.
    """
    planned: set[str] = work.session.info.setdefault(PLANNED, set())
    if name not in planned:
        planned.add(name)
        await upsert_row(work.session, LeadList(name=name, next_at=at))


async def plan_overdue(work: UnitOfWork, owner: str) -> None:
    """Have the manager of an action item's owner read next Monday what is overdue then.

    Nothing happens where the policy names neither a manager nor anybody else who leads.
    """
    manager = manager_of(work, owner)
    if manager:
        await plan_list(work, OVERDUE + manager, next_list(work))


def next_list(work: UnitOfWork) -> datetime:
    """The next Monday morning, in the policy's zone.

    Strictly after now, so a list that was made this morning comes again in a week.
    """
    return daily_times.next_week(work.now, work.policy.timezone)

"""Overdue action items, once a week, to the managers of those who have them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlmodel import col, func, select

from bot import effects
from bot.core.case_selection import readable_by
from bot.core.facts.home_counts import ITEM
from bot.core.lead_lists import OVERDUE, manager_of, next_list
from bot.engine.due import Audience, Reminder, find_recipients, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.local_time import local_day
from storage.columns import TO_DO
from storage.models import ActionItem, Case, LeadList

SHOWN = 10  # items in one message; the list command has all of them


async def tell_manager(work: UnitOfWork, row: LeadList, says: Sequence[Reminder]) -> None:
    """Send a manager what is overdue of their people, by priority, and plan the next week.

    ``row`` is locked. Of restricted cases only those that the manager is on are told, without
    their words. Without anything overdue nothing is sent, and the row is deleted: the next item
    that becomes late brings it back.
    """
    manager = row.name.removeprefix(OVERDUE)
    found, count = await _list_overdue(work, manager)
    if not found:
        await work.session.delete(row)
        return
    row.next_at = next_list(work)
    work.session.add(row)
    said = {"items": [_described(item, case) for item, case in found], "count": count}
    reminder = get_reminder(says, "actions_overdue")
    for user in find_recipients(reminder.who, {Audience.READER: (manager,)}, {}):
        await effects.queue_dm(work, user, reminder.template, None, said, priority=effects.DIGEST)


async def _list_overdue(
    work: UnitOfWork, manager: str
) -> tuple[Sequence[tuple[ActionItem, Case]], int]:
    """The first ``SHOWN`` with their cases, and how many there are; at most three statements."""
    today = local_day(work.now, work.policy.timezone)
    still: ColumnElement[bool] = literal_column(TO_DO.text)
    late = (still, col(ITEM.due) < today, col(ITEM.reported_at).is_(None))
    owners = (await work.session.exec(select(ITEM.owner).where(*late).distinct())).all()
    theirs = [owner for owner in owners if manager_of(work, owner) == manager]
    if not theirs:
        return (), 0
    of_case = col(Case.number) == col(ITEM.case_number)
    which = (*late, col(ITEM.owner).in_(theirs), readable_by(work.policy, manager))
    query: Any = select(ITEM, Case).join(Case, of_case).where(*which)
    query = query.order_by(col(Case.rank), col(ITEM.due), col(ITEM.id)).limit(SHOWN)
    found = (await work.session.exec(query)).all()
    counted = select(func.count()).select_from(ITEM).join(Case, of_case).where(*which)
    return found, (await work.session.exec(counted)).one()


def _described(item: ActionItem, case: Case) -> dict[str, Any]:
    """An item as the message has it, JSON; ``due`` is ISO 8601. Restricted, it has no words."""
    return {
        "action": item.id,
        "case": case.number,
        "owner": item.owner,
        "due": item.due.isoformat(),
        "title": "" if case.sensitive else item.title,
        "customer": "" if case.sensitive else case.customer,
    }

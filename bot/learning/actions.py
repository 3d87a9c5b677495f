"""Which action items a person is shown: their own, those of cases they own, what is overdue.

Their own are those that they do, that they are offered, and that they are asked to look at.

Of a restricted case only those on it are told; the owner of an open item has a part in it.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.case_selection import open_to, shown_to
from bot.core.facts.home_counts import ITEM, waits_for
from bot.core.facts.rows import action_facts
from bot.engine.access_log import NotingServices
from bot.rules.facts import ActionLine, ActionPage
from bot.rules.local_time import local_day
from storage.columns import TO_DO
from storage.models import ActionItem, Case

SIZE = 10  # on a page
ON_HOME = 5  # of those that wait for somebody, on their App Home
MINE, LED, OVERDUE, OF_CASE, WAITING = "mine", "led", "overdue", "case", "waiting"


async def list_actions(
    services: NotingServices, viewer: str, which: str, page: int, number: int | None = None
) -> ActionPage:
    """A page of open items, what is due first first; of a case (``number``) those done too, last.

    Whether the viewer may read that case was asked. Any other ``which`` than ``led``, ``overdue``
    and ``waiting`` is ``mine``. Of ``waiting``, what App Home shows, there are but the first
    ``ON_HOME``. One statement, whatever there is.
    """
    known = which if which in (LED, OVERDUE, WAITING) else MINE
    which = known if number is None else OF_CASE
    size = ON_HOME if which == WAITING else SIZE
    today, page = local_day(services.clock.now(), services.policy.timezone), max(page, 1)
    still: ColumnElement[bool] = literal_column(TO_DO.text)
    seen = shown_to(services.policy, viewer, "actions")
    conditions: dict[str, list[ColumnElement[bool]]] = {
        MINE: [still, _asked_of(viewer)],
        WAITING: [still, waits_for(viewer)],
        LED: [still, col(Case.owner) == viewer],
        OVERDUE: [still, col(ITEM.due) < today, col(ITEM.reported_at).is_(None), seen],
        OF_CASE: [col(ITEM.case_number) == number],
    }
    of_case = col(Case.number) == col(ITEM.case_number)
    query = select(ITEM, Case).join(Case, of_case).where(*conditions[which])
    done_last = [col(ITEM.done_at).is_not(None)] if which == OF_CASE else []
    query = query.order_by(*done_last, col(ITEM.due), col(ITEM.id))
    async with services.database.read() as session:
        rows = await _read(session, query.offset((page - 1) * size).limit(size + 1))
    services.access.shown(viewer, "actions", [case for _, case in rows[:size]])
    lines = tuple(ActionLine(action_facts(a), c.number, c.customer) for a, c in rows[:size])
    return ActionPage(which, lines, today, page, len(rows) > size, number, viewer)


def _asked_of(viewer: str) -> ColumnElement[bool]:
    """The condition that something about an open item is theirs: to do, to answer, or to look.

    Having been asked to look is no part in a case: of one restricted since it tells nothing.
    """
    looks = and_(col(ITEM.verifier) == viewer, open_to(viewer))
    return or_(col(ITEM.owner) == viewer, col(ITEM.offered_to) == viewer, looks)


async def _read(session: AsyncSession, query: Any) -> list[tuple[ActionItem, Case]]:
    return list((await session.exec(query)).all())

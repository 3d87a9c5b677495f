"""Who had a part in a case: they are invited to its postmortem, and the agenda names them."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import role_holders
from bot.core.unreachable import list_unfit
from bot.rules.membership import USER_ID
from storage.models import Case, TimelineEvent

ONLY_REPORTED = "add_report"


async def list_involved(session: AsyncSession, case: Case) -> list[str]:
    """The user ids of reporter, owner, those with a role on the case or an entry in its timeline.

    Sorted. Who only added a report has no part in it; people who are known to have left the
    workspace, or to be no full members, are not among them. Entries of the app itself and of
    customers count for no one: only what has the shape of a user id does.
    """
    of_case, did = col(TimelineEvent.case_number) == case.number, col(TimelineEvent.verb)
    query = select(TimelineEvent.actor).where(of_case, did != ONLY_REPORTED)
    acted = {who for who in (await session.exec(query.distinct())).all() if USER_ID.fullmatch(who)}
    found = {case.reporter, case.owner, *(await role_holders(session, case)).values(), *acted}
    return sorted(found - (await list_unfit(session, found)).keys())

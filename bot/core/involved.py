"""Who had a part in a case: they are invited to its postmortem, and the agenda names them."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import role_holders
from bot.core.unreachable import list_unfit
from bot.rules.membership import USER_ID
from storage.models import Case, TimelineEvent


async def list_involved(session: AsyncSession, case: Case) -> list[str]:
    """The user ids of reporter, owner, those with a role on the case or an entry in its timeline.

    Sorted. People who are known to have left the workspace are not among them.
    """
    query = select(TimelineEvent.actor).where(col(TimelineEvent.case_number) == case.number)
    acted = {who for who in (await session.exec(query.distinct())).all() if USER_ID.fullmatch(who)}
    found = {case.reporter, case.owner, *(await role_holders(session, case)).values(), *acted}
    return sorted(found - (await list_unfit(session, found)).keys())

"""The focus of a case's technical lead as facts."""

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.focus.facts import FocusFacts
from storage.models import Case, FocusNotice, FocusPeriod, LeadQuestion, Person


async def focus_facts(session: AsyncSession, case: Case) -> FocusFacts | None:
    """The focus that runs on a case which has one (``Case.focus_of``).

    It takes four queries: the focus, what it kept and let through, the questions that wait, and
    how the lead is called, which is empty where Slack was never asked.
    """
    open_ones = select(FocusPeriod).where(
        col(FocusPeriod.case_number) == case.number, col(FocusPeriod.ended) == ""
    )
    period = (await session.exec(open_ones)).first()
    if period is None:
        return None
    counted = select(FocusNotice.through, func.count()).where(
        col(FocusNotice.case_number) == case.number, col(FocusNotice.at) >= period.since
    )
    found = dict((await session.exec(counted.group_by(col(FocusNotice.through)))).all())
    asked = select(func.count()).where(
        col(LeadQuestion.case_number) == case.number,
        col(LeadQuestion.told_at).is_(None),
        col(LeadQuestion.answered_by) == "",
    )
    person = await session.get(Person, period.lead)
    return FocusFacts(
        period.lead,
        person.name if person else "",
        period.since,
        period.until,
        found.get(False, 0),
        (await session.exec(asked)).one(),
        found.get(True, 0),
    )

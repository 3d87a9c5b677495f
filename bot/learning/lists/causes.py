"""Root causes of the milder cases, to the support leads on the first business day of a month."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.granted import office_calendar
from bot.core.lead_lists import CAUSES, plan_list
from bot.core.reactions import CaseClosed
from bot.core.steps import severity_of
from bot.engine.due import Reminder, find_recipients, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.rules import daily_times
from bot.rules.learning.causes import Causes, EndedCase, group_causes
from bot.rules.local_time import known_zone, local_day
from bot.rules.policy.managers import LEADS
from bot.rules.reports.periods import Period, read_period
from bot.rules.words import ClosureCode, Role, Severity, Status
from storage.models import Case, LeadList

MILDER = (Severity.SEV3, Severity.SEV4)  # the others have a postmortem before they are closed


async def plan_causes(work: UnitOfWork, event: CaseClosed) -> None:
    """Have this month's list made on the first business day of the next, for a case that is on it.

    A month has one row, so its list is made once, however many cases were closed.
    """
    case = event.case
    if severity_of(case) not in MILDER or case.postmortem_at is not None:
        return
    zone = work.policy.timezone
    today = local_day(work.now, zone)
    following = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    day = daily_times.next_open_day(office_calendar(work.policy), following, known_zone(zone))
    await plan_list(work, f"{CAUSES}{today:%Y-%m}", daily_times.morning_of_day(day, zone))


async def tell_leads(work: UnitOfWork, row: LeadList, says: Sequence[Reminder]) -> None:
    """Send the support leads the root causes of the month of ``row``, which is locked and deleted.

    Where the policy names no support lead the directors read it. Cases that were opened again
    meanwhile, or had their postmortem, are not on it; without any nothing is sent.
    """
    await work.session.delete(row)
    month = row.name.removeprefix(CAUSES)
    today = local_day(work.now, work.policy.timezone)
    period = read_period(month, today, work.policy.timezone)
    found = await load_causes(work.session, period) if period else None
    if found is None or found.empty:
        return
    reminder, roles = get_reminder(says, "causes"), work.policy.roles
    named: Mapping[Role, Sequence[str]] = {
        Role.SUPPORT_LEAD: next((roles[role] for role in LEADS if roles.get(role)), ())
    }
    for user in find_recipients(reminder.who, {}, named):
        said = describe_causes(found)
        await effects.queue_dm(work, user, reminder.template, None, said, priority=effects.DIGEST)


async def load_causes(session: AsyncSession, period: Period) -> Causes:
    """The milder cases that were closed in the period without a postmortem, by root cause.

    One statement. Duplicates teach what the case that goes on does. No case is changed before it
    is closed, so ``changed_at`` leads to them by its index.
    """
    query = select(Case.number, Case.customer, Case.root_cause, Case.sensitive).where(
        col(Case.changed_at) >= period.begins,
        col(Case.closed_at) >= period.begins,
        col(Case.closed_at) < period.ends,
        col(Case.status) == Status.CLOSED.value,
        col(Case.severity).in_([each.value for each in MILDER]),
        col(Case.postmortem_at).is_(None),
        col(Case.closure_code) != ClosureCode.DUPLICATE.value,
        col(Case.root_cause).is_not(None),
    )
    newest = (col(Case.closed_at).desc(), col(Case.number).desc())
    rows: Any = await session.exec(query.order_by(*newest))
    return group_causes(period, (EndedCase(*row) for row in rows))


def describe_causes(found: Causes) -> dict[str, Any]:
    """What a message tells of it, as JSON: ``period`` as it is typed, ``first`` a date."""
    return {
        "period": found.period.key,
        "first": found.period.first.isoformat(),
        "lines": [asdict(line) for line in found.lines],
        "restricted": found.restricted,
    }


def last_month(today: date, zone: str) -> Period | None:
    """The last whole month before a day; ``zone`` is where its days begin.

    None only where ``read_period`` knows no such month.
    """
    before = today.replace(day=1) - timedelta(days=1)
    return read_period(f"{before:%Y-%m}", today, zone)

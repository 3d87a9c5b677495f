"""When it is looked for customers who may meet the same, what is said then, and what ends it.

The technical lead, without one the owner, is told once a case, and quietly. Nothing is told to a
customer here: ``tell`` has what a person decides.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot import effects
from bot.core.access import role_holders
from bot.core.reactions import (
    CaseClosed,
    CaseCorrected,
    CaseDismissed,
    CaseReopened,
    CaseResolved,
    CaseRestricted,
    KnownIssueChanged,
)
from bot.core.steps import OUTREACH_AFTER, plan_outreach
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.learning.outreach.find import find_accounts, is_reason
from bot.rules.learning.outreach import OutreachState
from bot.rules.words import Role
from storage.models import Affected, Case, Outreach, OutreachAccount
from storage.upsert import upsert_row

REMIND_AFTER = timedelta(days=2)  # who was asked to tell their customers and has not answered
OF_ISSUE_MAX = 50  # cases of a known issue that are looked at together, the newest


async def look_after_solution(work: UnitOfWork, event: CaseResolved | CaseClosed) -> None:
    """Plan a look: a solution, or a cause, is known now.

    Whether that is a reason is asked when the look comes, by the case as it is then.
    """
    await plan_outreach(work, event.case)


async def look_after_component(work: UnitOfWork, event: CaseCorrected) -> None:
    """Plan a look where the component was corrected."""
    if "component" in event.was:
        await plan_outreach(work, event.case)


async def look_of_issue(work: UnitOfWork, event: KnownIssueChanged) -> None:
    """Plan a look at the public cases of the customers who wait for an issue with a workaround.

    Written under the issue's lock alone, so what another transaction plans meanwhile stays as it
    is; a case that was looked at before is left to its own changes.
    """
    if not event.issue.workaround:
        return
    query = (
        select(Case.number)
        .join(Affected, col(Affected.case_number) == col(Case.number))
        .where(
            col(Affected.problem) == event.row.number, col(Affected.removed_at).is_(None),
            col(Case.component) != "", col(Case.sensitive).is_(False),
        )
        .order_by(col(Case.number).desc())
        .limit(OF_ISSUE_MAX)
    )  # fmt: skip
    for number in (await work.session.exec(query)).all():
        row = Outreach(case_number=number, look_at=work.now + OUTREACH_AFTER)
        await upsert_row(work.session, row)


async def end_with_case(work: UnitOfWork, event: CaseReopened | CaseDismissed) -> None:
    """End what waits, as what was known did not hold; those who were asked hear of it.

    What they have answered stays, and the customer whom they told is not told anew.
    """
    await stop_telling(work, event.case, "notice:outreach_over")


async def end_with_restriction(work: UnitOfWork, event: CaseRestricted) -> None:
    """End what waits, without a word: only those on the case may know of it from now on.

    Who was asked finds it neither in their list nor under an older button.
    """
    await stop_telling(work, event.case)


async def stop_telling(work: UnitOfWork, case: Case, notice: str = "") -> int:
    """End what waits; answers how many customers that were. The case is locked.

    ``notice`` is said to each who was asked and has not answered, with ``count``, ``component`` and
    ``by``. What was answered stays, and counts.
    """
    row = await work.session.get(Outreach, case.number)
    if row is None:
        return 0
    row.look_at = row.next_at = None
    if row.sent_at is not None and row.ended_at is None:
        row.ended_at = work.now
    work.session.add(row)
    waiting = await list_waiting(work, case)
    for each in waiting:
        each.state = OutreachState.ENDED
        work.session.add(each)
    for user, theirs in group_by_teller(waiting).items():
        if notice:
            said = {"count": len(theirs), "component": theirs[0].component}
            said["by"] = work.actor.user_id
            await effects.queue_dm(work, user, notice, case, said)
    return len(waiting)


async def list_waiting(work: UnitOfWork, case: Case) -> Sequence[OutreachAccount]:
    """The rows of a case that wait for an answer, the oldest first; the case is locked."""
    query = select(OutreachAccount).where(
        col(OutreachAccount.case_number) == case.number,
        col(OutreachAccount.state) == OutreachState.WAITING,
    )
    return (await work.session.exec(query.order_by(col(OutreachAccount.id)))).all()


def group_by_teller(rows: Sequence[OutreachAccount]) -> Mapping[str, list[OutreachAccount]]:
    """The rows by who was asked to tell them, in the order of the ids of users.

    Each person is written to once, however many of their customers there are.
    """
    found: dict[str, list[OutreachAccount]] = {}
    for row in sorted(rows, key=lambda each: each.user_id):
        found.setdefault(row.user_id, []).append(row)
    return found


async def age_outreach(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> None:
    """Look for customers who may meet the same, and remind those who were asked to tell them.

    The case is locked. Whatever is not due is left as it is.
    """
    row = await work.session.get(Outreach, case.number)
    if row is None:
        return
    work.session.add(row)
    if _is_due(row.look_at, work.now):
        row.look_at = None
        await _tell_of_customers(work, case, row, says)
    if _is_due(row.next_at, work.now):
        row.next_at = None
        await _remind(work, case, row, says)


def _is_due(at: datetime | None, now: datetime) -> bool:
    """Whether an instant has come; None never does."""
    return at is not None and at <= now


async def _tell_of_customers(
    work: UnitOfWork, case: Case, row: Outreach, says: Sequence[Reminder]
) -> None:
    """Say once how many there are; nothing where there are none, or no reason to look.

    It is kept that it was said, so that a later change of the case says nothing again. Who they are
    is shown privately, to those who may know.
    """
    if not await is_reason(work.session, case):
        return
    found = await find_accounts(work.session, case, work.now)
    if not found:
        return
    row.found, row.told_at = len(found), work.now
    lead = (await role_holders(work.session, case)).get(Role.TECHNICAL_LEAD) or case.owner
    known: dict[str, Sequence[str]] = {Audience.ASKED: (lead,)}
    said = {"count": len(found), "component": case.component}
    reminder = get_reminder(says, "at_risk_found")
    await effects.queue_reminder(work, case, reminder, said, known=known, priority=effects.NUDGE)


async def _remind(work: UnitOfWork, case: Case, row: Outreach, says: Sequence[Reminder]) -> None:
    """Remind each once who has not answered, then say once to who asked them that they have not."""
    waiting = group_by_teller(await list_waiting(work, case))
    if not waiting or case.sensitive:
        return
    row.reminded += 1
    if row.reminded > 1:
        said: dict[str, Any] = {"people": list(waiting), "component": case.component}
        said["count"] = sum(map(len, waiting.values()))
        known: dict[str, Sequence[str]] = {Audience.AUTHOR: (row.sent_by,)}
        silent = get_reminder(says, "outreach_silent")
        await effects.queue_reminder(work, case, silent, said, known=known, priority=effects.NUDGE)
        return
    row.next_at = work.now + REMIND_AFTER
    again = get_reminder(says, "outreach_waits")
    for user, theirs in waiting.items():
        said = {"count": len(theirs), "component": theirs[0].component}
        known = {Audience.ASKED: (user,)}
        await effects.queue_reminder(work, case, again, said, known=known, priority=effects.NUDGE)

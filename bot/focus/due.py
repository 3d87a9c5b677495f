"""What time brings to a focus: check-ins that the lead promised, and its end.

One quiet question an interval. Two without an answer, and the owner is told to call once; three,
and the lead's manager hears: the support lead, where the policy names none. After that it is only
asked on.
"""

from collections.abc import Sequence

from sqlmodel import col, select

from bot import effects
from bot.core.steps import refresh_card
from bot.customers.updates import StatusReport
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.focus.period import end_focus, find_lead, next_look, open_period
from bot.focus.questions import ReportFinding
from bot.rules.focus.facts import FocusEnd
from bot.rules.lifecycle import OPEN
from storage.models import Case, FocusPeriod, TimelineEvent

ANSWERS = (StatusReport.verb, ReportFinding.verb)  # entries that answer a check-in
CALL_AFTER, ABOVE_AFTER = 2, 3  # check-ins missed one after another


async def age_focus(work: UnitOfWork, locked: Case, says: Sequence[Reminder]) -> None:
    """End a focus that is over or has lost its lead, else ask for a check-in.

    ``locked`` is the case, held by the sweep. Of a focus that is not due nothing is done, so that
    two sweeps, or a restart between them, ask once.
    """
    case = await work.case(locked.number)
    period = await open_period(work.session, case)
    if period is None or period.next_at is None or period.next_at > work.now:
        return
    if (why := await _is_over(work, case, period)) is not None:
        await end_focus(work, case, period, why)
    else:
        await _check_in(work, case, period, says)
    await refresh_card(work, case)


async def _is_over(work: UnitOfWork, case: Case, period: FocusPeriod) -> FocusEnd | None:
    """Why the focus ends now; None while it goes on. An owner must be reached."""
    if case.status not in OPEN:
        return FocusEnd.CASE
    if await find_lead(work, case) != period.lead or case.owner == period.lead:
        return FocusEnd.LEAD
    return FocusEnd.OVER if period.until <= work.now else None


async def _check_in(
    work: UnitOfWork, case: Case, period: FocusPeriod, says: Sequence[Reminder]
) -> None:
    """Ask again; count what stayed without an answer, and say so to those above, each once."""
    silent = period.asked_at is not None and not await _answered(work, period)
    period.missed = period.missed + 1 if silent else 0
    period.asked_at = work.now
    period.next_at = next_look(work, case, period)
    work.session.add(period)
    said = {"user": period.lead, "until": period.until.isoformat(), "missed": period.missed}
    known: dict[str, Sequence[str]] = {Audience.ASKED: _above(work, case, period.lead)}
    above = {CALL_AFTER: "focus_silent", ABOVE_AFTER: "focus_unheard"}.get(period.missed)
    if above is not None and silent:
        work.note(case, "focus_silent", after={"user": period.lead, "count": period.missed})
        await effects.queue_reminder(
            work, case, get_reminder(says, above), said,
            known={Audience.OWNER: (case.owner,), **known}, priority=effects.NUDGE,
        )  # fmt: skip
    known[Audience.ASKED] = (period.lead,)
    reminder = get_reminder(says, "focus_check_in")
    await effects.queue_reminder(work, case, reminder, said, known=known, priority=effects.NUDGE)


def _above(work: UnitOfWork, case: Case, lead: str) -> Sequence[str]:
    """The lead's manager by the policy, else a support lead; of a restricted case no one."""
    manager = work.policy.managers.of(lead, work.policy.roles)
    return (manager,) if manager and not case.sensitive else ()


async def _answered(work: UnitOfWork, period: FocusPeriod) -> bool:
    """Whether a status or a finding came since the newest check-in was asked for.

    By the record of the case, so that it counts by whatever way it came, and from a colleague too.
    """
    query = select(TimelineEvent.id).where(
        col(TimelineEvent.case_number) == period.case_number,
        col(TimelineEvent.verb).in_(ANSWERS),
        col(TimelineEvent.at) >= period.asked_at,
    )
    return (await work.session.exec(query.limit(1))).first() is not None

"""Those who lead or own an open SEV1 for too long are asked to hand it over; their manager hears.

The hours are the policy's ``[courtesy] hand_over_after_hours``. They count from when the person
took the role, or since the case is a SEV1 where that came later, or from when it was reopened. They
are asked once, and once more after ``AGAIN`` where they still have it; the manager hears the first
time alone. ``CaseRole.look_at`` is when it is looked at next; a new holder begins anew.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlmodel import col, select

from bot import effects
from bot.core.reactions import CaseReopened
from bot.core.steps import plan_turn
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.lifecycle import OPEN
from bot.rules.states import HandoverState
from bot.rules.words import Severity
from storage.models import Case, CaseRole, Handover

AGAIN = timedelta(hours=4)  # after the first time; there is no third
OFFERED_FOR = timedelta(hours=1)  # until one looks again at a role that is on offer


async def end_long_turn(work: UnitOfWork, locked: Case, says: Sequence[Reminder]) -> None:
    """Ask the holders of roles that are due, each person once, with one role or both.

    ``locked`` is the case, held by the sweep. Nothing is said of a case that is no open SEV1 any
    more, and nothing is planned for it; of one on hold, and of a role that was offered to another
    person, it is looked at later.
    """
    case = await work.case(locked.number)
    due = [row for row in await _roles(work, case) if row.look_at and row.look_at <= work.now]
    goes_on = case.status in OPEN and case.severity == Severity.SEV1 and not case.drill
    offered = await _offered(work, case) if goes_on else frozenset[str]()
    told: set[str] = set()
    for row in due:
        work.session.add(row)
        if not goes_on:
            row.look_at = None
        elif case.hold_until is not None:
            row.look_at = max(case.hold_until, work.now + OFFERED_FOR)
        elif row.role in offered:
            row.look_at = work.now + OFFERED_FOR
        else:
            first = row.asked == 0
            row.asked += 1
            row.look_at = work.now + AGAIN if first else None
            if row.user_id not in told:
                await _tell(work, case, row, says, above=first)
            told.add(row.user_id)


async def _tell(
    work: UnitOfWork, case: Case, row: CaseRole, says: Sequence[Reminder], *, above: bool
) -> None:
    """Ask the holder; with ``above`` tell their manager, who hears nothing of a restricted case."""
    hours = int(work.policy.courtesy.hand_over_after / timedelta(hours=1))
    said = {"user": row.user_id, "role": row.role, "hours": hours}
    heard = {"long_turn": row.user_id}
    manager = work.policy.managers.of(row.user_id, work.policy.roles)
    if above and manager and not case.sensitive:
        heard["long_turn_above"] = manager
    for name, reader in heard.items():
        known: dict[str, Sequence[str]] = {Audience.ASKED: (reader,)}
        reminder = get_reminder(says, name)
        await effects.queue_reminder(
            work, case, reminder, said, known=known, priority=effects.NUDGE
        )


async def begin_turns(work: UnitOfWork, case: Case) -> None:
    """Count anew for those who have a role: the case has become a SEV1."""
    _plan(work, case, await _roles(work, case))


async def begin_after_reopening(work: UnitOfWork, event: CaseReopened) -> None:
    """Count anew: no one worked on the case while it was resolved."""
    await begin_turns(work, event.case)


def _plan(work: UnitOfWork, case: Case, rows: Iterable[CaseRole]) -> None:
    for row in rows:
        plan_turn(work, case, row)
        work.session.add(row)


async def _roles(work: UnitOfWork, case: Case) -> Sequence[CaseRole]:
    """The roles of the case, the owner's first."""
    query = select(CaseRole).where(col(CaseRole.case_number) == case.number)
    return (await work.session.exec(query.order_by(col(CaseRole.role)))).all()


async def _offered(work: UnitOfWork, case: Case) -> frozenset[str]:
    """The roles that were offered to another person, who has not answered."""
    query = select(Handover.role).where(
        col(Handover.case_number) == case.number, col(Handover.state) == HandoverState.OFFERED
    )
    return frozenset((await work.session.exec(query)).all())

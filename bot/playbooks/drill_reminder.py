"""Administrators hear that the app's own failure was not drilled for long, once a week at most."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from bot import effects
from bot.core.access import administrators
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.playbooks.drills import read_last_drill
from storage.models import Outbox

TEXT = "operations:drill_due"
QUIET = timedelta(days=7)  # an administrator who was told is not told again for so long


async def remind_of_drill(services: WorkServices) -> None:
    """Tell each administrator, where the policy's ``drill_days`` have passed since the last drill.

    The exclusive lock keeps replicas from telling it twice. The notice has ``last`` (ISO 8601,
    empty for never) and ``days``.
    """
    now, days = services.clock.now(), services.policy.playbooks.drill_days
    async with services.database.read() as session:
        drill = await read_last_drill(session)
    if not drill.is_overdue(days, now):
        return
    async with UnitOfWork.begin(services, Actor(SYSTEM, "clock"), new_reference()) as work:
        await services.database.exclusive(work.session, TEXT)
        people = administrators(work.policy)
        if not people or await _was_told(work, people):
            return
        said = {"last": drill.at.isoformat() if drill.at else "", "days": days}
        for user in people:
            await effects.queue_dm(work, user, TEXT, extra=said, priority=effects.NUDGE)


async def _was_told(work: UnitOfWork, people: Sequence[str]) -> bool:
    """Whether one of them was told within ``QUIET``; done rows are kept for longer than that.

    Who became an administrator within that time waits for the next week with the others.
    """
    query = select(Outbox.payload).where(
        col(Outbox.kind) == "dm",
        col(Outbox.lane).in_([f"dm:{user}" for user in people]),
        col(Outbox.queued_at) > work.now - QUIET,
    )
    return any(each.get("text") == TEXT for each in (await work.session.exec(query)).all())

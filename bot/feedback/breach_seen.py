"""Having seen a breach: the ladder's further calls spare that person, while the clock goes on.

A ``Sighting`` is of one cycle of one clock: the next breach is told to everybody again.
``bot/sla/reminders.py`` reads it.
"""

from typing import ClassVar

from pydantic import Field

from bot.core.steps import authorize_case
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase
from bot.engine.unit_of_work import UnitOfWork
from storage.models import Sighting


class Seen(OnCase):
    """A person has read a breach notice; ``clock`` and ``cycle`` come from its button."""

    verb: ClassVar[str] = "seen"
    clock: Hidden[str] = Field(max_length=60)
    cycle: Hidden[int] = 1


async def mark_breach_seen(work: UnitOfWork, intent: Seen) -> Answer | None:
    """Note that the actor knows of this clock's breach; pressed again, nothing changes.

    Timeline ``seen``: ``clock``, ``cycle``. Nothing is posted and no card is redrawn.
    """
    case = await authorize_case(work, intent.case, "seen")
    key = (case.number, intent.clock, intent.cycle, work.actor.user_id)
    if await work.session.get(Sighting, key) is not None:
        return None
    work.session.add(
        Sighting(
            case_number=case.number,
            clock=intent.clock,
            cycle=intent.cycle,
            user_id=work.actor.user_id,
            at=work.now,
        )
    )
    work.note(case, "seen", after={"clock": intent.clock, "cycle": intent.cycle})
    return None

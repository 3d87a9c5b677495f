"""Having seen a breach: it is not repeated to that person, though the clock goes on."""

from bot.core.steps import admitted
from bot.engine.inbox import Answer
from bot.engine.unit_of_work import Work
from bot.intents import Seen
from storage.models import Sighting


async def seen(work: Work, intent: Seen) -> Answer | None:
    """Note that the actor knows of this clock's breach."""
    case = await admitted(work, intent.case, "seen")
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

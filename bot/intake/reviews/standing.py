"""Whether what arrived once is still being decided on, or worked on."""

from bot.core.steps import follow_merged
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.signals import SignalStanding
from bot.rules.lifecycle import LIVE
from bot.rules.states import CandidateState
from bot.rules.words import Status
from storage.models import Case


async def goes_on(work: UnitOfWork, standing: SignalStanding) -> bool:
    """Whether the candidate waits still, or its case is live; else a change would begin anew.

    A merged case is live where the one in which it goes on is. False for a candidate that was
    logged or dismissed. Nothing is locked, so a decision may be taken at the same moment.
    """
    if standing.case is None:
        return standing.state is CandidateState.WAITING
    case = await follow_merged(work.session, await work.session.get_one(Case, standing.case))
    return Status(case.status) in LIVE

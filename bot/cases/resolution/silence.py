"""A resolved case that the customer does not confirm goes on to its review."""

from bot.core.reactions import CaseReviewed, react
from bot.core.steps import refresh_card, try_transition
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.sla import ClockState
from bot.rules.words import ClockKind
from bot.sla import clocks
from storage.models import Case


async def give_up_waiting(work: UnitOfWork, case: Case) -> bool:
    """Move a resolved case to the review without the customer's confirmation.

    Their silence is no confirmation: closing codes that claim one stay refused. False where a party
    is uncomfortable or the case is not resolved.
    """
    before = case.status
    if not await try_transition(work, case, "give_up_waiting"):
        return False
    await clocks.cancel_clocks(work, case, ClockKind.CUSTOMER_CONFIRMATION)
    await react(work, CaseReviewed(case))
    work.note(case, "give_up_waiting", before={"status": before}, after={"status": case.status})
    await refresh_card(work, case)
    return True


async def end_wait(work: UnitOfWork, case: Case, state: ClockState) -> bool:
    """Give up waiting when it was the customer's confirmation that did not come in time.

    Called by the sweep with the case locked. Answers True where the case moved on, so that its
    clocks are computed anew.
    """
    silent = state.clock == ClockKind.CUSTOMER_CONFIRMATION
    return silent and await give_up_waiting(work, case)

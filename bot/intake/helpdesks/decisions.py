"""What became of a candidate, told in the tickets that it came from."""

from collections.abc import Mapping

from sqlmodel import col, select

from bot.core.reactions import CandidateDecided, DecisionUndone
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.helpdesks.terms import Moment
from bot.rules.states import CandidateState
from bot.rules.words import HelpDesk
from bot.tickets.link import adopt_address
from bot.tickets.writing import queue_correction, queue_moment
from storage.models import Candidate, Signal

MOMENTS: Mapping[CandidateState, Moment] = {
    CandidateState.ESCALATED: Moment.ESCALATED,
    CandidateState.ADDED: Moment.ADDED,
    CandidateState.LOGGED: Moment.LOGGED,
    CandidateState.DISMISSED: Moment.DISMISSED,
}


async def tell_tickets(work: UnitOfWork, event: CandidateDecided) -> None:
    """Write the decision into each ticket, and link the case to the first where it has none.

    Of a restricted candidate or case nothing is written, but the case is linked. What is written at
    which moment the policy says, and it may be nothing; ``told`` goes along for the agents to send.
    The case is locked here. Nothing happens for a candidate that came from no ticket. Reacts to
    CandidateDecided, in its transaction.
    """
    candidate = event.candidate
    tickets = await _tickets_of(work, candidate)
    case = await work.case(candidate.case_number) if candidate.case_number and tickets else None
    if case is not None and not case.ticket:
        await adopt_address(work, case, [link for _, _, link in tickets])
    if candidate.sensitive or (case is not None and case.sensitive):
        return
    moment = MOMENTS[candidate.state]
    for helpdesk, ticket, _ in tickets:
        queue_moment(work, helpdesk, ticket, moment, case, candidate.told)


async def correct_tickets(work: UnitOfWork, event: DecisionUndone) -> None:
    """Note in each ticket that it is looked at again, where the decision was written there.

    Of a restricted candidate nothing is written. Reacts to DecisionUndone, in its transaction.
    """
    candidate = event.candidate
    if candidate.sensitive:
        return
    moment = MOMENTS[CandidateState(candidate.undone["state"])]
    for helpdesk, ticket, _ in await _tickets_of(work, candidate):
        queue_correction(work, helpdesk, ticket, moment)


async def _tickets_of(work: UnitOfWork, candidate: Candidate) -> list[tuple[str, str, str]]:
    """Help desk, ticket and address of each ticket that the candidate came from, each once.

    The ticket that came first is the first; the address is that of its oldest signal.
    """
    query = select(Signal.source, Signal.thread, Signal.link).where(
        col(Signal.candidate) == candidate.id,
        col(Signal.source).in_([desk.value for desk in HelpDesk]),
        col(Signal.thread) != "",
    )
    found = (await work.session.exec(query.order_by(col(Signal.id)))).all()
    first: dict[tuple[str, str], str] = {}
    for source, thread, link in found:
        first.setdefault((source, thread), link)
    return [(source, thread, link) for (source, thread), link in first.items()]

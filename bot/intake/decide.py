"""Deciding on a candidate: it joins a case that is there, or it is none, for a reason.

That it becomes a case of its own is ``OpenCase`` with the candidate's id (``bot.intake.reports``).
Of two who decide at once the second is told what the first decided.
"""

from typing import ClassVar

from bot.core.steps import authorize_case, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import CaseNumber, Hidden, Intent, OptionalText, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.intake.candidates import decided_facts, lock_candidate, settle_candidate
from bot.intake.reports import ADDS, add_candidate_to_case
from bot.rules.states import CandidateState
from storage.models import Candidate


class AddCandidate(Intent):
    """What arrived is about the case ``into``."""

    verb: ClassVar[str] = "add_candidate"
    candidate: Hidden[int]
    into: CaseNumber


class DismissCandidate(Intent):
    """What arrived is no escalation. ``told`` is what its source is told, empty for nothing."""

    verb: ClassVar[str] = "dismiss_candidate"
    candidate: Hidden[int]
    reason: Text
    told: OptionalText = ""


async def add_candidate(work: UnitOfWork, intent: AddCandidate) -> Answer | None:
    """Add what arrived to a case, as a further report of it.

    Raises UserError as ``lock_candidate`` does, ``no_such_case``, ``wrong_status``, and
    ``candidate_restricted`` where more people may read the case than the candidate.
    """
    candidate = await lock_candidate(work, intent.candidate, "add_candidate")
    if intent.into is None:
        raise UserError("no_such_case")
    case = await authorize_case(work, intent.into, ADDS)
    require_status(case, ADDS)
    if candidate.sensitive and not case.sensitive:
        raise UserError("candidate_restricted", reference=f"ESC-{case.number}")
    await add_candidate_to_case(work, case, candidate)
    return _answer(candidate)


async def dismiss_candidate(work: UnitOfWork, intent: DismissCandidate) -> Answer | None:
    """Record that it is no escalation, and why. Raises UserError as ``lock_candidate`` does."""
    candidate = await lock_candidate(work, intent.candidate, "dismiss_candidate")
    await settle_candidate(
        work, candidate, CandidateState.DISMISSED, why=intent.reason, told=intent.told
    )
    return _answer(candidate)


def _answer(candidate: Candidate) -> Answer:
    return Answer(text=f"candidate:{candidate.state.value}", extra=decided_facts(candidate))

"""Deciding on a candidate: it joins a case that is there, or it is none, for a reason.

That it becomes a case of its own is ``OpenCase`` with the candidate's id (``bot.intake.reports``).
Of two who decide at once the second is told what the first decided. That it is none can be taken
back for a day.
"""

import re
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from bot.core.access import require_permission
from bot.core.reactions import DecisionUndone, react
from bot.core.steps import as_utc, authorize_case, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import CaseNumber, Future, Hidden, Intent, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.intake.candidates import (
    UNDONE,
    decided_facts,
    lock_candidate,
    lock_known,
    may_undo,
    settle_candidate,
    show_candidate,
    tell_reporters,
)
from bot.intake.log import take_off_list
from bot.intake.reports import ADDS, add_candidate_to_case
from bot.rules.intake import Telling
from bot.rules.states import CandidateState
from bot.rules.words import Language, Severity
from messages.intake.tellings import telling_text
from storage.models import Account, Candidate

UNDID = "you_undid"  # what the person who took a decision back is told
WRITTEN = re.compile(r"(?:CAN-?|#)?\s*([1-9]\d{0,8})", re.IGNORECASE)


def _candidate_number(typed: object) -> object:
    """The candidate's id as a whole number; text that names none raises ``candidate_number``.

    ``12``, ``#12``, ``CAN12`` and ``can-12`` all name the same, with spaces around them; ids have
    nine digits at most. What is no text is left to pydantic.
    """
    if not isinstance(typed, str):
        return typed
    found = WRITTEN.fullmatch(typed.strip())
    if found is None:
        raise PydanticCustomError("candidate_number", "candidate_number")
    return int(found[1])


CandidateNumber = Annotated[int, BeforeValidator(_candidate_number)]


class AddCandidate(Intent):
    """What arrived is about the case ``into``.

    ``candidate`` is the id that the button or the form carries; ``into`` None: the case was not
    named.
    """

    verb: ClassVar[str] = "add_candidate"
    candidate: Hidden[int]
    into: CaseNumber


class DismissCandidate(Intent):
    """What arrived is no escalation. ``told`` is what its source is told, ``answer_by`` the time
    that is promised in it, only with ``SUPPORT_BY``.

    ``reason`` is for colleagues and never goes to the source. An ``answer_by`` without a zone is
    UTC.
    """

    verb: ClassVar[str] = "dismiss_candidate"
    candidate: Hidden[int]
    reason: Text
    told: Telling = Telling.NOTHING
    answer_by: Future[datetime | None] = None


class UndoDecision(Intent):
    """The decision that a candidate is no escalation is taken back.

    That is to say it was dismissed or logged, at most a day ago.
    """

    verb: ClassVar[str] = "undo_decision"
    candidate: CandidateNumber


async def add_candidate(work: UnitOfWork, intent: AddCandidate) -> Answer | None:
    """Add what arrived to a case, as a further report of it.

    The candidate is locked first, the case after it. The answer is ``candidate:added`` with
    ``decided_facts``.

    Raises UserError as ``lock_candidate`` does; ``no_such_case``, also where no case was named and
    for a restricted one that the actor is not on; ``wrong_status`` for a case that is not live; and
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
    """Record that it is no escalation, and why.

    The answer is ``candidate:dismissed`` with ``decided_facts``.

    Raises UserError as ``lock_candidate`` does, and ``answer_by_needed`` where an answer by a time
    is to be promised and none was chosen.
    """
    candidate = await lock_candidate(work, intent.candidate, "dismiss_candidate")
    if intent.told is Telling.SUPPORT_BY and intent.answer_by is None:
        raise UserError("answer_by_needed")
    told = await _words(work, candidate, intent)
    await settle_candidate(work, candidate, CandidateState.DISMISSED, why=intent.reason, told=told)
    return _answer(candidate)


async def _words(work: UnitOfWork, candidate: Candidate, intent: DismissCandidate) -> str:
    """What the source is told, in the customer's language and zone; empty for nothing.

    The language is the candidate's. The zone is the account's, the policy's where the candidate has
    no account, the account is gone, or it has no zone.
    """
    key = candidate.account_key
    account = await work.session.get(Account, key) if key else None
    zone = (account.timezone if account else None) or work.policy.timezone
    by = as_utc(intent.answer_by) if intent.answer_by else None
    return telling_text(intent.told, Language(candidate.language), by, zone)


async def undo_decision(work: UnitOfWork, intent: UndoDecision) -> Answer | None:
    """Let the candidate wait for a decision again, as long as it has waited already.

    What its source was told is shown, and the source hears that it is looked at again: what reacts
    to ``DecisionUndone`` runs last, in the same transaction. The decision is kept in
    ``Candidate.undone``, where it replaces one that was taken back earlier. A customer who was put
    on the list of a known issue by it is taken off again; the candidate is locked before the issue.
    The answer has the facts of the decision as it was.

    Raises UserError ``no_such_candidate``, ``not_your_role``, ``no_decision`` where it waits or led
    to a case, and ``decided_long_ago``, both with ``reference``.
    """
    await require_permission(work, None, "undo_decision")
    candidate = await lock_known(work, intent.candidate)
    if candidate.state not in UNDONE or candidate.decided_at is None:
        raise UserError("no_decision", reference=f"CAN-{candidate.id}")
    if not may_undo(candidate, work.now):
        raise UserError("decided_long_ago", reference=f"CAN-{candidate.id}")
    candidate.undone = {
        "state": candidate.state.value,
        "by": candidate.decided_by,
        "at": candidate.decided_at.isoformat(),
        "why": candidate.why,
        "told": candidate.told,
        "undone_by": work.actor.user_id,
        "undone_at": work.now.isoformat(),
    }
    await take_off_list(work, candidate)
    answer = Answer(text=f"candidate:{UNDID}", extra=decided_facts(candidate))
    _wait_again(work, candidate)
    await work.session.flush()
    await show_candidate(work, candidate)
    await tell_reporters(work, candidate, "undone")
    await react(work, DecisionUndone(candidate))
    return answer


def _wait_again(work: UnitOfWork, candidate: Candidate) -> None:
    """A reminder is due when it would have been, or now where that has passed.

    How often it was asked for already (``asks``) stays, so the support lead is asked where the
    manager on duty was asked before.
    """
    candidate.state, candidate.why, candidate.told = CandidateState.WAITING, "", ""
    candidate.decided_by = candidate.decided_at = None
    by = work.policy.decide_by(Severity(candidate.severity), candidate.received_at)
    candidate.ask_at = max(by, work.now)
    work.session.add(candidate)


def _answer(candidate: Candidate) -> Answer:
    return Answer(text=f"candidate:{candidate.state.value}", extra=decided_facts(candidate))

"""A minor candidate: it is logged as a known issue, on the list of which the customer waits.

They are told when the fix ships or slips, by the notices of known issues. Nothing restricted is
logged: who waits for a known issue is read by everybody who reads cases.
"""

from typing import ClassVar

from sqlmodel import col, select

from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent, OptionalLine
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.intake.candidates import decided_facts, lock_candidate, settle_candidate
from bot.known_issues.issue import IssueDraft
from bot.known_issues.steps import HeldIssue
from bot.known_issues.waiters import WaitingCustomer, log_known_issue_waiter
from bot.problems.affected import find_line, remove_line
from bot.problems.steps import note_problem
from bot.rules.names import fold_name
from bot.rules.states import CandidateState
from bot.rules.words import Language
from storage.models import Account, Affected, Candidate, Problem, Signal


class LogCandidate(Intent):
    """What arrived is minor. ``issue`` is the number of a known issue, None for a new one with
    ``title``; ``customer`` is asked for where the source did not know it.

    ``bug`` is where the fault is tracked, only for a new one. A ``customer`` that is typed where
    the candidate has one already is not looked at.
    """

    verb: ClassVar[str] = "log_candidate"
    candidate: Hidden[int]
    issue: int | None = None
    title: OptionalLine = ""
    bug: OptionalLine = ""
    customer: OptionalLine = ""


async def log_candidate(work: UnitOfWork, intent: LogCandidate) -> Answer | None:
    """Put the customer on the list of a known issue, old or new, and settle the candidate.

    The candidate is locked first, the issue after it; both change in one transaction. The title of
    the issue is the decision's ``why``, and the sources are told nothing by it.

    Raises UserError as ``lock_candidate`` and ``log_known_issue_waiter`` do, ``restricted_log``
    with ``reference``, ``customer_needed`` where neither the candidate nor the intent has a name,
    and ``title_needed`` for a new known issue.
    """
    candidate = await lock_candidate(work, intent.candidate, "log_candidate")
    if candidate.sensitive:
        raise UserError("restricted_log", reference=f"CAN-{candidate.id}")
    if not (candidate.customer or intent.customer):
        raise UserError("customer_needed")
    if intent.issue is None and not intent.title:
        raise UserError("title_needed")
    issue = intent.issue or IssueDraft(intent.title, bug=intent.bug)
    who = await _waiting(work, candidate, intent.customer)
    held, fresh = await log_known_issue_waiter(work, issue, who)
    await _remember(work, candidate, held, who.customer, fresh=fresh)
    await settle_candidate(work, candidate, CandidateState.LOGGED, why=held.row.title)
    return Answer(text="candidate:logged", extra=decided_facts(candidate))


async def _waiting(work: UnitOfWork, candidate: Candidate, name: str) -> WaitingCustomer:
    """The customer as the list has them, with what the candidate says; ``name`` where it has no
    name.

    An account has the name that it has now, by which its line is found again. ``source`` is the
    newest signal's address, else the name of its source. An account that is gone counts as none.
    Without words a dash stands for them.
    """
    key = candidate.account_key
    account = await work.session.get(Account, key) if key else None
    newest = select(Signal).where(col(Signal.candidate) == candidate.id)
    signal = (await work.session.exec(newest.order_by(col(Signal.id).desc()).limit(1))).one()
    return WaitingCustomer(
        account.name if account else candidate.customer or name,
        candidate.stake or "-",
        account=account.key if account else "",
        contact_name=candidate.contact_name,
        contact_email=candidate.contact_email,
        source=signal.link or signal.source,
        language=Language(candidate.language),
        said_at=candidate.happened_at,
    )


async def _remember(
    work: UnitOfWork, candidate: Candidate, held: HeldIssue, customer: str, *, fresh: bool
) -> None:
    """Where it was logged, and which line of the list is ours to take off again.

    ``waiter`` is None where the customer was on the list before (``fresh`` False): then undoing
    leaves them there.
    """
    candidate.issue = held.number
    line = await find_line(work, held.row, customer) if fresh else None
    candidate.waiter = line.id if line else None
    candidate.customer = candidate.customer or customer
    candidate.folded = fold_name(candidate.customer)


async def take_off_list(work: UnitOfWork, candidate: Candidate) -> None:
    """Undo the logging: the customer waits for the known issue no more, unless they did before.

    The candidate is locked by the caller; the issue is locked here. Nothing is removed where the
    line was taken off already. The record of the issue has ``remove_waiter`` with ``customer``, and
    the candidate's reference as its reason; a candidate that was dismissed has no issue and changes
    nothing.
    """
    row = await work.session.get(Affected, candidate.waiter) if candidate.waiter else None
    if row is not None and row.removed_at is None and candidate.issue is not None:
        issue = await work.session.get_one(Problem, candidate.issue, with_for_update=True)
        why = f"CAN-{candidate.id}"
        remove_line(work, row, why)
        note_problem(work, issue, "remove_waiter", why, customer=row.customer)
    candidate.issue = candidate.waiter = None

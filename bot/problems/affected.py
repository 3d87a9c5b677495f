"""Who has the problem: added one by one or by the line, each with evidence.

A line is told from others by its folded name within the problem, so one customer is on the list
once. Removing keeps the row, with when, by whom and why; adding again fills the same row anew.
``case_number`` is the case that speaks for the customer, through which broadcasts reach them;
``case_lines.py`` puts it there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core.access import require_permission
from bot.core.steps import read_past, require_account
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Line, OptionalLine, Past, SlackUser, Text, Url
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.problems.steps import OnProblem, lock_problem, note_problem, problem_answer
from bot.rules.names import fold_name
from bot.rules.problems import affected_csv
from storage.models import Account, Affected, Problem

# Columns that say how the customer is reached, and where the report came from.
REACHED = ("contact_name", "contact_email", "language", "ticket_url", "source")


class AddAffected(OnProblem):
    """A customer who has the problem, and how we know.

    ``account`` is an account's key, and its name then counts; or empty with ``customer`` a name.
    ``said_by`` and ``said_at`` default to the actor and now. ``link`` is where the evidence can be
    seen.
    """

    verb: ClassVar[str] = "add_affected"
    account: OptionalLine = ""
    customer: Line
    evidence: Text
    link: Url = ""
    said_by: SlackUser | None = None
    said_at: Past[datetime | None] = None


class AddAffectedLines(OnProblem):
    """Many customers at once, pasted as lines of CSV: ``Acme;pages time out;https://…``.

    Customer (an account's key or name), evidence, link (optional), separated by commas, semicolons
    or tabs; 200 lines at most (``bot/rules/problems/affected_csv.py``).
    """

    verb: ClassVar[str] = "add_affected_lines"
    recorded_as: ClassVar[str] = "add_affected"
    lines: Text


class RemoveAffected(OnProblem):
    """A customer does not have the problem after all; ``affected`` is the line's id."""

    verb: ClassVar[str] = "remove_affected"
    affected: Hidden[int]
    reason: Text


async def add_affected(work: UnitOfWork, intent: AddAffected) -> Answer | None:
    """Put a customer on the list: what shows it, where, who said so and when.

    Raises UserError ``no_such_account``, ``not_yet_happened``, ``affected_already``.
    """
    await require_permission(work, None, "add_affected")
    problem = await lock_problem(work, intent.problem)
    account = await require_account(work, intent.account)
    said_at = read_past(work, intent.said_at)
    customer = account.name if account else intent.customer
    added = await put_line(
        work,
        problem,
        customer,
        account,
        evidence=intent.evidence,
        link=intent.link,
        said_by=intent.said_by or work.actor.user_id,
        said_at=said_at,
    )
    if not added:
        raise UserError("affected_already", customer=customer)
    note_problem(work, problem, "add_affected", intent.evidence, customer=customer)
    await effects.queue_card(work, problem)
    return problem_answer("affected_added", problem, customers=[customer])


async def add_affected_lines(work: UnitOfWork, intent: AddAffectedLines) -> Answer | None:
    """Put many on the list at once; those who are on it already keep their evidence.

    All or nothing: the first mistake refuses the whole paste. The answer has ``customers`` (added)
    and ``known`` (how many were there). Raises UserError ``bad_lines`` (``line``),
    ``no_such_account``.
    """
    await require_permission(work, None, "add_affected_lines")
    problem = await lock_problem(work, intent.problem)
    lines, mistakes = affected_csv.read_affected(intent.lines)
    if mistakes:
        raise UserError("bad_lines", line=mistakes[0].line)
    added = []
    for line in lines:
        account = await _account(work, line.customer)
        if account is None:
            raise UserError("no_such_account", account=line.customer)
        fresh = await put_line(
            work,
            problem,
            account.name,
            account,
            evidence=line.evidence,
            link=line.link,
            said_by=work.actor.user_id,
            said_at=work.now,
        )
        added += [account.name] if fresh else []
    note_problem(work, problem, "add_affected", customer=", ".join(added), count=len(added))
    await effects.queue_card(work, problem)
    return problem_answer("affected_added", problem, customers=added, known=len(lines) - len(added))


async def _account(work: UnitOfWork, typed: str) -> Account | None:
    """The account with this key, else with this name, whatever its case and accents."""
    found = await work.session.get(Account, typed)
    if found is not None:
        return found
    query = select(Account).where(col(Account.folded) == fold_name(typed))
    return (await work.session.exec(query)).first()


async def remove_affected(work: UnitOfWork, intent: RemoveAffected) -> Answer | None:
    """Take a customer off the list; what they were told stays on the record.

    Raises UserError ``not_affected``, also for a line that is removed already.
    """
    await require_permission(work, None, "remove_affected")
    problem = await lock_problem(work, intent.problem)
    row = await work.session.get(Affected, intent.affected)
    if row is None or row.problem != problem.number or row.removed_at is not None:
        raise UserError("not_affected")
    remove_line(work, row, intent.reason)
    note_problem(work, problem, "remove_affected", intent.reason, customer=row.customer)
    await effects.queue_card(work, problem)
    return problem_answer("affected_removed", problem, customer=row.customer)


def remove_line(work: UnitOfWork, row: Affected, why: str) -> None:
    """Take a line off the list; what the customer was told stays on the record.

    ``why`` is empty where the reason may not be read. The caller notes it in the problem's record.
    """
    row.removed_at, row.removed_by, row.removed_why = work.now, work.actor.user_id, why
    work.session.add(row)


async def find_line(work: UnitOfWork, problem: Problem, customer: str) -> Affected | None:
    """The customer's line, removed or not; None for one who was never listed."""
    query = select(Affected).where(
        col(Affected.problem) == problem.number, col(Affected.folded) == fold_name(customer)
    )
    return (await work.session.exec(query)).first()


async def put_line(
    work: UnitOfWork,
    problem: Problem,
    customer: str,
    account: Account | None,
    *,
    evidence: str,
    link: str,
    said_by: str,
    said_at: datetime,
    reached: Mapping[str, str] | None = None,
) -> bool:
    """Add a customer, or bring back one who was removed; False for one who is on the list.

    ``reached`` are those of ``REACHED`` that are known. Flushed, so that the line has its id. No
    case speaks for a fresh line yet.
    """
    row = await find_line(work, problem, customer)
    if row is not None and row.removed_at is None:
        return False
    row = row or Affected(
        problem=problem.number,
        folded=fold_name(customer),
        customer=customer,
        said_by="",
        said_at=said_at,
    )
    row.account_key, row.case_number = account.key if account else None, None
    row.evidence, row.link, row.said_by, row.said_at = evidence, link, said_by, said_at
    row.removed_at = row.removed_by = None
    row.removed_why = ""
    for name in REACHED:
        setattr(row, name, (reached or {}).get(name, ""))
    work.session.add(row)
    await work.session.flush()
    return True

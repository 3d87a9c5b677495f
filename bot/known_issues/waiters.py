"""The customers who wait for a known issue: added by hand or from a report, and taken off again.

They are the ``Affected`` of the issue's row, so a customer is on the list once, by folded name, and
is on that of the problem should it become one. Whoever is added after the notice of a step went
out has none of it yet, and is in the next one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.core.access import require_permission
from bot.core.reactions import KnownIssueChanged, react
from bot.core.steps import read_past, require_account
from bot.engine.inbox import Answer
from bot.engine.intent import Email, Hidden, Line, OptionalLine, Text, Url
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.known_issues.issue import IssueDraft, log_known_issue
from bot.known_issues.steps import HeldIssue, OnIssue, issue_answer, lock_issue
from bot.problems.affected import REACHED, find_line, put_line, remove_line
from bot.problems.steps import note_problem
from bot.rules.words import Language
from storage.models import Affected

LINKS = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class WaitingCustomer:
    """A customer as a report names them.

    ``customer`` is a name, and ``account`` an account's key, whose name then counts; or empty.
    ``said`` is what they said or what was seen, ``source`` where that came from: a URL, or words
    such as “phone”. ``ticket_url`` is the ticket in which they wait. ``language`` None: that of
    the account, else English. ``said_by`` (a user id) and ``said_at`` default to the actor and now.
    """

    customer: str
    said: str
    account: str = ""
    contact_name: str = ""
    contact_email: str = ""
    ticket_url: str = ""
    source: str = ""
    language: Language | None = None
    said_by: str = ""
    said_at: datetime | None = None

    def reached(self) -> dict[str, str]:
        """The columns of ``REACHED``, each with what is known or empty.

        A ``source`` that is a URL is left out here: it becomes the line's ``link``.
        """
        spoken = self.language.value if self.language else ""
        place = "" if self.source.startswith(LINKS) else self.source
        values = (self.contact_name, self.contact_email, spoken, self.ticket_url, place)
        return dict(zip(REACHED, values, strict=True))


class AddWaiter(OnIssue):
    """A customer waits for it; for one who is on the list already, how they are reached now.

    ``account`` is an account's key; with it the line has the account's name, whatever ``customer``
    says. ``said`` is kept as the evidence of a fresh line, and in the record each time.
    """

    verb: ClassVar[str] = "add_waiter"
    account: OptionalLine = ""
    customer: Line
    said: Text
    contact_name: OptionalLine = ""
    contact_email: Email = ""
    ticket_url: Url = ""
    source: OptionalLine = ""
    language: Language | None = None


class RemoveWaiter(OnIssue):
    """A customer does not wait for it after all; ``affected`` is the line's id."""

    verb: ClassVar[str] = "remove_waiter"
    affected: Hidden[int]
    reason: Text


async def log_known_issue_waiter(
    work: UnitOfWork, issue: int | IssueDraft, who: WaitingCustomer, *, correct: bool = False
) -> tuple[HeldIssue, bool]:
    """Put a customer on the list of a known issue, locked here; False for one who was on it.

    ``issue`` is its number, or what a new one is logged with. One that has ended takes customers
    too: they are still to be told how it ended. Of one who was on the list what is missing is
    filled in; with ``correct`` what ``who`` says replaces what is there.

    The caller has checked who may do it, and locks a case, where it holds one, before. Record:
    ``add_waiter`` with ``customer``. Raises UserError ``no_such_issue``, ``issue_is_problem``,
    ``no_such_account``, ``not_yet_happened``.
    """
    if isinstance(issue, IssueDraft):
        held = await log_known_issue(work, issue)
    else:
        held = await lock_issue(work, issue, waited_for=False)
    account = await require_account(work, who.account)
    said_at = read_past(work, who.said_at)
    customer = account.name if account else who.customer
    fresh = await put_line(
        work,
        held.row,
        customer,
        account,
        evidence=who.said,
        link=who.source if who.source.startswith(LINKS) else "",
        said_by=who.said_by or work.actor.user_id,
        said_at=said_at,
        reached=who.reached(),
    )
    if not fresh:
        await _reach_anew(work, held, customer, who, correct=correct)
    note_problem(work, held.row, "add_waiter", who.said, customer=customer)
    await react(work, KnownIssueChanged(held.row, held.issue))
    return held, fresh


async def _reach_anew(
    work: UnitOfWork, held: HeldIssue, customer: str, who: WaitingCustomer, *, correct: bool
) -> None:
    """Say of a customer who waits already how they are reached; what is empty in ``who`` stays.

    Name and address of the contact go together: the one is never joined to another's.
    """
    row = await find_line(work, held.row, customer)
    if row is None:
        return
    known = who.reached()
    contact = ("contact_name", "contact_email")
    if any(known[name] for name in contact) and (correct or not any(_values(row, contact))):
        for name in contact:
            setattr(row, name, known.pop(name))
    for name in REACHED[len(contact) :]:
        if known[name] and (correct or not getattr(row, name)):
            setattr(row, name, known[name])
    work.session.add(row)


def _values(row: Affected, names: tuple[str, ...]) -> list[str]:
    """The values of a line's columns, in the order of their names."""
    return [getattr(row, name) for name in names]


async def add_waiter(work: UnitOfWork, intent: AddWaiter) -> Answer | None:
    """Put a customer on the list, or correct how one on it is reached.

    Raises as ``log_known_issue_waiter`` does.
    """
    await require_permission(work, None, "add_waiter")
    given = intent.model_dump(exclude={"problem"})
    who = WaitingCustomer(**given)
    held, fresh = await log_known_issue_waiter(work, intent.problem, who, correct=True)
    account = await require_account(work, intent.account)
    said = {"customer": account.name if account else who.customer}
    return issue_answer("waiter_added" if fresh else "waiter_changed", held, **said)


async def remove_waiter(work: UnitOfWork, intent: RemoveWaiter) -> Answer | None:
    """Take a customer off the list; what they were told stays on the record.

    Also after its end, while a notice waits. Raises UserError ``not_waiting``, also for a line that
    is removed already.
    """
    await require_permission(work, None, "remove_waiter")
    held = await lock_issue(work, intent.problem, waited_for=False)
    row = await work.session.get(Affected, intent.affected)
    if row is None or row.problem != held.number or row.removed_at is not None:
        raise UserError("not_waiting")
    remove_line(work, row, intent.reason)
    note_problem(work, held.row, "remove_waiter", intent.reason, customer=row.customer)
    await react(work, KnownIssueChanged(held.row, held.issue))
    return issue_answer("waiter_removed", held, customer=row.customer)

"""One person proposes, another decides: the rules of every approval, whatever is approved.

A ``Subject`` says what is approved, who may approve it and what follows; the functions below hold
all subjects to the same rules. Everything happens in the transaction of the subject's unit of work,
on rows that stay locked until it ends.

The author never decides. A decision is final: a second one is refused, even the same again. The
subjects are a customer message (``bot/customers/approval.py``), words of the library
(``bot/customers/templates.py``), broadcasts and talking points (``bot/problems``).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.core.steps import as_utc
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.policy.load import Policy
from bot.rules.states import LIVING, UNDECIDED, ApprovalState

DIGEST_SHOWN = 12  # characters of a digest that tell proposals apart in the record


class Approvable(Protocol):
    """What an approval reads and writes of a row; ``approver`` approved or returned it."""

    state: ApprovalState
    author: str
    approver: str | None
    remark: str
    answered_at: datetime | None


class Endable(Approvable, Protocol):
    """A row that is in use once it is approved, until a person or its time ends that."""

    ended_by: str | None
    ended_why: str
    ended_at: datetime | None


Row = TypeVar("Row", bound=Approvable)
Ended = TypeVar("Ended", bound=Endable)


@dataclass(frozen=True)
class Subject(ABC, Generic[Row]):
    """What is approved, with what it belongs to.

    ``name`` forms the keys of refusals (``own_<name>``, ``<name>_answered`` …) and the verb
    ``answer_<name>``. ``model`` is the table. A new proposal gives the rows that ``list_earlier``
    describes, where they are in one of the states ``replaced``, the state ``replaced_by``.
    ``no_approver`` is the refusal where no one can be asked.
    """

    work: UnitOfWork
    name: ClassVar[str]
    model: ClassVar[Any]
    replaced: ClassVar[Sequence[ApprovalState]] = LIVING
    replaced_by: ClassVar[ApprovalState] = ApprovalState.VOID
    no_approver: ClassVar[str] = "no_approver"

    # -- what each subject says

    @abstractmethod
    async def list_approvers(self, author: str) -> Sequence[str]:
        """The user ids of those who may decide on what ``author`` proposes, never the author's."""

    @abstractmethod
    async def ask_approver(self, user: str, row: Row) -> None:
        """Show one approver all that the approval is of, in a direct message."""

    @abstractmethod
    async def tell_author(self, row: Row) -> None:
        """Tell the author of the decision, in a direct message."""

    # -- what some subjects add

    def includes(self, row: Row) -> bool:
        """False for a row of another case or problem: it does not exist here."""
        return True

    def list_earlier(self, row: Row) -> Sequence[ColumnElement[bool]]:
        """The conditions by which ``row`` replaces earlier rows; none: it replaces nothing."""
        return ()

    async def is_altered(self, row: Row, digest: str) -> bool:
        """True when ``row`` is not what was shown; ``digest`` is of what was shown."""
        return False

    def holds_until(self, row: Row) -> datetime | None:
        """Until when an approval given now holds; None: without end."""
        return None

    def refuse_asking(self) -> UserError:
        """The refusal of a proposal that no one may decide on."""
        return UserError(self.no_approver)

    def refuse_answer(self, row: Row, people: Sequence[str]) -> UserError:
        """The refusal of a decision by a person who is none of the ``people`` who may decide."""
        return UserError("not_your_role", verb=f"answer_{self.name}")

    async def after_proposal(self, row: Row) -> None:
        """What follows once the row is stored, before the approvers are asked."""

    async def after_decision(self, row: Row, until: datetime | None) -> None:
        """What follows from the decision; ``until`` ends an approval, None for a return."""

    async def after_void(self, row: Row, before: ApprovalState) -> None:
        """What follows when a newer proposal has taken the row's place."""

    async def after_end(self, row: Row) -> None:
        """What follows when the row is no longer in use."""

    # -- where the rows are kept

    async def keep_row(self, row: Row) -> None:
        """Store a new row, so that it has its id."""
        self.work.session.add(row)
        await self.work.session.flush()

    async def lock_row(self, number: int) -> Row | None:
        """The row with this id, locked."""
        found: Row | None = await self.work.session.get(self.model, number, with_for_update=True)
        return found

    async def lock_earlier(self, row: Row) -> Sequence[Row]:
        """Return the rows that ``row`` replaces, oldest first, locked."""
        conditions = self.list_earlier(row)
        return await self.lock_rows(*conditions, states=self.replaced) if conditions else ()

    async def lock_rows(
        self, *conditions: ColumnElement[bool], states: Sequence[ApprovalState]
    ) -> Sequence[Row]:
        """The rows in one of ``states`` that meet the conditions, oldest first, locked."""
        query = select(self.model).where(*conditions, col(self.model.state).in_(states))
        query = query.order_by(col(self.model.id)).with_for_update()
        return (await self.work.session.exec(query)).all()


async def propose_row(subject: Subject[Row], row: Row) -> Sequence[str]:
    """Store what is proposed and ask for approval; answers the user ids of those asked.

    Earlier proposals that it replaces end in the same transaction. Raises UserError
    ``no_approver``, or as the subject has it, when there is no one to ask.
    """
    people = await subject.list_approvers(row.author)
    if not people:
        raise subject.refuse_asking()
    await void_rows(subject, await subject.lock_earlier(row))
    await subject.keep_row(row)
    await subject.after_proposal(row)
    for user in people:
        await subject.ask_approver(user, row)
    return people


async def decide_row(
    subject: Subject[Row], number: int, *, approve: bool, remark: str, digest: str = ""
) -> Row:
    """Approve what was proposed, or return it with a remark; its author hears of it.

    ``digest`` is of what the person who decides was shown, where the subject keeps one. The checks
    run in this order, each with its UserError: ``no_such_<name>``, ``own_<name>``,
    ``not_your_role`` or the subject's own, ``<name>_void`` (replaced, or not what was shown),
    ``<name>_answered`` (with ``by``), ``return_needs_remark``, ``<name>_late``.
    """
    row = await load_row(subject, number)
    await _require_decider(subject, row)
    if row.state == ApprovalState.VOID or await subject.is_altered(row, digest):
        raise UserError(f"{subject.name}_void")
    if row.state not in UNDECIDED:
        raise UserError(f"{subject.name}_answered", by=row.approver or "")
    if not approve and not remark:
        raise UserError("return_needs_remark")
    until = subject.holds_until(row) if approve else None
    if until is not None and until <= subject.work.now:
        raise UserError(f"{subject.name}_late")
    row.state = ApprovalState.APPROVED if approve else ApprovalState.RETURNED
    row.approver, row.remark = subject.work.actor.user_id, remark
    row.answered_at = subject.work.now
    await subject.after_decision(row, until)
    await subject.tell_author(row)
    return row


async def _require_decider(subject: Subject[Row], row: Row) -> None:
    """Raises UserError ``own_<name>``, or the subject's for a person who may not decide."""
    if row.author == subject.work.actor.user_id:
        raise UserError(f"own_{subject.name}")
    people = await subject.list_approvers(row.author)
    if subject.work.actor.user_id not in people:
        raise subject.refuse_answer(row, people)


async def void_rows(subject: Subject[Row], rows: Iterable[Row]) -> None:
    """Take locked rows out of the running: what was asked for or approved counts no more.

    Each gets the subject's ``replaced_by``, and ``after_void`` learns the state before. The session
    has the rows already, so nothing is added to it.
    """
    for row in rows:
        before, row.state = row.state, subject.replaced_by
        await subject.after_void(row, before)


async def withdraw_row(subject: Subject[Ended], number: int, reason: str) -> Ended:
    """End the use of what was approved; ``reason`` is kept in ``ended_why``.

    The row's state is WITHDRAWN then, ended by the actor. A repetition is refused. Raises UserError
    ``no_such_<name>``, and ``<name>_not_in_use`` for what is not approved or has ended. Who may do
    so the caller has checked.
    """
    row = await load_row(subject, number)
    if row.state != ApprovalState.APPROVED:
        raise UserError(f"{subject.name}_not_in_use")
    actor = subject.work.actor.user_id
    await end_row(subject, row, ApprovalState.WITHDRAWN, by=actor, why=reason)
    return row


async def end_row(
    subject: Subject[Ended], row: Ended, state: ApprovalState, *, by: str | None, why: str = ""
) -> None:
    """Give the row the ``state`` in which it ends; ``by`` is None where its time ended it."""
    row.state, row.ended_by, row.ended_why = state, by, why
    row.ended_at = subject.work.now
    await subject.after_end(row)


async def load_row(subject: Subject[Row], number: int) -> Row:
    """The row with this id, locked. Raises UserError ``no_such_<name>``."""
    row = await subject.lock_row(number)
    if row is None or not subject.includes(row):
        raise UserError(f"no_such_{subject.name}")
    return row


def describe_decision(row: Approvable) -> dict[str, Any]:
    """Return what notices say of a decision, as JSON: ``approve``, ``by`` and ``remark``.

    ``by`` is a user id, None before a decision.
    """
    return {
        "approve": row.state == ApprovalState.APPROVED,
        "by": row.approver,
        "remark": row.remark,
    }


def limit_approval(policy: Policy, promised: datetime | None, now: datetime) -> datetime:
    """Until when an approval given now holds: the policy's span, or until the promised time."""
    ends = now + policy.approval_good_for
    return min(ends, as_utc(promised)) if promised else ends

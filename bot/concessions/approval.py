"""Who approves a concession: one person, two above the policy's mark, and Legal in a legal case.

Each approval is a row of its own (``ConcessionApproval``), a seat, held to the rules of every
approval (``bot/core/approvals.py``). A person takes one seat at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.concessions.rows import (
    describe_concession,
    describe_standing,
    digest_concession,
    list_seats,
    void_seats,
)
from bot.core import approvals
from bot.core.access import entrusted_roles, named_for, on_case
from bot.customers import legal, money
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.money import matrix
from bot.rules.money.matrix import DECIDERS, Seat, Standing
from bot.rules.policy.load import Policy
from bot.rules.states import ApprovalState, ConcessionState
from bot.rules.words import Role
from storage.models import Case, Concession, ConcessionApproval

TWO = 2  # different people, above the policy's mark


@dataclass(frozen=True)
class SeatApproval(approvals.Subject[ConcessionApproval]):
    """One approval that ``concession`` needs; ``standing`` is the account's without it."""

    name: ClassVar[str] = "concession"
    model: ClassVar[Any] = ConcessionApproval
    case: Case
    concession: Concession
    seat: Seat
    standing: Standing

    async def list_approvers(self, author: str) -> Sequence[str]:
        """Those who may take the seat, and took no other."""
        session, policy = self.work.session, self.work.policy
        taken = [each.approver for each in await list_seats(session, self.concession)]
        return await list_seat_approvers(
            session, policy, self.case, self.concession, self.seat, self.standing, taken
        )

    def includes(self, row: ConcessionApproval) -> bool:
        """True for an approval of this concession."""
        return row.concession == self.concession.id

    async def is_altered(self, row: ConcessionApproval, digest: str) -> bool:
        """True when it is not what was shown, or its case is of another account by now."""
        moved = self.concession.account_key != (self.case.account_key or "")
        return moved or digest != digest_concession(self.concession)

    def holds_until(self, row: ConcessionApproval) -> datetime:
        """Until when it may be promised."""
        return self.concession.expires_at

    def refuse_asking(self) -> UserError:
        """On a restricted case those who might approve may only be missing from it."""
        if self.seat is Seat.LEGAL:
            return UserError("no_lawyer")
        author = self.concession.author
        others = [user for user in named_deciders(self.work.policy) if user != author]
        if self.case.sensitive and others:
            return UserError("no_approver_here", people=others)
        return UserError("no_concession_approver")

    def refuse_answer(self, row: ConcessionApproval, people: Sequence[str]) -> UserError:
        """Whom to ask instead."""
        if people:
            return UserError("not_your_concession", people=list(people))
        return UserError("no_concession_approver")

    async def ask_approver(self, user: str, row: ConcessionApproval) -> None:
        """Show all that is to be decided on, once to each person."""
        if self.seat is Seat.SECOND:  # the same people are asked for both
            return
        if user in await self.list_asked(row.author):
            await effects.queue_dm(
                self.work, user, "notice:concession_asked", self.case, self.describe()
            )

    async def list_asked(self, author: str) -> Sequence[str]:
        """Those of the approvers who are asked: of the least limit that it is within.

        For two approvals all of them are, so that it does not wait for one who is away. Whoever
        else may approve it is asked when it still waits after a day.
        """
        people = await self.list_approvers(author)
        if self.seat is Seat.LEGAL or self._needs_two():
            return people
        limits = {user: limit_of(self.work.policy, user, self.standing) for user in people}
        least = min(limits.values(), default=matrix.NOTHING)
        return [user for user in people if limits[user] == least]

    def _needs_two(self) -> bool:
        mark = self.work.policy.concessions.two_approvers_above_eur
        return self.standing.had + Decimal(self.concession.worth) > mark

    def describe(self) -> dict[str, Any]:
        """What approvers read: the concession, and what counts beside it."""
        months = self.work.policy.concessions.cumulative_months
        return {
            **describe_concession(self.concession),
            **describe_standing(self.standing, months),
            "digest": digest_concession(self.concession),
            "two": self._needs_two(),
            "by_legal": self.seat is Seat.LEGAL,
        }

    async def after_decision(self, row: ConcessionApproval, until: datetime | None) -> None:
        """The last approval approves the concession, one refusal refuses it."""
        concession, approve = self.concession, row.state is ApprovalState.APPROVED
        after = {"concession": concession.id, "seat": row.seat, "approve": approve}
        self.work.note(self.case, "answer_concession", after=after)
        self.work.session.add(row)
        if not approve:
            concession.state, concession.next_at = ConcessionState.REFUSED, None
            concession.ended_by, concession.ended_why = row.approver, row.remark
            concession.ended_at = self.work.now
            await void_seats(self.work, concession)
        elif await self._is_complete():
            concession.state, concession.approved_at = ConcessionState.APPROVED, self.work.now
            seats = await list_seats(self.work.session, concession)
            concession.legal = any(each.seat == Seat.LEGAL for each in seats)
            concession.next_at, concession.reminded = concession.expires_at, 0
        self.work.session.add(concession)

    async def _is_complete(self) -> bool:
        """Whether all approvals are there that are wanted now; those that lack are asked for."""
        await self.work.session.flush()
        seats = await list_seats(self.work.session, self.concession)
        roles = await entrusted_roles(
            self.work.session, self.work.policy, self.concession.author, self.case
        )
        wanted = matrix.seats_wanted(
            self.work.policy.concessions, roles, Decimal(self.concession.worth), self.standing
        )
        held = {Seat(each.seat) for each in seats}
        for seat in wanted:
            if seat not in held:
                await ask_seat(self.work, self.case, self.concession, seat, self.standing)
        waiting = [each for each in seats if each.state is ApprovalState.WAITING]
        return not waiting and held >= set(wanted)

    async def tell_author(self, row: ConcessionApproval) -> None:
        """Tell the author what was decided, and what is still awaited."""
        extra = {
            **describe_concession(self.concession),
            **approvals.describe_decision(row),
            "complete": self.concession.state is not ConcessionState.WAITING,
        }
        await effects.queue_dm(self.work, row.author, "notice:concession_decided", self.case, extra)


async def ask_seat(
    work: UnitOfWork, case: Case, row: Concession, seat: Seat, standing: Standing
) -> Sequence[str]:
    """Ask for one approval; answers whom. Raises UserError as ``refuse_asking`` says."""
    asked = ConcessionApproval(
        case_number=case.number, concession=row.id, seat=seat.value, author=row.author
    )
    subject = SeatApproval(work, case, row, seat, standing)
    people = await approvals.propose_row(subject, asked)
    if seat is Seat.SECOND and len(people) < TWO:
        raise subject.refuse_asking()
    return await subject.list_asked(row.author)


async def list_seat_approvers(
    session: AsyncSession,
    policy: Policy,
    case: Case,
    row: Concession,
    seat: Seat,
    standing: Standing,
    taken: Sequence[str | None],
) -> Sequence[str]:
    """Those who may take this seat: within their limit, on a restricted case only those on it.

    Neither the author nor any of ``taken`` is among them, who took its other seats.
    """
    if seat is Seat.LEGAL:
        people = list(await legal.legal_approvers(session, policy, case))
    else:
        worth = Decimal(row.worth)
        people = [
            user
            for user in named_deciders(policy)
            if _may_approve(policy, user, worth, standing)
            and (not case.sensitive or await on_case(session, case, user))
        ]
    return [user for user in people if user != row.author and user not in taken]


def named_deciders(policy: Policy) -> list[str]:
    """Everyone whom the policy lets approve money, once each."""
    people = (user for role in DECIDERS for user in named_for(policy, role))
    return list(dict.fromkeys(people))


def limit_of(policy: Policy, user: str, standing: Standing) -> Decimal:
    """The most, in all, that a person may approve for the account."""
    return matrix.deciding_limit(policy.concessions, _deciding(policy, user), standing.fee)


def _may_approve(policy: Policy, user: str, worth: Decimal, standing: Standing) -> bool:
    return matrix.may_approve(policy.concessions, _deciding(policy, user), worth, standing)


def _deciding(policy: Policy, user: str) -> set[Role]:
    return {role for role in DECIDERS if user in named_for(policy, role)}


async def standing_without(work: UnitOfWork, case: Case) -> Standing:
    """What counts beside what is asked for: what waits counts for nothing yet."""
    return await money.find_standing(work.session, work.policy, case, work.now)

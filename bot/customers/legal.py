"""Legal cases: Legal agrees to what the customer is told, and nothing reaches them beside it.

``Case.legal`` marks them. Messages wait for Legal's approval, broadcasts leave their customers out,
and no one has a limit of money of their own (``money``). Where Legal was not told, because the
policy names no one or tells them only of what was filed, the usual rules hold, but for words that
admit fault: these stay stopped, since no one can clear them.
"""

from collections.abc import Sequence
from typing import Protocol

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import named_for, on_case, role_holders
from bot.core.steps import plan_playbooks
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.lifecycle import LIVE
from bot.rules.names import fold_name
from bot.rules.policy.legal_terms import LegalTell
from bot.rules.policy.load import Policy
from bot.rules.problems.facts import AffectedFacts
from bot.rules.states import RecipientState
from bot.rules.tone.lint import Weight
from bot.rules.words import Role
from bot.subjects import is_known_issue
from storage.models import BroadcastRecipient, Case, Problem

REASON = "legal"  # why a second person reads a message: Legal agrees to it


class LegalCase(Protocol):
    """What is read of a case here: its row, or its facts."""

    @property
    def legal(self) -> bool: ...
    @property
    def legal_told(self) -> bool: ...


def mark_legal(work: UnitOfWork, case: Case, *, filed: bool = False) -> None:
    """Make a case legal: nothing of it is deleted from now on, and Legal is told.

    Of a threat they are told only where the policy says so.
    """
    case.legal, case.legal_filed = True, case.legal_filed or filed
    threats = work.policy.legal_tell is LegalTell.THREATS
    case.legal_told = case.legal_told or filed or threats
    case.legal_hold_at = case.legal_hold_at or work.now
    plan_playbooks(work, case)


def weigh_liability(policy: Policy, case: LegalCase, author: str) -> Weight | None:
    """How words that admit fault weigh in a message of ``author``; None: they are not looked for.

    Where Legal reads every message they are a warning, as nothing goes out before their yes.
    """
    if not case.legal or author in named_for(policy, Role.LEGAL):
        return None
    return Weight.WARN if must_agree(policy, case, author) else Weight.STOP


def must_agree(policy: Policy, case: LegalCase, author: str) -> bool:
    """True when a message goes out only with Legal's yes; what Legal writes has it already.

    ``author`` counts as Legal when the policy names them so, whatever their role on the case.
    """
    by_legal = author in named_for(policy, Role.LEGAL)
    return case.legal and case.legal_told and policy.names(Role.LEGAL) and not by_legal


async def legal_approvers(session: AsyncSession, policy: Policy, case: Case) -> Sequence[str]:
    """Return who of Legal can be asked: the one with the role on the case, else those on it.

    Only people whom the policy names: the role on a case says who of them looks after it, and does
    not lend Legal's yes to anyone else.
    """
    people = named_for(policy, Role.LEGAL)
    holder = (await role_holders(session, case)).get(Role.LEGAL)
    if holder is not None and holder in people:
        return (holder,)
    return [user for user in people if await on_case(session, case, user)]


def approval_refusal(policy: Policy, case: Case, author: str, people: Sequence[str]) -> UserError:
    """Return what is said when a draft is answered by none of the ``people`` who may.

    Of a legal case only Legal answers, so ``legal_answers`` names whom to ask (``user``); else
    ``not_your_role``.
    """
    if people and must_agree(policy, case, author):
        return UserError("legal_answers", user=people[0])
    return UserError("not_your_role", verb="answer_draft")


async def living_legal_cases(work: UnitOfWork) -> Sequence[Case]:
    """The living legal cases: their customers get no message to many."""
    query = select(Case).where(
        col(Case.legal).is_(True), col(Case.status).in_([s.value for s in LIVE])
    )
    return (await work.session.exec(query)).all()


async def withhold_customer(
    work: UnitOfWork,
    problem: Problem,
    receipt: BroadcastRecipient,
    about: AffectedFacts,
    cases: Sequence[Case],
) -> bool:
    """Leave a customer with a legal case out of a broadcast; those on the case read its words.

    ``receipt`` becomes LEFT; ``broadcast_withheld``, of a known issue ``notice_withheld``, is noted
    and the words are posted on the first of ``cases`` that is this customer's, by account or by
    name. False, and nothing changed, where none is.
    """
    case = next((each for each in cases if _same(each, about)), None)
    if case is None:
        return False
    receipt.state, receipt.reason = RecipientState.LEFT, ""
    work.session.add(receipt)
    known = is_known_issue(problem)
    said = {"problem": problem.number, "text": receipt.text, "issue": known}
    verb = "notice_withheld" if known else "broadcast_withheld"
    work.note(case, verb, after={"problem": problem.number})
    await effects.queue_post(work, case, "notice:broadcast_withheld", said)
    return True


def _same(case: Case, about: AffectedFacts) -> bool:
    if case.account_key and case.account_key == about.account:
        return True
    return fold_name(case.customer) == fold_name(about.customer)

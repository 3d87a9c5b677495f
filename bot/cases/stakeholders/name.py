"""Naming the customer success manager or account executive whom the accounts lack.

The account keeps who was named, so the next case of the customer knows them. The accounts file has
the last word: whom it names holds, and replaces whom a person has named (``bot.people``).
"""

from typing import ClassVar

from bot import effects
from bot.core.notify import Hears, introduce_case
from bot.core.steps import authorize_case, give_role, refresh_card, require_status, severity_of
from bot.core.unreachable import list_unfit
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, OnCase, SlackUser
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.duty.stakeholders import COMMERCIAL
from bot.rules.policy.model import MatrixEvent
from bot.rules.words import Notice, Role
from storage.models import Account, Case


class NameStakeholder(OnCase):
    """Name who is ``role`` to the customer: customer success manager, or account executive."""

    verb: ClassVar[str] = "name_stakeholder"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    role: Role
    user: SlackUser


async def name_stakeholder(work: UnitOfWork, intent: NameStakeholder) -> Answer | None:
    """Give the role on the case, and keep the person in the account where that names no one.

    They are told of the case, and invited where the policy invites the role. The channel reads
    ``notice:stakeholder_named``: ``by``, ``role``, ``user``, and ``kept``, whether the account has
    them from now on. Timeline ``name_stakeholder``: ``role``, ``user``. Raises UserError
    ``not_commercial``, ``account_names_another`` (``user``, ``role``) where the accounts file names
    a person who is there.
    """
    case = await authorize_case(work, intent.case, "name_stakeholder")
    require_status(case, "name_stakeholder")
    if intent.role not in COMMERCIAL:
        raise UserError("not_commercial")
    kept = await _keep(work, case, intent.role, intent.user)
    await give_role(work, case, intent.role, intent.user, given_by=work.actor.user_id)
    after = {"role": intent.role.value, "user": intent.user}
    work.note(case, "name_stakeholder", after=after)
    said = {**after, "by": work.actor.user_id, "kept": kept}
    await effects.queue_post(work, case, "notice:stakeholder_named", said)
    if intent.role in work.policy.invite(severity_of(case)):
        await effects.queue_invite(work, case, [intent.user])
    await _tell(work, case, intent)
    await refresh_card(work, case)
    return None


async def _keep(work: UnitOfWork, case: Case, role: Role, user: str) -> bool:
    """Keep the person in the account; answers whether it does.

    Whom the file names stays in it, also where they cannot be reached; then the case alone has the
    new person. Without an account there is nothing to keep.
    """
    if case.account_key is None:
        return False
    account = await work.session.get_one(Account, case.account_key, with_for_update=True)
    held: str | None = getattr(account, role.value)
    if held and role.value not in account.named_here:
        if held != user and held not in await list_unfit(work.session, [held]):
            raise UserError("account_names_another", user=held, role=role.value)
        return False
    setattr(account, role.value, user)
    account.named_here = {**account.named_here, role.value: work.actor.user_id}
    work.session.add(account)
    return True


async def _tell(work: UnitOfWork, case: Case, intent: NameStakeholder) -> None:
    """Tell the person of the case, by the policy's matrix, unless they named themselves."""
    heard = work.policy.notices(MatrixEvent.OPEN, severity_of(case))
    if intent.user != work.actor.user_id:
        hears = Hears(intent.role, heard.get(intent.role, Notice.DM))
        await introduce_case(work, case, {intent.user: hears})

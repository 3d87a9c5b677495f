"""A case of an account that names no customer success manager, or no account executive."""

from bot import effects
from bot.core.access import role_holders
from bot.core.steps import severity_of
from bot.core.unreachable import mark_unreachable
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.duty.stakeholders import COMMERCIAL
from bot.rules.facts import UnreachedFacts
from bot.rules.membership import Unfilled
from bot.rules.policy.model import MatrixEvent
from storage.models import Case


async def say_missing(work: UnitOfWork, case: Case) -> None:
    """Say in the channel whom the accounts do not name, once a role, and keep it on the card.

    Only of roles that the policy would tell of the case as it is. Post ``notice:account_gap``:
    ``missing``, rows as in ``bot.core.unreachable``. A restricted case asks for no one, and a
    customer without an account has no one to be named.
    """
    if case.account_key is None or case.sensitive:
        return
    heard = work.policy.notices(MatrixEvent.OPEN, severity_of(case))
    holders = await role_holders(work.session, case)
    missing = [
        UnreachedFacts(role, "", Unfilled.UNNAMED)
        for role in COMMERCIAL
        if role in heard and role not in holders and role.value not in case.unreached
    ]
    if not missing:
        return
    mark_unreachable(case, missing)
    rows = [{"role": e.role.value, "who": "", "reason": e.reason.value} for e in missing]
    await effects.queue_post(work, case, "notice:account_gap", {"missing": rows})

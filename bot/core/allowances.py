"""How much one person sets off within an hour: each escalation, question and offer writes to
others, so whoever repeats them without end would bury these in messages.

Which verbs are counted their intents say. An update is not: it is the work itself, and goes to the
customer, for which a role is needed that somebody else gave.

What was used stands in the store, in the transaction of what used it: replicas agree on it, a
restart forgets nothing, and what was refused costs nothing.
"""

import math
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.actors import SYSTEM
from bot.engine.intent import AllowanceKind
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.permissions import MANAGERS
from bot.rules.policy.load import Policy
from storage.models import Allowance
from storage.upsert import count_more

HOUR = timedelta(hours=1)


async def spend_allowance(work: UnitOfWork, what: AllowanceKind | None) -> None:
    """Count what the actor does; None is not counted.

    Raises UserError ``too_many_openings`` or ``too_many_requests`` when it is too much.
    """
    limit = _limit(work.policy, what, work.actor.user_id)
    if what is None or limit is None:
        return
    used, since = await count_more(work.session, work.actor.user_id, what, work.now, HOUR)
    if used > limit:
        _refuse(what, since, work.now, limit)


async def must_have(
    session: AsyncSession, policy: Policy, what: AllowanceKind | None, user: str, now: datetime
) -> None:
    """Refuse to open the form of what ``spend`` would refuse; raises as it does."""
    limit = _limit(policy, what, user)
    row = await session.get(Allowance, (user, what)) if limit is not None else None
    if limit is None or row is None or row.used < limit:
        return
    if timedelta(0) <= now - row.since < HOUR:
        _refuse(row.what, row.since, now, limit)


def _limit(policy: Policy, what: AllowanceKind | None, user: str) -> int | None:
    """How often in an hour; None: as often as they like, as the desk itself and managers do.

    Only whom the policy names is a manager here: where it names nobody, everybody would be.
    """
    if what is None or user == SYSTEM:
        return None
    if any(user in policy.roles.get(role, ()) for role in MANAGERS):
        return None
    limits = policy.limits
    return limits.openings_per_hour if what is AllowanceKind.OPENINGS else limits.requests_per_hour


def _refuse(what: str, since: datetime, now: datetime, limit: int) -> None:
    left = math.ceil((since + HOUR - now) / timedelta(minutes=1))
    minutes = max(left, 2)  # the texts say it in the plural
    raise UserError(f"too_many_{what}", limit=limit, minutes=minutes)

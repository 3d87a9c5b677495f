"""How much one person sets off within an hour.

Each escalation, question and offer writes to others, who would be buried in messages if they were
repeated without end. Which verbs are counted their intents say. An update is not: it is the work
itself, and goes to the customer, for which a role is needed that another person gave.

What was used stands in the store, in the transaction of what used it: replicas agree on it, a
restart forgets nothing, and what was refused costs nothing. The hour begins with the first use and
is not a sliding window; the limits are the policy's (``openings_per_hour``, ``requests_per_hour``).
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

    Raises UserError ``too_many_openings`` or ``too_many_requests`` when it is too much, with
    ``limit`` and ``minutes``, the time until the hour is over, never under 1. Managers whom the
    policy names and the app itself are not counted.
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
    """Refuse to open the form of what ``spend_allowance`` would refuse; raises as it does.

    Reads only: what is left may be gone when the form comes back.
    """
    limit = _limit(policy, what, user)
    row = await session.get(Allowance, (user, what)) if limit is not None else None
    if limit is None or row is None or row.used < limit:
        return
    if timedelta(0) <= now - row.since < HOUR:
        _refuse(row.what, row.since, now, limit)


def _limit(policy: Policy, what: AllowanceKind | None, user: str) -> int | None:
    """Return how often in an hour; None: without limit, as for the app itself and for managers.

    Only those whom the policy names are managers here: where it names none, everyone would be.
    """
    if what is None or user == SYSTEM:
        return None
    if any(user in policy.roles.get(role, ()) for role in MANAGERS):
        return None
    limits = policy.limits
    return limits.openings_per_hour if what is AllowanceKind.OPENINGS else limits.requests_per_hour


def _refuse(what: str, since: datetime, now: datetime, limit: int) -> None:
    """Raise the UserError of ``what`` used up; ``since`` is when its hour began."""
    left = math.ceil((since + HOUR - now) / timedelta(minutes=1))
    raise UserError(f"too_many_{what}", limit=limit, minutes=max(left, 1))

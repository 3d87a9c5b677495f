"""How much one person sets off within an hour: each escalation, question and offer writes to
others, so whoever repeats them without end would bury these in messages.

What was used stands in the store, in the transaction of what used it: replicas agree on it, a
restart forgets nothing, and what was refused costs nothing.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.actors import SYSTEM
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.permissions import MANAGERS
from bot.rules.policy.load import Policy
from storage.models import Allowance
from storage.upsert import counted

HOUR = timedelta(hours=1)
OPENINGS, REQUESTS = "openings", "requests"
# What is counted, together with what. An update is not: it is the work itself, and goes to the
# customer, for which a role is needed that somebody else gave.
COUNTED: Mapping[str, str] = {
    "open_case": OPENINGS,
    **dict.fromkeys(
        (
            "ask_executive", "hand_over", "assign", "severity", "executive_flag", "action_item",
            "reopen", "share_status", "open_problem", "propose_template", "propose_broadcast",
            "propose_points",
        ),
        REQUESTS,
    ),
}  # fmt: skip


async def spend(work: UnitOfWork, verb: str) -> None:
    """Count what the actor does.

    Raises UserError ``too_many_openings`` or ``too_many_requests`` when it is too much.
    """
    limit = _limit(work.policy, verb, work.actor.user_id)
    if limit is None:
        return
    what = COUNTED[verb]
    used, since = await counted(work.session, work.actor.user_id, what, work.now, HOUR)
    if used > limit:
        _refuse(what, since, work.now, limit)


async def must_have(
    session: AsyncSession, policy: Policy, verb: str, user: str, now: datetime
) -> None:
    """Refuse to open the form of what ``spend`` would refuse; raises as it does."""
    limit = _limit(policy, verb, user)
    row = await session.get(Allowance, (user, COUNTED[verb])) if limit is not None else None
    if limit is None or row is None or row.used < limit:
        return
    if timedelta(0) <= now - row.since < HOUR:
        _refuse(row.what, row.since, now, limit)


def _limit(policy: Policy, verb: str, user: str) -> int | None:
    """How often in an hour; None: as often as they like, as the desk itself and managers do.

    Only whom the policy names is a manager here: where it names nobody, everybody would be.
    """
    if verb not in COUNTED or user == SYSTEM:
        return None
    if any(user in policy.roles.get(role, ()) for role in MANAGERS):
        return None
    limits = policy.limits
    return limits.openings_per_hour if COUNTED[verb] == OPENINGS else limits.requests_per_hour


def _refuse(what: str, since: datetime, now: datetime, limit: int) -> None:
    left = math.ceil((since + HOUR - now) / timedelta(minutes=1))
    minutes = max(left, 2)  # the texts say it in the plural
    raise UserError(f"too_many_{what}", limit=limit, minutes=minutes)

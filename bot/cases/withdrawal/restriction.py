"""A restriction that is lifted: all may know of the case again; what is closed stays closed.

Slack does not let an app make a private channel public. The case goes on there with the people who
are in it, others are invited by a role, and what was said in it stays among them.
"""

from bot import effects
from bot.core.access import require_permission
from bot.core.steps import case_answer
from bot.engine.inbox import Answer
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.words import Withdrawable
from storage.models import Case


async def lift_restriction(work: UnitOfWork, case: Case, reason: str, which: str) -> Answer | None:
    """Let all who may read cases read this one, from its opening on.

    ``private_channel`` is set where the case has a channel, which stays private. The channel hears
    of it, and the actor what it means. ``which`` is not read. Raises UserError
    ``nothing_to_withdraw``, ``legal_stays_restricted`` while the case is legal, and as
    ``require_permission``.
    """
    if not case.sensitive:
        raise UserError("nothing_to_withdraw")
    await require_permission(work, case, "lift_restriction")
    if case.legal:
        raise UserError("legal_stays_restricted")
    case.sensitive, case.private_channel = False, case.channel_id is not None
    if case.resolved_at is not None:
        case.learn_at = work.now  # it may be found again by those who look for what worked
    said = {"what": Withdrawable.RESTRICTION.value}
    work.note(case, "withdraw", before={"sensitive": True}, after=said, why=reason)
    extra = {**said, "reason": reason, "by": work.actor.user_id}
    await effects.queue_post(work, case, "notice:withdrawn", extra)
    await effects.queue_topic(work, case)
    return case_answer(case, "notice:withdrawn", **extra)

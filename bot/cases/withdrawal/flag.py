"""A flag for executives that was raised in error, or that is over."""

from bot import effects
from bot.core import notify
from bot.core.access import named_for, require_permission
from bot.core.reactions import FlagWithdrawn, react
from bot.engine.inbox import Answer
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.policy.model import MatrixEvent
from bot.rules.words import Notice, Role, Withdrawable
from storage.models import Case


async def withdraw_flag(work: UnitOfWork, case: Case, reason: str, which: str) -> Answer | None:
    """End the flag, and with it the legal threat; a restriction stays until it is lifted, and
    nothing of the case is deleted until Legal says so.

    Those brought in keep their roles and the case. Where the policy names Legal, only they take a
    legal threat back. Timeline ``withdraw``: before ``executive``, ``legal``, ``reason``; after
    ``what`` and ``restricted``. The notices add ``reason`` and ``by``. ``which`` is not read.
    Raises UserError ``nothing_to_withdraw``, ``legal_withdraws`` (``people``: who may), and as
    ``require_permission``.
    """
    if not (case.executive or case.legal):
        raise UserError("nothing_to_withdraw")
    await require_permission(work, case, "withdraw_legal" if case.legal else "withdraw_flag")
    lawyers = named_for(work.policy, Role.LEGAL)
    if case.legal and work.policy.names(Role.LEGAL) and work.actor.user_id not in lawyers:
        raise UserError("legal_withdraws", people=list(lawyers))
    before = {"executive": case.executive, "legal": case.legal, "reason": case.executive_reason}
    events = [MatrixEvent.EXECUTIVE_FLAG, *([MatrixEvent.LEGAL_FLAG] if case.legal else [])]
    case.executive, case.legal, case.executive_reason = False, False, ""
    gone = FlagWithdrawn(case)
    await react(work, gone)
    case.legal_told = case.legal_filed = False
    said = {"what": Withdrawable.FLAG.value, "restricted": case.sensitive}
    work.note(case, "withdraw", before=before, after=said, why=reason)
    extra = {**said, "reason": reason, "by": work.actor.user_id}
    await effects.queue_post(work, case, "notice:withdrawn", extra)
    people = await notify.find_audience(work, case, *events)
    for user in sorted(gone.asked - {work.actor.user_id}):
        notify.add_hearer(people, user, notify.Hears(Role.DIRECTOR, Notice.DM))
    await notify.tell_audience(work, case, "withdrawn", people, extra)
    return None

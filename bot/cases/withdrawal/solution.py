"""A resolution that turned out to be none, before the case was resolved by it."""

from bot import effects
from bot.cases.reopen import forget_confirmations
from bot.cases.resolution import letter
from bot.core.access import require_permission, role_holders
from bot.core.steps import case_answer
from bot.engine.inbox import Answer
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.lifecycle import OPEN
from bot.rules.words import Role, Status, Withdrawable
from storage.models import Case


async def withdraw_resolution(
    work: UnitOfWork, case: Case, reason: str, which: str
) -> Answer | None:
    """Go on as if there had been no resolution; its letter is of no use any more.

    Owner and technical lead hear of it, and the channel; each is told where the customer knows, and
    offered the correction. A case that is resolved is reopened instead.
    """
    if case.resolution_type is None or case.status not in OPEN:
        raise UserError("nothing_to_withdraw")
    await require_permission(work, case, "resolve")
    told = await letter.was_told(work, case)
    before = {"resolution_type": case.resolution_type, "resolution_note": case.resolution_note}
    if case.workaround_note == case.resolution_note and case.status != Status.MITIGATED:
        case.workaround_note = ""  # it did not work
    case.resolution_type, case.resolution_note = None, ""
    letter.drop_letter(case)
    await forget_confirmations(work, case)
    said = {"what": Withdrawable.RESOLUTION.value, "told": told}
    work.note(case, "withdraw", before=before, after=said, why=reason)
    extra = {**said, "reason": reason, "by": work.actor.user_id}
    await effects.queue_post(work, case, "notice:withdrawn", extra)
    lead = (await role_holders(work.session, case)).get(Role.TECHNICAL_LEAD, case.owner)
    for user in sorted({case.owner, lead} - {work.actor.user_id}):
        await effects.queue_dm(work, user, "notice:withdrawn", case, extra)
    return case_answer(case, "notice:withdrawn", **extra) if told else None

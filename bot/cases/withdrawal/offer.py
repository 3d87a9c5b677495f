"""An offer of a role that is taken back before it was answered."""

from collections.abc import Sequence

from bot import effects
from bot.cases.handover import clock_of, offer_facts
from bot.core.access import require_permission
from bot.engine.inbox import Answer
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.states import HandoverState
from bot.rules.words import Withdrawable
from bot.sla import clocks
from storage.in_hand import rows_about
from storage.models import Case, Handover


async def withdraw_offer(work: UnitOfWork, case: Case, reason: str, which: str) -> Answer | None:
    """End the offer ``which`` (an id; empty: the only one): the role stays where it is.

    The one who offered it may, and a manager. Both sides hear of it, but for the actor. The row is
    refused without a reason, by which it is told from the refusals of people.
    """
    offer = _find_offer(await rows_about(work.session, Handover, case.number), which)
    if offer.offered_by != work.actor.user_id:
        await require_permission(work, case, "withdraw_handover")
    offer.state, offer.reason, offer.answered_at = HandoverState.REFUSED, "", work.now
    work.session.add(offer)
    await clocks.cancel_clocks(work, case, clock_of(offer))
    said = {"what": Withdrawable.HANDOVER.value, "role": offer.role, "user": offer.offered_to}
    work.note(case, "withdraw", after=said, why=reason)
    extra = {**offer_facts(offer), **said, "reason": reason, "by": work.actor.user_id}
    for user in sorted({offer.offered_to, offer.offered_by} - {work.actor.user_id}):
        await effects.queue_dm(work, user, "notice:withdrawn", case, extra)
    return None


def _find_offer(rows: Sequence[Handover], which: str) -> Handover:
    """Raises UserError ``nothing_to_withdraw``, ``which_offer``."""
    waiting = [each for each in rows if each.state == HandoverState.OFFERED]
    found = [each for each in waiting if which in ("", str(each.id))]
    if not found:
        raise UserError("nothing_to_withdraw")
    if len(found) > 1:
        raise UserError("which_offer")
    return found[0]

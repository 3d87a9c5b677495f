"""Taking all that was offered in one message; single offers are answered as any handover is."""

from collections.abc import Sequence
from typing import ClassVar

from sqlmodel import col, select

from bot import effects
from bot.cases.handover import accept_offer
from bot.core.access import require_permission
from bot.core.steps import authorize_case
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.states import HandoverState
from storage.models import Handover


class AcceptOffers(Intent):
    """Take the roles of these offers; ``offers`` are their ids."""

    verb: ClassVar[str] = "accept_offers"
    offers: Hidden[tuple[int, ...]]


async def accept_offers(work: UnitOfWork, intent: AcceptOffers) -> Answer | None:
    """Take all of the offers that still wait for the actor.

    What was answered, withdrawn, or passed on meanwhile is left alone. Each person who offered any
    of them is told once (``shift:taken``: ``user``, ``numbers``). The answer ``shift:accepted`` has
    ``numbers`` and ``left``, how many were left alone. Raises UserError ``not_your_role``, and
    ``no_offer_waits`` where none of them can be taken.
    """
    await require_permission(work, None, "accept_offers")
    taken: dict[str, list[int]] = {}
    for offer in await _list_waiting(work, intent.offers):
        try:
            case = await authorize_case(work, offer.case_number, "answer_handover")
            await work.session.refresh(offer)
            if offer.state != HandoverState.OFFERED:
                continue
            await accept_offer(work, case, offer, alone=False)
        except UserError:  # it stands no more; the others do
            continue
        taken.setdefault(offer.offered_by, []).append(case.number)
    if not taken:
        raise UserError("no_offer_waits")
    for by, numbers in taken.items():
        said = {"user": work.actor.user_id, "numbers": numbers}
        await effects.queue_dm(work, by, "shift:taken", None, said)
    numbers = [number for each in taken.values() for number in each]
    left = len(set(intent.offers)) - len(numbers)
    return Answer(text="shift:accepted", extra={"numbers": numbers, "left": left})


async def _list_waiting(work: UnitOfWork, offers: Sequence[int]) -> Sequence[Handover]:
    """The offers to the actor, in the order of their cases, in which these are locked."""
    query = select(Handover).where(
        col(Handover.id).in_(offers),
        col(Handover.offered_to) == work.actor.user_id,
        col(Handover.state) == HandoverState.OFFERED,
    )
    return (await work.session.exec(query.order_by(col(Handover.case_number)))).all()

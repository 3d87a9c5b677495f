"""Handing over all of one's cases at once, each to the person who is named for it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field
from sqlmodel import col, select

from bot import effects
from bot.cases.claim import require_assignable
from bot.cases.handover import make_offer
from bot.core.access import require_permission
from bot.core.steps import refresh_card
from bot.duty.shift_ends import CASES_MAX, list_offers, note_kept
from bot.duty.summary import summarize_case
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Intent, OptionalText, SlackUser
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.lifecycle import LIVE
from bot.rules.words import Role
from storage.models import Case, ShiftEnd

MANAGER = Role.ESCALATION_MANAGER


class HandOverShift(Intent):
    """Offer one's cases: ``to`` says who takes each, by its number; oneself: it is kept."""

    verb: ClassVar[str] = "hand_over_shift"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    to: dict[int, SlackUser] = Field(default_factory=dict)
    note: OptionalText = ""


async def hand_over_shift(work: UnitOfWork, intent: HandOverShift) -> Answer | None:
    """Offer each case to the person named for it; each of them gets one message with all of theirs.

    Cases that are not the actor's any more, have ended, or are offered already, are left alone and
    counted in the answer (``left``). The DM ``shift:offered`` has ``by``, ``note`` and ``cases``,
    as ``summary_of`` makes them, each with its ``handover``. The answer ``shift:handed_over`` has
    ``given`` (numbers by user), ``kept`` and ``left``. Raises UserError ``not_your_role``, and
    ``nothing_to_hand_over`` where no case is left of those named.
    """
    await require_permission(work, None, "hand_over_shift")
    me = work.actor.user_id
    mine = await _lock_owned(work, list(intent.to)[:CASES_MAX])
    if not mine:
        raise UserError("nothing_to_hand_over")
    offered: dict[str, list[dict[str, Any]]] = {}
    for case in mine:
        if (user := intent.to[case.number]) != me:
            line = await _offer(work, case, user, intent.note)
            offered.setdefault(user, []).append(line)
    kept = [case.number for case in mine if intent.to[case.number] == me]
    await _keep(work, kept)
    for user, cases in offered.items():
        said = {"by": me, "note": intent.note, "cases": cases}
        await effects.queue_dm(work, user, "shift:offered", None, said)
    return _answer(offered, kept, len(intent.to) - len(mine))


async def _lock_owned(work: UnitOfWork, numbers: Sequence[int]) -> list[Case]:
    """The live cases among these that the actor owns and that wait for no answer, locked."""
    query = select(Case).where(
        col(Case.number).in_(numbers),
        col(Case.owner) == work.actor.user_id,
        col(Case.status).in_([status.value for status in LIVE]),
    )
    query = query.order_by(col(Case.number)).with_for_update()
    cases = (await work.session.exec(query)).all()
    work.take_locked(cases)
    waiting = await list_offers(work.session, [case.number for case in cases])
    return [case for case in cases if case.number not in waiting]


async def _offer(work: UnitOfWork, case: Case, user: str, note: str) -> dict[str, Any]:
    """Offer one case; its line of the message, made before the offer is one of its facts."""
    await require_assignable(work, case, MANAGER, user)
    line = await summarize_case(work.session, case, work.now)
    offer = await make_offer(work, case, MANAGER, user, note)
    await refresh_card(work, case)
    return line | {"handover": offer.id}


async def _keep(work: UnitOfWork, numbers: Sequence[int]) -> None:
    """Note that the actor keeps these, so that no one decides on them when the shift has ended."""
    row = await work.session.get(ShiftEnd, work.actor.user_id, with_for_update=True)
    if row is not None and numbers:
        note_kept(row, numbers)
        work.session.add(row)


def _answer(
    offered: Mapping[str, Sequence[Mapping[str, Any]]], kept: Sequence[int], left: int
) -> Answer:
    given = {user: [line["case"] for line in lines] for user, lines in offered.items()}
    return Answer(text="shift:handed_over", extra={"given": given, "kept": kept, "left": left})

"""What no one has accepted when a shift has ended: the lead is asked, and decides for all of it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlmodel import col, select

from bot import effects
from bot.cases.claim import Assign, assign_role
from bot.cases.withdrawal.offer import withdraw_offer
from bot.core.access import exists_for, named_for, require_permission
from bot.core.steps import refresh_card
from bot.duty.shift_ends import list_offers, list_owned
from bot.duty.summary import summarize_case
from bot.engine.due import Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent, SlackUser
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.lifecycle import LIVE
from bot.rules.words import Role
from storage.models import Case, ShiftEnd

LEADS = (Role.SUPPORT_LEAD, Role.DIRECTOR)


class SettleShift(Intent):
    """Decide who has the cases of ``owner`` that no one accepted: ``to``, or they keep them."""

    verb: ClassVar[str] = "settle_shift"
    owner: Hidden[SlackUser]
    to: Hidden[SlackUser]
    cases: Hidden[tuple[int, ...]]


async def ask_lead(work: UnitOfWork, row: ShiftEnd, says: Sequence[Reminder]) -> None:
    """Ask the lead about the cases that are still with a person whose shift has ended.

    Not those that the person said they keep, nor restricted ones, of which their owner alone is
    reminded. The DM has ``owner``, ``user`` (who is on duty now, "" for no one), ``at`` (the end of
    the shift) and ``cases``, as ``summary_of`` makes them.
    """
    row.decide_at = None
    work.session.add(row)
    kept: Any = row.kept.get("cases", ())
    open_ones = [c for c in await list_owned(work.session, row.user_id) if c.number not in kept]
    if not open_ones:
        return
    shown = [case for case in open_ones if not case.sensitive]
    lead = _lead_for(work, row.user_id)
    said = {"owner": row.user_id, "user": row.heir}
    said["at"] = row.handled.isoformat() if row.handled else ""
    hidden = open_ones if lead is None else [case for case in open_ones if case.sensitive]
    for user, cases, what in ((lead, shown, "undecided"), (row.user_id, hidden, "still_yours")):
        if user and cases:
            lines = [await summarize_case(work.session, case, work.now) for case in cases]
            words = get_reminder(says, what).template
            await effects.queue_dm(work, user, words, None, {**said, "cases": lines})


def _lead_for(work: UnitOfWork, owner: str) -> str | None:
    """The support lead, else a director; never the owner themselves."""
    named = [user for role in LEADS for user in named_for(work.policy, role)]
    return next((user for user in named if user != owner), None)


async def settle_shift(work: UnitOfWork, intent: SettleShift) -> Answer | None:
    """Give the cases to ``to``, offers of them being withdrawn; or let their owner keep them.

    What the owner no longer has is left alone. The owner is told (``shift:settled``: ``by``,
    ``user``, ``numbers``); who gets a case, as for any role that is assigned. The answer is
    ``shift:decided`` with ``user``, ``owner`` and ``numbers``. Raises UserError ``not_your_role``,
    ``nothing_to_decide``.
    """
    await require_permission(work, None, "settle_shift")
    cases = await _lock_open(work, intent)
    if not cases:
        raise UserError("nothing_to_decide")
    offers = await list_offers(work.session, [case.number for case in cases])
    for case in cases:
        if (offer := offers.get(case.number)) is not None:
            await withdraw_offer(work, case, "", str(offer.id))
        if intent.to == intent.owner:
            work.note(case, "shift_kept", after={"user": intent.owner})
            await refresh_card(work, case)
        else:
            role = Role.ESCALATION_MANAGER
            await assign_role(work, Assign(case=case.number, role=role, user=intent.to))
    numbers = [case.number for case in cases]
    said = {"by": work.actor.user_id, "user": intent.to, "owner": intent.owner, "numbers": numbers}
    if intent.owner != work.actor.user_id:
        await effects.queue_dm(work, intent.owner, "shift:settled", None, said)
    return Answer(text="shift:decided", extra=said)


async def _lock_open(work: UnitOfWork, intent: SettleShift) -> list[Case]:
    """The cases that the owner still has, locked; none that does not exist for the actor."""
    query = select(Case).where(
        col(Case.number).in_(intent.cases),
        col(Case.owner) == intent.owner,
        col(Case.status).in_([status.value for status in LIVE]),
    )
    query = query.order_by(col(Case.number)).with_for_update()
    found = (await work.session.exec(query)).all()
    work.take_locked(found)
    me = work.actor.user_id
    return [c for c in found if await exists_for(work.session, work.policy, c, me)]

"""The legal hold: nothing of the case is deleted, until Legal ends that.

It begins with a legal threat (``bot.customers.legal.mark_legal``), or by command where there is
none, and stays when the threat is withdrawn or the case closed. What takes rows out reads
``Case.legal_hold_at`` (``bot/operations/pruning.py``).
"""

from typing import ClassVar

from bot import effects
from bot.core.access import named_for
from bot.core.steps import authorize_case, case_answer, refresh_card, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.legal.room import end_legal_room
from bot.rules.words import Role


class BeginLegalHold(OnCase):
    """Say that nothing of the case may be deleted, though no legal threat came.

    Attributes:
        reason: Why; it stands in the timeline alone.

    """

    verb: ClassVar[str] = "begin_legal_hold"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    reason: Text


class EndLegalHold(OnCase):
    """Say that nothing of the case need be kept for Legal any more."""

    verb: ClassVar[str] = "end_legal_hold"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    reason: Text


async def begin_legal_hold(work: UnitOfWork, intent: BeginLegalHold) -> Answer | None:
    """Begin the hold; the channel hears of it, so that people keep what is there; not the reason.

    The case becomes neither legal nor restricted. Timeline ``begin_legal_hold``: the reason is the
    why. Raises UserError ``wrong_status``, ``legal_hold_already``.
    """
    case = await authorize_case(work, intent.case, "begin_legal_hold")
    require_status(case, "begin_legal_hold")
    if case.legal_hold_at is not None:
        raise UserError("legal_hold_already")
    case.legal_hold_at = work.now
    work.note(case, "begin_legal_hold", why=intent.reason)
    extra = {"by": work.actor.user_id}
    await effects.queue_post(work, case, "notice:legal_hold_begun", extra)
    await refresh_card(work, case)
    return case_answer(case, "notice:legal_hold_begun", **extra)


async def end_legal_hold(work: UnitOfWork, intent: EndLegalHold) -> Answer | None:
    """End the hold; the channel hears of it.

    Only those whom the policy names for Legal may. Timeline ``end_legal_hold``: before ``since``
    (ISO 8601); the reason is the why. Raises UserError ``wrong_status``, ``no_legal_hold``,
    ``legal_ends_hold`` (``people``: who may), ``nobody_ends_hold`` where the policy names no one.
    """
    case = await authorize_case(work, intent.case, "end_legal_hold")
    require_status(case, "end_legal_hold")
    if case.legal_hold_at is None:
        raise UserError("no_legal_hold")
    lawyers = named_for(work.policy, Role.LEGAL)
    if not lawyers:
        raise UserError("nobody_ends_hold")
    if work.actor.user_id not in lawyers:
        raise UserError("legal_ends_hold", people=list(lawyers))
    since, case.legal_hold_at = case.legal_hold_at.isoformat(), None
    work.note(case, "end_legal_hold", before={"since": since}, why=intent.reason)
    await end_legal_room(work, case)
    extra = {"by": work.actor.user_id, "reason": intent.reason}
    await effects.queue_post(work, case, "notice:legal_hold_ended", extra)
    await refresh_card(work, case)
    return case_answer(case, "notice:legal_hold_ended", **extra)

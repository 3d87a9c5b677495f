"""Waiting for a listed reason until a date, and going on.

A hold pauses those clocks that may wait for its reason by the policy (``pause_on``); all others run
on. It ends by hand, at its date, when the case is resolved, or when a customer who was waited for
writes (``bot/customers/incoming.py``).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from bot import effects
from bot.core.steps import (
    as_utc,
    authorize_case,
    end_hold,
    plan_playbooks,
    refresh_card,
    require_status,
)
from bot.engine.due import Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import Future, OnCase, OptionalText
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.sla import EventKind
from bot.rules.words import HoldReason
from bot.sla import clocks
from storage.models import Case


class Hold(OnCase):
    """Pause the clocks that may pause, for a listed reason, until a check date."""

    verb: ClassVar[str] = "hold"
    reason: HoldReason
    until: Future[datetime]
    note: OptionalText = ""


class Resume(OnCase):
    """End a hold."""

    verb: ClassVar[str] = "resume"


async def hold_case(work: UnitOfWork, intent: Hold) -> Answer | None:
    """Pause the clocks that may wait for this reason, until the date on which we look again.

    Only one hold at a time, and none longer than the policy's ``hold_days``. Timeline ``hold``:
    ``reason``, ``until`` (ISO 8601, UTC); the note is the why. Raises UserError ``wrong_status``,
    ``already_on_hold``, ``hold_in_past``, ``hold_too_long``.
    """
    case = await authorize_case(work, intent.case, "hold")
    require_status(case, "hold")
    until = as_utc(intent.until)
    if case.hold_reason:
        raise UserError("already_on_hold")
    if until <= work.now:
        raise UserError("hold_in_past")
    longest = work.policy.limits.hold_days
    if until > work.now + timedelta(days=longest):
        raise UserError("hold_too_long", days=longest)
    case.hold_reason, case.hold_until = intent.reason.value, until
    case.hold_since, case.hold_by = work.now, work.actor.user_id
    case.hold_note = intent.note
    plan_playbooks(work, case)
    await clocks.append_event(work, case, EventKind.PAUSE, reason=case.hold_reason)
    said = {"reason": case.hold_reason, "until": until.isoformat()}
    work.note(case, "hold", after=said, why=intent.note)
    await effects.queue_post(
        work, case, "notice:held", {**said, "note": intent.note, "by": work.actor.user_id}
    )
    await refresh_card(work, case)
    return None


async def resume_case(work: UnitOfWork, intent: Resume) -> Answer | None:
    """End the hold now. Raises UserError ``not_on_hold``.

    The paused clocks go on from now. Possible in every status, since a hold is all that it takes.
    Timeline ``resume``: before ``reason``; the channel reads ``notice:resumed`` with the same.
    """
    case = await authorize_case(work, intent.case, "resume")
    if not case.hold_reason:
        raise UserError("not_on_hold")
    reason = case.hold_reason
    await end_hold(work, case)
    work.note(case, "resume", before={"reason": reason})
    await effects.queue_post(work, case, "notice:resumed", {"reason": reason})
    await refresh_card(work, case)
    return None


async def resume_expired(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> bool:
    """End a hold that has reached its date, as of that date; answers whether there was one.

    However late the sweep comes, the clocks go on from the date that was agreed. The channel and
    the owner hear ``notice:hold_ended``: ``reason``, ``until``.
    """
    if not case.hold_reason or case.hold_until is None or case.hold_until > work.now:
        return False
    said = {"reason": case.hold_reason, "until": case.hold_until.isoformat()}
    await end_hold(work, case, at=case.hold_until)
    work.note(case, "resume", before=said)
    await effects.queue_reminder(work, case, get_reminder(says, "hold_ended"), said)
    await refresh_card(work, case)
    return True

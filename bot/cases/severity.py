"""Changing how grave a case is: the team may raise it, escalation managers lower it.

Severities count down: SEV1 (1) is graver than SEV2, so raising makes the number smaller.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from bot import effects
from bot.cases.open import bring_in
from bot.cases.shifts.long_turns import begin_turns
from bot.cases.stakeholders.missing import say_missing
from bot.core import notify
from bot.core.access import require_permission
from bot.core.notify import channel_invitees
from bot.core.steps import (
    plan_outreach,
    plan_playbooks,
    refresh_card,
    require_status,
    severity_of,
    tell_lead_in_focus,
)
from bot.duty.pages import fit_pages
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, ChosenSeverity, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.policy.model import MatrixEvent
from bot.rules.words import ClockKind, Severity, Status
from bot.sla import clock_history, clocks
from storage.models import Case


class ChangeSeverity(OnCase):
    """Raise (the team) or lower (escalation managers) the severity, saying why.

    The form opens for all who may raise it; which it is shows when it is sent.
    """

    verb: ClassVar[str] = "severity"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    form_permission: ClassVar[str] = "raise_severity"  # whether it is lowered shows when it is sent
    severity: ChosenSeverity
    reason: Text


async def change_severity(work: UnitOfWork, intent: ChangeSeverity) -> Answer | None:
    """Set the severity; clocks follow it, and those whom it now concerns are brought in.

    Roles are only added: a lower severity takes no one's away and invites no one. Timeline
    ``severity``: ``severity`` (1 to 4), before and after, ``roles`` newly given (role to user id).
    The notices' ``extra``: ``before``, ``reason``, ``by``. Raises UserError ``not_your_role``,
    ``wrong_status``, ``severity_same``.
    """
    case = await work.case(intent.case)
    before = severity_of(case)
    raising = intent.severity < before
    await require_permission(work, case, "raise_severity" if raising else "severity")
    require_status(case, "severity")
    if intent.severity == before:
        raise UserError("severity_same", severity=before.value)
    case.severity = intent.severity.value
    given = await bring_in(work, case)
    await _fit_clocks(work, case)
    plan_playbooks(work, case)
    await plan_outreach(work, case)
    fit_pages(work, case)
    if case.severity == Severity.SEV1:
        await begin_turns(work, case)
    case.told_at = None
    notify.wait_for_stakeholders(work, case)
    work.note(
        case,
        "severity",
        before={"severity": before.value},
        after={
            "severity": case.severity,
            "roles": {role.value: user for role, user in given.items()},
        },
        why=intent.reason,
    )
    extra = {"before": before.value, "reason": intent.reason, "by": work.actor.user_id}
    await effects.queue_post(work, case, "notice:severity_changed", extra)
    if raising:
        await say_missing(work, case)
        await effects.queue_invite(work, case, await channel_invitees(work, case))
    await _tell(work, case, extra)
    await effects.queue_topic(work, case)
    await refresh_card(work, case)
    return None


async def _tell(work: UnitOfWork, case: Case, extra: Mapping[str, Any]) -> None:
    """Introduce the case to those whom it now concerns; tell the change to those who know of it.

    One message a person: who is introduced does not hear of the change.
    """
    newcomers = await notify.find_audience(work, case, MatrixEvent.OPEN)
    introduced = await notify.introduce_case(work, case, newcomers)
    people = await notify.find_audience(work, case, MatrixEvent.SEVERITY_CHANGE)
    others = {u: hears for u, hears in people.items() if u not in introduced}
    await notify.tell_audience(work, case, "severity_changed", others, extra)
    if case.severity < extra["before"] and case.focus_of not in {*people, *introduced}:
        await tell_lead_in_focus(work, case, "notice:severity_changed", extra)


async def _fit_clocks(work: UnitOfWork, case: Case) -> None:
    """Give running clocks the new targets, and start those that only this severity has.

    A clock that follows the severity and has no target at the new one is cancelled.
    """
    await clocks.retarget_clocks(work, case)
    wanted = [ClockKind.WORKAROUND] if case.status != Status.MITIGATED else []
    if case.status in {Status.INVESTIGATING, Status.MITIGATED}:
        wanted.append(ClockKind.CHECK_IN)
    for kind in wanted:
        if not await clock_history.has_clock(work, case, kind):
            await clocks.begin_clock(work, case, kind)

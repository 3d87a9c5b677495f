"""Changing how grave a case is: anyone on it may raise it, escalation managers lower it."""

from bot import clocks, effects
from bot.cases import telling
from bot.cases.access import require
from bot.cases.common import finish, must_be, severity_of
from bot.cases.opening import bring_in, invitees
from bot.errors import UserError
from bot.inbox import Answer
from bot.intents import ChangeSeverity
from bot.rules.lifecycle import OPEN
from bot.rules.words import ClockKind, Status
from bot.work import Work
from storage.models import Case


async def change_severity(work: Work, intent: ChangeSeverity) -> Answer | None:
    """Set the severity; clocks follow it, and those whom it now concerns are brought in."""
    case = await work.case(intent.case)
    before = severity_of(case)
    raising = intent.severity < before
    await require(work, case, "raise_severity" if raising else "severity")
    must_be(case, "severity", OPEN)
    if intent.severity == before:
        raise UserError("severity_same", severity=before.value)
    case.severity = intent.severity.value
    given = await bring_in(work, case)
    await _fit_clocks(work, case)
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
    await effects.post(
        work,
        case,
        "notice:severity_changed",
        {"before": before.value, "reason": intent.reason, "by": work.actor.user_id},
    )
    if raising:
        await effects.invite(work, case, await invitees(work, case))
        people = await telling.audience(work, case, telling.OPENED)
        await telling.introduce(work, case, people)
    await finish(work, case)
    return None


async def _fit_clocks(work: Work, case: Case) -> None:
    """The running clocks take the new targets; those that only this severity has begin now."""
    await clocks.retarget(work, case)
    wanted = [ClockKind.WORKAROUND] if case.status != Status.MITIGATED else []
    if case.status in {Status.INVESTIGATING, Status.MITIGATED}:
        wanted.append(ClockKind.CHECK_IN)
    for kind in wanted:
        if not await clocks.exists(work, case, kind):
            await clocks.begin(work, case, kind)

"""Executives are brought in by a flag; what they owe from then on: ``bot/executives``."""

from typing import ClassVar

from bot import effects
from bot.cases.open import bring_in
from bot.cases.restrict import restrict_case
from bot.core import notify
from bot.core.reactions import ExecutivesFlagged, react
from bot.core.steps import authorize_case, refresh_card, require_status
from bot.customers.approval import lapse_approvals
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    OnCase,
    Text,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.people.told import note_told
from bot.rules.policy.model import MatrixEvent
from bot.rules.words import EXECUTIVE_TRIGGERS, Trigger


class ExecutiveFlag(OnCase):
    """Bring in executives; ``trigger`` is one of ``EXECUTIVE_TRIGGERS``.

    ``reason`` is what executives read, and stays with the case (``executive_reason``).
    """

    verb: ClassVar[str] = "executive_flag"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    trigger: Trigger
    reason: Text


async def flag_for_executives(work: UnitOfWork, intent: ExecutiveFlag) -> Answer | None:
    """Bring executives in; a legal threat also restricts the case from now on.

    A flagged case can be flagged again only for its first legal threat. Such a threat voids the
    approvals that were asked for or given before: Legal has not agreed to them. Executives read
    ``notice:executive_alert``, all others in the policy's matrix ``notice:executive_flag``:
    ``trigger``, ``sensitive``, ``reason``, ``by``. Raises UserError ``wrong_status``,
    ``not_for_executives``, ``already_flagged``.
    """
    case = await authorize_case(work, intent.case, "executive_flag")
    require_status(case, "executive_flag")
    if intent.trigger not in EXECUTIVE_TRIGGERS:
        raise UserError("not_for_executives", trigger=intent.trigger.value)
    legal = intent.trigger is Trigger.LEGAL
    threat = legal and not case.legal
    if case.executive and not threat:
        raise UserError("already_flagged")
    first = not case.executive
    before = {"executive": case.executive, "sensitive": case.sensitive}
    case.executive, case.executive_reason = True, intent.reason
    case.legal = case.legal or legal
    given = await bring_in(work, case, legal=legal)
    if threat:
        await lapse_approvals(work, case)
    if legal and not case.sensitive:
        await restrict_case(work, case)
    said = {"trigger": intent.trigger.value, "sensitive": case.sensitive}
    after = {"executive": True, **said, "roles": {r.value: u for r, u in given.items()}}
    work.note(case, "executive_flag", before=before, after=after, why=intent.reason)
    extra = {**said, "reason": intent.reason, "by": work.actor.user_id}
    await effects.queue_invite(work, case, given.values())
    await effects.queue_post(work, case, "notice:executive_flag", extra)
    flagged = ExecutivesFlagged(case, intent.trigger)
    if first:
        await react(work, flagged)
    events = [MatrixEvent.EXECUTIVE_FLAG, *([MatrixEvent.LEGAL_FLAG] if legal else [])]
    people = await notify.find_audience(work, case, *events)
    people = {u: h for u, h in people.items() if u not in flagged.asked}
    above = {u: h for u, h in people.items() if h.role in notify.EXECUTIVES}
    beside = {u: h for u, h in people.items() if u not in above}
    why = {"reason": intent.reason, "trigger": intent.trigger.value}
    for user, hears in above.items():
        note_told(work, case, user, hears.role, hears.notice)
        await notify.tell_audience(
            work, case, "executive_alert", {user: hears}, why | {"reader": user}
        )
    await notify.tell_audience(work, case, "executive_flag", beside, extra)
    await refresh_card(work, case)
    return None

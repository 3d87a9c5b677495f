"""Executives are brought in by a flag; what they owe from then on: ``bot/executives``."""

from typing import ClassVar

from bot import effects
from bot.cases.open import bring_in
from bot.cases.restrict import restrict_case
from bot.core import notify
from bot.core.reactions import ExecutivesFlagged, react
from bot.core.steps import authorize_case, refresh_card, require_status
from bot.customers.approval import lapse_approvals
from bot.customers.legal import mark_legal
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    OnCase,
    Text,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.policy.model import MatrixEvent
from bot.rules.words import EXECUTIVE_TRIGGERS, Trigger


class ExecutiveFlag(OnCase):
    """Bring in executives; ``trigger`` is one of ``EXECUTIVE_TRIGGERS``.

    ``reason`` is what executives read, and stays with the case (``executive_reason``). ``filed``
    makes a legal threat more than one: a claim was filed, a lawyer or an authority has written.
    """

    verb: ClassVar[str] = "executive_flag"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    trigger: Trigger
    reason: Text
    filed: bool = False


async def flag_for_executives(work: UnitOfWork, intent: ExecutiveFlag) -> Answer | None:
    """Bring executives in; a legal threat also restricts the case from now on.

    A flagged case can be flagged again only for its first legal threat, and once it is filed. The
    former voids the approvals that were asked for or given before, the latter too where Legal hears
    of the case by it: they have not agreed to them. Executives read
    ``notice:executive_alert``, all others in the policy's matrix ``notice:executive_flag``:
    ``trigger``, ``sensitive``, ``filed``, ``reason``, ``by``. Raises UserError ``wrong_status``,
    ``not_for_executives``, ``filed_is_legal``,
    ``already_flagged``.
    """
    case = await authorize_case(work, intent.case, "executive_flag")
    require_status(case, "executive_flag")
    if intent.trigger not in EXECUTIVE_TRIGGERS:
        raise UserError("not_for_executives", trigger=intent.trigger.value)
    legal = intent.trigger is Trigger.LEGAL
    if intent.filed and not legal:
        raise UserError("filed_is_legal")
    threat, filed = legal and not case.legal, intent.filed and not case.legal_filed
    if case.executive and not (threat or filed):
        raise UserError("already_flagged")
    first = not case.executive
    told = case.legal_told
    before = {"executive": case.executive, "sensitive": case.sensitive}
    case.executive, case.executive_reason = True, intent.reason
    if legal:
        mark_legal(work, case, filed=filed)
    given = await bring_in(work, case, legal=legal and case.legal_told)
    if threat or (case.legal_told and not told):
        await lapse_approvals(work, case)
    if legal and not case.sensitive:
        await restrict_case(work, case)
    said = {"trigger": intent.trigger.value, "sensitive": case.sensitive, "filed": filed}
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
    notify.wait_for_stakeholders(work, case)
    for user, hears in above.items():
        await notify.tell_audience(
            work, case, "executive_alert", {user: hears}, why | {"reader": user}
        )
    await notify.tell_audience(work, case, "executive_flag", beside, extra)
    await refresh_card(work, case)
    return None

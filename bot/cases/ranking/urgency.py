"""How fast the harm grows, and when the customer needs it: what a priority is made of, besides."""

from datetime import datetime
from typing import ClassVar

from bot import effects
from bot.core.steps import as_utc, authorize_case, case_facts, refresh_card, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import Future, OnCase, OptionalText
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.severity import rank_case
from bot.rules.words import Urgency


class SetUrgency(OnCase):
    """Say how urgent the case is, and the customer's own deadline; None: there is none."""

    verb: ClassVar[str] = "set_urgency"
    urgency: Urgency
    deadline: Future[datetime | None] = None
    reason: OptionalText = ""


async def set_urgency(work: UnitOfWork, intent: SetUrgency) -> Answer | None:
    """Set urgency and deadline; severity and clocks stay as they are.

    The channel reads ``notice:ranked`` (``by``, ``reason``). Timeline ``set_urgency``: ``urgency``
    before ("" for none set) and after, ``priority`` as it is now. Raises UserError
    ``no_such_case``, ``not_your_role``, ``wrong_status``.
    """
    case = await authorize_case(work, intent.case, "set_urgency")
    require_status(case, "set_urgency")
    before = case.urgency
    case.urgency = intent.urgency.value
    case.deadline = as_utc(intent.deadline) if intent.deadline else None
    priority = rank_case(await case_facts(work, case)).priority.value
    after = {"urgency": case.urgency, "priority": priority}
    work.note(case, "set_urgency", before={"urgency": before}, after=after, why=intent.reason)
    said = {"by": work.actor.user_id, "reason": intent.reason}
    await effects.queue_post(work, case, "notice:ranked", said)
    await refresh_card(work, case)
    return None

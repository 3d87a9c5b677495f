"""The verb that takes something back, whatever it is; the record keeps what was and why.

Who may is asked for each thing: the rows ``withdraw_flag``, ``withdraw_legal``,
``lift_restriction``, ``withdraw_handover`` and ``withdraw_ask`` of the permissions, and
``resolve``.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from bot.cases.withdrawal.ask import withdraw_ask
from bot.cases.withdrawal.flag import withdraw_flag
from bot.cases.withdrawal.offer import withdraw_offer
from bot.cases.withdrawal.restriction import lift_restriction
from bot.cases.withdrawal.solution import withdraw_resolution
from bot.core.steps import authorize_case, refresh_card, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import Withdrawable
from storage.models import Case

Take = Callable[[UnitOfWork, Case, str, str], Awaitable[Answer | None]]


class Withdraw(OnCase):
    """Take back ``what``: a ``Withdrawable``, for an offered role or a question with
    its id (``handover:12``, ``ask:5``)."""

    verb: ClassVar[str] = "withdraw"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    what: Annotated[
        str, StringConstraints(pattern=r"^(flag|restriction|resolution|(handover|ask)(:\d{1,9})?)$")
    ]
    reason: Text


TAKES: Mapping[Withdrawable, Take] = {
    Withdrawable.FLAG: withdraw_flag,
    Withdrawable.RESTRICTION: lift_restriction,
    Withdrawable.HANDOVER: withdraw_offer,
    Withdrawable.RESOLUTION: withdraw_resolution,
    Withdrawable.ASK: withdraw_ask,
}


async def withdraw_something(work: UnitOfWork, intent: Withdraw) -> Answer | None:
    """Undo one thing, and tell once those who had been told of it.

    Timeline ``withdraw``: ``what`` and what was there before; the reason is the why. Raises
    UserError ``wrong_status``, ``nothing_to_withdraw``, ``legal_withdraws``,
    ``legal_stays_restricted``, ``which_offer``, ``which_ask``, and as ``require_permission``.
    """
    case = await authorize_case(work, intent.case, "withdraw")
    require_status(case, "withdraw")
    what, _, which = intent.what.partition(":")
    reply = await TAKES[Withdrawable(what)](work, case, intent.reason, which)
    await refresh_card(work, case)
    return reply

"""A call, or words in person: logged by who heard them, and then decided on as all that arrives."""

from datetime import datetime
from typing import ClassVar

from bot.core.access import require_permission
from bot.core.steps import read_past
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Intent, Line, OptionalLine, Past, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.signals import CASE, take_in_signal
from bot.rules.intake import Arrival, Contact

PHONE = "phone"  # the source


class LogCall(Intent):
    """A customer called, or said something in person.

    ``account`` and ``customer`` are as in ``OpenCase``; ``caller`` and ``phone`` are who is to be
    called back, and where, stored as the candidate's contact. ``words`` are theirs. ``at`` is when
    they said it, as UTC where it has no zone; None: now. With ``sensitive`` the candidate is
    restricted, as it is by a legal threat in ``words``.
    """

    verb: ClassVar[str] = "log_call"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    account: OptionalLine = ""
    customer: Line
    caller: OptionalLine = ""
    phone: OptionalLine = ""
    words: Text
    at: Past[datetime | None] = None
    sensitive: bool = False


async def log_call(work: UnitOfWork, intent: LogCall) -> Answer | None:
    """Take the call in as a signal that the actor reported.

    Its key is made of the actor and the instant of the request, so each call that is logged is a
    signal of its own; it has no thread, so it waits as a candidate, its own or one of the same
    customer. The answer's ``extra`` is ``{"candidate": id, "customer": name as typed}``.

    Raises UserError ``not_your_role``, and ``not_yet_happened`` where ``at`` is later than now.
    """
    await require_permission(work, None, "log_call")
    at = read_past(work, intent.at)
    arrival = Arrival(
        source=PHONE,
        key=f"{work.actor.user_id}:{work.now.isoformat()}",
        text=intent.words,
        happened_at=at,
        account=intent.account,
        customer=intent.customer,
        contact=Contact(intent.caller, "", intent.phone),
        sensitive=intent.sensitive,
        reported_by=work.actor.user_id,
    )
    taken = await take_in_signal(work, arrival)
    said = {"candidate": taken.candidate, "customer": intent.customer}
    return None if taken.outcome == CASE else Answer(text="candidate:call_logged", extra=said)

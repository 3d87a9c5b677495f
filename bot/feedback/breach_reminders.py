"""The call after a missed promise is reminded of, and goes with the case to a new owner."""

from collections.abc import Sequence
from datetime import datetime

from bot import effects
from bot.core.steps import refresh_card
from bot.duty.on_duty import first_there
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.feedback.breach_calls import describe_authority
from bot.rules.lifecycle import LIVE
from bot.sla.nudges import find_open_morning
from storage.in_hand import rows_about
from storage.models import BreachTalk, Case


async def chase_call(work: UnitOfWork, locked: Case, says: Sequence[Reminder]) -> None:
    """Remind of the call that the case owes, before it is due and from then on each morning.

    Where the case has another owner by now, they get the brief in place of a reminder. Of a caller
    who is away the deputy hears, but not of a restricted case.
    """
    case = await work.case(locked.number)
    for call in await rows_about(work.session, BreachTalk, case.number):
        if call.next_at is None or call.next_at > work.now:
            continue
        call.next_at = None
        work.session.add(call)
        if call.talked_at is None and case.status in LIVE:
            await _chase(work, case, call, says)


async def _chase(work: UnitOfWork, case: Case, call: BreachTalk, says: Sequence[Reminder]) -> None:
    """Remind the owner of a call that is due, and set when it is looked at again.

    Late calls are reminded of on each morning that is open. Where the case has another owner by
    now, the call is passed on to them first.
    """
    due = call.call_by or work.now
    if call.caller != case.owner:
        await _pass_on(work, case, call, due)
        return
    late = due <= work.now
    call.reminded += 1
    call.next_at = find_open_morning(work.policy, None, work.now) if late else due
    clock, missed = next(iter(call.clocks.items()))
    said = {
        "talk": call.id, "clock": clock, "due": missed, "until": due.isoformat(),
        "user": call.caller,
    }  # fmt: skip
    caller = case.owner if case.sensitive else await first_there(work, [case.owner])
    reminder = get_reminder(says, "breach_call_late" if late else "breach_call_soon")
    priority = effects.BREACH if late else effects.NUDGE
    known: dict[str, tuple[str, ...]] = {Audience.OWNER: (caller,)}
    await effects.queue_reminder(work, case, reminder, said, known=known, priority=priority)


async def _pass_on(work: UnitOfWork, case: Case, call: BreachTalk, due: datetime) -> None:
    """Give the call to the owner whom the case has now, with the brief."""
    call.caller = case.owner
    call.next_at = max(due, work.now)
    clock, missed = next(iter(call.clocks.items()))
    said = {
        "talk": call.id, "clock": clock, "due": missed, "until": due.isoformat(),
        **await describe_authority(work, case),
    }  # fmt: skip
    await effects.queue_dm(work, case.owner, "notice:breach_brief", case, said)
    await refresh_card(work, case)

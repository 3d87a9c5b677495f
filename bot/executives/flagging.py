"""The flag starts two clocks: a director has it, and an executive calls the customer.

Both are clocks of the case, by the policy's terms. ``Flagging`` has who was asked to take it: one
director at a time, then the executive owners. The call ends only with a talk that is logged
(``bot/executives/contact.py``).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from bot import effects
from bot.core.access import entrusted_roles
from bot.core.notify import queue_redraw
from bot.core.reactions import (
    CaseClosed,
    CaseDismissed,
    CaseOpened,
    CaseReopened,
    ExecutivesFlagged,
    FlagWithdrawn,
)
from bot.core.steps import authorize_case, case_answer, refresh_card
from bot.duty.executives import TAKES_FLAG, list_present
from bot.engine.inbox import Answer
from bot.engine.intent import OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.words import ClockKind, Trigger
from bot.sla import clocks
from bot.sla.clock_history import load_states
from storage.in_hand import rows_about
from storage.models import Case, Flagging

HAVE, CALL = ClockKind.EXECUTIVE_ACKNOWLEDGE, ClockKind.EXECUTIVE_CALL
BEFORE_CALL = timedelta(hours=2)  # the one who owes the call is reminded


class HaveFlag(OnCase):
    """An executive has the flag: they call the customer, or see that another executive does."""

    verb: ClassVar[str] = "have_flag"


async def find_flagging(work: UnitOfWork, case: Case) -> Flagging | None:
    """The flag of the case that is not over."""
    rows = await rows_about(work.session, Flagging, case.number)
    return next((row for row in rows if row.ended_at is None), None)


async def find_due(work: UnitOfWork, case: Case, kind: ClockKind) -> datetime | None:
    """When the running clock is, or was, due; None where it does not run."""
    state = (await load_states(work.session, case.number, work.now)).get(kind)
    if state is None or not state.open or state.stopped_at is not None:
        return None
    return state.breached_at or state.due


async def begin_flagging(work: UnitOfWork, event: ExecutivesFlagged) -> None:
    """Start both clocks, and ask a director; one who raised the flag has it already."""
    case, actor = event.case, work.actor.user_id
    await clocks.begin_clock(work, case, HAVE)
    await clocks.begin_clock(work, case, CALL)
    row = Flagging(
        case_number=case.number, trigger=event.trigger.value, flagged_at=work.now, flagged_by=actor,
    )  # fmt: skip
    work.session.add(row)
    await work.session.flush()
    if await entrusted_roles(work.session, work.policy, actor, case) & set(TAKES_FLAG):
        await take_flag(work, case, row, actor)
        return
    asked = await ask_next(work, case, row)
    if asked:
        event.asked.add(asked)
    row.next_at = await find_due(work, case, HAVE)


async def begin_with_case(work: UnitOfWork, event: CaseOpened) -> None:
    """A case that is opened for a reason of executives is flagged from the start."""
    if event.case.executive:
        trigger = Trigger(event.case.trigger)
        await begin_flagging(work, ExecutivesFlagged(event.case, trigger))


async def ask_next(work: UnitOfWork, case: Case, row: Flagging) -> str:
    """Ask the next who is there to take the flag; answers who, empty where none is left."""
    people = await list_present(work, case, TAKES_FLAG)
    user = next((each for each in people if each not in row.asked), "")
    if user:
        row.asked = {**row.asked, user: work.now.isoformat()}
        work.session.add(row)
        said = await describe_flag(work, case, row)
        await effects.queue_dm(
            work, user, "notice:flag_asked", case, said, priority=effects.BREACH, with_channel=True
        )
    return user


async def describe_flag(work: UnitOfWork, case: Case, row: Flagging) -> Mapping[str, Any]:
    """What the notices about a flag say; ``until`` is when the call is due."""
    due, call = await find_due(work, case, HAVE), await find_due(work, case, CALL)
    return {
        "trigger": row.trigger,
        "by": row.flagged_by,
        "due": due.isoformat() if due else "",
        "until": call.isoformat() if call else "",
        "silent": list(row.asked),
    }


async def have_flag(work: UnitOfWork, intent: HaveFlag) -> Answer | None:
    """Record that the actor has the flag, and tell the channel.

    Those may who were asked, and every director or executive owner. Raises UserError
    ``no_flag_to_have``, ``flag_had_already`` (``user``), ``not_asked_to_have``.
    """
    case = await authorize_case(work, intent.case, "have_flag")
    row, user = await find_flagging(work, case), work.actor.user_id
    if row is None:
        raise UserError("no_flag_to_have")
    if row.had_by is not None:
        raise UserError("flag_had_already", user=row.had_by)
    theirs = await entrusted_roles(work.session, work.policy, user, case)
    if user not in row.asked and not theirs & set(TAKES_FLAG):
        raise UserError("not_asked_to_have")
    await take_flag(work, case, row, user)
    work.note(case, "have_flag", after={"user": user})
    said = {**await describe_flag(work, case, row), "user": user}
    await effects.queue_post(work, case, "notice:flag_had", said)
    await effects.queue_invite(work, case, [user])
    await refresh_card(work, case)
    return case_answer(case, "notice:flag_yours", until=said["until"])


async def take_flag(work: UnitOfWork, case: Case, row: Flagging, user: str) -> None:
    """Give the flag to an executive, who owes the call from now on."""
    row.had_by, row.had_at, row.reminded = user, work.now, 0
    await clocks.stop_clock(work, case, HAVE)
    due = await find_due(work, case, CALL)
    row.next_at = max(due - BEFORE_CALL, work.now + timedelta(minutes=1)) if due else None
    row.ended_at = None if due else work.now
    work.session.add(row)
    if row.asked:
        redraw_asked(work, case, {"taken": user})


async def end_flagging(work: UnitOfWork, case: Case) -> set[str]:
    """Nothing of the flag is owed any more; a clock that runs is cancelled. Answers who was asked.

    What asked them to take it says that it is over.
    """
    row = await find_flagging(work, case)
    if row is None:
        return set()
    row.ended_at, row.next_at = work.now, None
    work.session.add(row)
    await clocks.cancel_clocks(work, case, HAVE)
    await clocks.cancel_clocks(work, case, CALL)
    if row.had_by is None:
        redraw_asked(work, case, {"ended": True})
    return set(row.asked)


def redraw_asked(work: UnitOfWork, case: Case, said: Mapping[str, Any]) -> None:
    """Take the button off the messages that asked to take the flag, and say what became of it."""
    queue_redraw(work, case, "notice:flag_asked", {}, said)


async def resume_with_case(work: UnitOfWork, event: CaseReopened) -> None:
    """A merge was taken back: what was owed by then is owed again."""
    rows = await rows_about(work.session, Flagging, event.case.number)
    if not (event.unmerged and event.case.executive and rows):
        return
    if await find_due(work, event.case, HAVE) or await find_due(work, event.case, CALL):
        rows[-1].ended_at, rows[-1].next_at = None, work.now
        work.session.add(rows[-1])


async def end_with_flag(work: UnitOfWork, event: FlagWithdrawn) -> None:
    """The flag was taken back."""
    event.asked.update(await end_flagging(work, event.case))


async def end_with_case(work: UnitOfWork, event: CaseClosed | CaseDismissed) -> None:
    """The case is over."""
    await end_flagging(work, event.case)

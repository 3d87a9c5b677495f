"""An executive's talk with the customer, as it is logged: who, with whom, when, what was said.

What we owe after it becomes an action item with its day; the day of the next contact becomes a
reminder. A call or a meeting meets the clock of the executive's call (``executive_call``) when it
was after the flag; a message does not.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from bot import effects
from bot.cases.action_items import action_due, give_action, require_future
from bot.core.steps import (
    authorize_case,
    case_answer,
    read_past,
    refresh_card,
    require_status,
    severity_of,
)
from bot.duty.executives import is_executive
from bot.duty.on_duty import first_there
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Future,
    Line,
    LocalDate,
    OnCase,
    OptionalLine,
    Past,
    SlackUser,
    Text,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.executives.flagging import CALL, find_flagging, take_flag
from bot.rules.daily_times import morning_of_day
from bot.rules.local_time import local_day
from bot.rules.words import ActionType
from bot.sla import clocks
from bot.sla.clock_history import load_states
from storage.in_hand import rows_about
from storage.models import Case, ExecutiveContact

SPOKEN = frozenset({"call", "meeting"})  # what counts as the executive's call


class LogContact(OnCase):
    """An executive spoke with the customer.

    ``executive`` is who, None for the actor; ``contact`` with whom. ``at`` None means just now.
    ``owed`` is what we owe from it, done by ``owed_by``, by ``owed_owner`` (None: the case's
    owner). ``next_on`` is when the executive speaks with them next.
    """

    verb: ClassVar[str] = "log_contact"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    executive: SlackUser | None = None
    way: Annotated[str, StringConstraints(pattern="^(call|meeting|message)$")] = "call"
    contact: Line
    at: Past[datetime | None] = None
    said: Text
    owed: OptionalLine = ""
    owed_by: Future[LocalDate | None] = None
    owed_owner: SlackUser | None = None
    next_on: Future[LocalDate | None] = None


async def log_contact(work: UnitOfWork, intent: LogContact) -> Answer | None:
    """Record the talk; answers privately what follows from it, and tells the channel.

    Timeline ``log_contact``: ``user``, ``contact``, ``way``; what was said is the why. Raises
    UserError ``wrong_status``, ``not_an_executive`` (``user``), ``not_yet_happened``,
    ``owed_what`` for a day without what is owed, ``due_in_past``, ``contact_in_past``.
    """
    case = await authorize_case(work, intent.case, "log_contact")
    require_status(case, "log_contact")
    executive = intent.executive or work.actor.user_id
    if not await is_executive(work, case, executive):
        raise UserError("not_an_executive", user=executive)
    row = ExecutiveContact(
        case_number=case.number, executive=executive, way=intent.way, contact=intent.contact,
        at=read_past(work, intent.at), said=intent.said, owed=intent.owed, next_on=intent.next_on,
        logged_by=work.actor.user_id, logged_at=work.now,
    )  # fmt: skip
    if intent.next_on is not None:
        row.remind_at = _morning_of(work, intent.next_on)
    await _note_owed(work, case, row, intent)
    work.session.add(row)
    await work.session.flush()
    met = await _meet_clocks(work, case, row)
    after = {"user": executive, "contact": row.contact, "way": row.way}
    work.note(case, "log_contact", after=after, why=intent.said)
    said = describe_contact(row)
    await effects.queue_post(work, case, "notice:contact_logged", {**said, "met": met})
    await refresh_card(work, case)
    return case_answer(case, "notice:contact_noted", **said, met=met)


def describe_contact(row: ExecutiveContact) -> dict[str, object]:
    """What the notices about a talk say, as JSON.

    ``user`` spoke, ``by`` logged it, ``contact`` is with whom, ``way`` is ``call``, ``meeting`` or
    ``message``, ``at`` ISO 8601. ``outcome`` is what was said, ``summary`` what we owe after it,
    ``next_on`` the day of the next talk; the last two are empty where there is none.
    """
    return {
        "user": row.executive,
        "by": row.logged_by,
        "way": row.way,
        "contact": row.contact,
        "at": row.at.isoformat(),
        "outcome": row.said,
        "summary": row.owed,
        "next_on": row.next_on.isoformat() if row.next_on else "",
    }


def _morning_of(work: UnitOfWork, day: date) -> datetime:
    """The hour of reminders on that day. Raises UserError ``contact_in_past``."""
    if day < local_day(work.now, work.policy.timezone):
        raise UserError("contact_in_past")
    return max(morning_of_day(day, work.policy.timezone), work.now)


async def _note_owed(
    work: UnitOfWork, case: Case, row: ExecutiveContact, intent: LogContact
) -> None:
    """Give what we owe to its owner as an action item, which the talk then names.

    Without a day it is due as other action items of that severity are. Raises UserError
    ``owed_what`` for a day without what is owed, ``due_in_past``.
    """
    if not intent.owed:
        if intent.owed_by is not None:
            raise UserError("owed_what")
        return
    due = intent.owed_by or action_due(work.policy, severity_of(case), work.now)
    require_future(work, due)
    owner = intent.owed_owner or case.owner
    row.action = (await give_action(work, case, intent.owed, ActionType.OWED, owner, due)).id


async def _meet_clocks(work: UnitOfWork, case: Case, row: ExecutiveContact) -> bool:
    """Let a call or a meeting since the flag be the executive's call; answers whether it is.

    The clock stops at the time of the talk, not of the entry. The executive who spoke has the flag
    where no one had it, and nothing of the flag is owed any more. False for a message, for a talk
    before the flag, and where the clock does not run.
    """
    state = (await load_states(work.session, case.number, work.now)).get(CALL)
    if row.way not in SPOKEN or state is None or not state.open or state.stopped_at is not None:
        return False
    if state.started_at is not None and row.at < state.started_at:
        return False
    await clocks.stop_clock(work, case, CALL, at=row.at)
    flag = await find_flagging(work, case)
    if flag is not None:
        if flag.had_by is None:
            await take_flag(work, case, flag, row.executive)
        flag.ended_at, flag.next_at = work.now, None
        work.session.add(flag)
    return True


async def remind_of_contacts(work: UnitOfWork, row: Case, says: Sequence[Reminder]) -> None:
    """Remind the executive, on the day that they named, of speaking with the customer again."""
    case = await work.case(row.number)
    for each in await rows_about(work.session, ExecutiveContact, case.number):
        if each.remind_at is None or each.remind_at > work.now:
            continue
        each.remind_at = None
        work.session.add(each)
        user = each.executive if case.sensitive else await first_there(work, [each.executive])
        await effects.queue_reminder(
            work, case, get_reminder(says, "contact_due"), describe_contact(each),
            known={Audience.AUTHOR: (user,)}, priority=effects.NUDGE,
        )  # fmt: skip

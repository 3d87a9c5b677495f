"""Calls and contacts in the calendar of the one person who owes them, once they ask for it.

The message that asks for a call, or reminds a sponsor of a contact, has a button for it. What
they get is a file in their direct messages, and a mail where mail is sent. From then on the entry
follows what is owed: it moves with the time, passes to the next who asks for it, and is cancelled
once nothing is owed or another owes it. ``storage/calendar_looks.py`` says what has it looked at at
once; the rest is found every ``LOOK_AGAIN``.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from sqlmodel import col, select

import storage.calendar_looks  # noqa: F401 - entries are looked at again from here on
from bot import effects
from bot.calendar_files.owed import find_call, find_contact
from bot.core.access import on_case, require_permission
from bot.core.steps import authorize_case, require_status
from bot.customers.channels import customer_channels
from bot.duty.on_duty import first_there
from bot.engine.due import Reminder
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent, OnCase, Record
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.business.calendar_entries import MINUTES, EntryKind, Owed, place_entry
from bot.rules.local_time import known_zone
from storage.models import CalendarEntry, Case, Sponsorship

LOOK_AGAIN = timedelta(minutes=10)  # at a call, whose case may have another owner by then
FILE, MAIL = "calendar_file", "calendar_mail"  # kinds of the outbox


class CallToCalendar(OnCase):
    """Have a call that one owes in one's calendar."""

    verb: ClassVar[str] = "call_to_calendar"
    record: ClassVar[Record] = Record.NONE  # what stands in a calendar is its owner's
    what: Hidden[EntryKind]


class TouchToCalendar(Intent):
    """Have the contact that an account's sponsor owes next in one's calendar."""

    verb: ClassVar[str] = "touch_to_calendar"
    membership: Hidden[int]


async def call_to_calendar(work: UnitOfWork, intent: CallToCalendar) -> Answer | None:
    """Give the one who owes the call its entry, or who stands in for them while they are away.

    Raises UserError ``wrong_status``, ``no_call_owed``, ``not_your_call`` (``user``).
    """
    case = await authorize_case(work, intent.case, "call_to_calendar")
    require_status(case, "call_to_calendar")
    owed = await find_call(work, case, intent.what)
    if owed is None:
        raise UserError("no_call_owed")
    if work.actor.user_id not in (owed.by, await first_there(work, [owed.by])):
        raise UserError("not_your_call", user=owed.by)
    await _give(work, owed, case=case)
    return None


async def touch_to_calendar(work: UnitOfWork, intent: TouchToCalendar) -> Answer | None:
    """Give the account's sponsor, or its deputy, the entry of the contact that is owed.

    Raises UserError ``no_such_sponsorship``, ``no_contact_owed`` (``customer``),
    ``not_your_account`` (``user``).
    """
    await require_permission(work, None, "touch_to_calendar")
    query = select(Sponsorship).where(col(Sponsorship.id) == intent.membership).with_for_update()
    row = (await work.session.exec(query)).one_or_none()
    if row is None:
        raise UserError("no_such_sponsorship")
    if work.actor.user_id not in (row.sponsor, row.deputy):
        raise UserError("not_your_account", user=row.sponsor or "")
    owed = await find_contact(work, row)
    if owed is None:
        raise UserError("no_contact_owed", customer=row.customer)
    await _give(work, owed, membership=row.id)
    return None


async def _give(
    work: UnitOfWork, owed: Owed, case: Case | None = None, membership: int | None = None
) -> None:
    """Put it into the actor's calendar; what another person had of it is cancelled there.

    An entry of another case or membership is not this one: a database may give the id of a contact
    that is gone again.
    """
    query = select(CalendarEntry).where(
        col(CalendarEntry.kind) == owed.kind, col(CalendarEntry.subject) == owed.subject
    )
    row, user = (await work.session.exec(query)).first(), work.actor.user_id
    if row and (row.case_number, row.membership) != (case.number if case else None, membership):
        await _part(work, row)
        row = None
    if row is None:
        row = CalendarEntry(
            kind=owed.kind.value, subject=owed.subject, membership=membership, person=user,
            case_number=case.number if case else None, owed_by=owed.by, due=owed.due,
            begins=owed.due, named=owed.named, uid=f"{secrets.token_hex(16)}@escalation-desk",
            changed_at=work.now,
        )  # fmt: skip
    else:
        row.sequence += 1
        if row.person != user and not row.cancelled:
            _queue(work, row, row.person, cancelled=True)
    row.person, row.cancelled = user, False
    _follow(work, row, owed)
    await work.session.flush()
    _queue(work, row, user, asked=True)


async def _part(work: UnitOfWork, row: CalendarEntry) -> None:
    """Cancel an entry of which the subject is gone, and let another have its id; flushed.

    The row stays, so that what is still to be sent of it has its own uid and customer.
    """
    if not row.cancelled:
        _cancel(work, row)
    row.subject = -row.id
    work.session.add(row)
    await work.session.flush()


def _follow(work: UnitOfWork, row: CalendarEntry, owed: Owed) -> None:
    """Let the entry say what is owed, and set when it is looked at again."""
    row.owed_by, row.due, row.named, row.changed_at = owed.by, owed.due, owed.named, work.now
    row.begins = place_entry(owed, work.now, known_zone(work.policy.timezone))
    row.look_at = None if owed.kind is EntryKind.TOUCH else work.now + LOOK_AGAIN
    work.session.add(row)


async def follow_calls(work: UnitOfWork, locked: Case, says: Sequence[Reminder]) -> None:
    """Compare the entries of a case's calls with what is owed; the case is locked."""
    case = await work.case(locked.number)
    query = select(CalendarEntry).where(col(CalendarEntry.case_number) == case.number)
    for row in (await work.session.exec(query)).all():
        if row.look_at is not None and row.look_at <= work.now:
            owed = await find_call(work, case, EntryKind(row.kind))
            if case.sensitive and not await on_case(work.session, case, row.person):
                owed = None
            _compare(work, row, owed)


async def follow_contacts(work: UnitOfWork, locked: Sponsorship, says: Sequence[Reminder]) -> None:
    """Compare the entries of a membership's contacts with what is owed; its row is locked."""
    query = select(CalendarEntry).where(col(CalendarEntry.membership) == locked.id)
    for row in (await work.session.exec(query)).all():
        if row.look_at is not None and row.look_at <= work.now:
            owed = await find_contact(work, locked, row.subject)
            if row.person not in (locked.sponsor, locked.deputy):
                owed = None
            _compare(work, row, owed)


def _compare(work: UnitOfWork, row: CalendarEntry, owed: Owed | None) -> None:
    """Move the entry to the time that is owed, or cancel it; one that has passed stays as it is."""
    row.look_at = None
    work.session.add(row)
    if row.cancelled:
        return
    if owed is None or owed.subject != row.subject or owed.by != row.owed_by:
        _cancel(work, row)
    elif (owed.due, owed.named) != (row.due, row.named):
        row.sequence += 1
        _follow(work, row, owed)
        _queue(work, row, row.person)
    elif owed.kind is not EntryKind.TOUCH:
        row.look_at = work.now + LOOK_AGAIN


def _cancel(work: UnitOfWork, row: CalendarEntry) -> None:
    """Cancel the entry; one that has passed stays in the calendar as it is."""
    row.cancelled, row.look_at = True, None
    if row.begins + timedelta(minutes=MINUTES) > work.now:
        row.sequence, row.changed_at = row.sequence + 1, work.now
        _queue(work, row, row.person, cancelled=True)


def _queue(
    work: UnitOfWork, row: CalendarEntry, user: str, *, cancelled: bool = False, asked: bool = False
) -> None:
    """Queue the file for one person's direct messages, and the mail where mail is sent.

    ``asked``: the person waits for it. A change that a mail brings is not said in Slack as well.
    """
    said: dict[str, Any] = {
        "entry": row.id, "sequence": row.sequence, "user": user, "cancelled": cancelled,
        "asked": asked,
    }  # fmt: skip
    urgent = effects.INTERACTIVE if asked else effects.NUDGE
    work.leave(FILE, f"dm:{user}", said, priority=urgent)
    channels = customer_channels(work)
    if channels is not None and channels.mails:
        work.leave(MAIL, f"calendar:entry:{row.id}:{user}", said, priority=effects.NUDGE)


PERSONAL_VERBS = ((CallToCalendar, call_to_calendar), (TouchToCalendar, touch_to_calendar))

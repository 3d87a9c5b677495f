"""What a person owes that may stand in their calendar: a call in a case, a contact of a sponsor.

Read of the rows of those subjects, which stand above this one. The caller has locked the case, or
the membership.
"""

from sqlmodel import col, select

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.business.calendar_entries import EntryKind, Owed
from bot.rules.lifecycle import LIVE
from bot.rules.states import SponsorshipState
from bot.rules.words import ClockKind
from storage.models import BreachTalk, Case, Clock, Flagging, Sponsorship, SponsorTouch


async def find_call(work: UnitOfWork, case: Case, kind: EntryKind) -> Owed | None:
    """The call of this kind that the case owes; None where it owes none, or no one has it yet."""
    if case.status not in LIVE:
        return None
    if kind is EntryKind.BREACH_CALL:
        return await _after_breach(work, case)
    return await _after_flag(work, case)


async def _after_breach(work: UnitOfWork, case: Case) -> Owed | None:
    """The call after a missed promise, which the case's owner owes."""
    query = select(BreachTalk).where(
        col(BreachTalk.case_number) == case.number, col(BreachTalk.talked_at).is_(None)
    )
    row = (await work.session.exec(query)).first()
    if row is None or row.call_by is None:
        return None
    kind = EntryKind.BREACH_CALL
    return Owed(kind, row.id, case.owner, row.call_by, not case.sensitive)


async def _after_flag(work: UnitOfWork, case: Case) -> Owed | None:
    """The executive's call, which the one who has the flag owes; its clock says by when."""
    query = (
        select(Flagging, Clock)
        .join(Clock, col(Clock.case_number) == col(Flagging.case_number))
        .where(
            col(Flagging.case_number) == case.number,
            col(Flagging.ended_at).is_(None),
            col(Clock.name) == ClockKind.EXECUTIVE_CALL,
            col(Clock.stopped_at).is_(None),
        )
    )
    found = (await work.session.exec(query)).first()
    if found is None:
        return None
    flag, clock = found
    due = clock.breached_at or clock.due
    if flag.had_by is None or due is None:
        return None
    return Owed(EntryKind.EXECUTIVE_CALL, flag.id, flag.had_by, due, not case.sensitive)


async def find_contact(work: UnitOfWork, row: Sponsorship, touch: int | None = None) -> Owed | None:
    """The contact that the account's sponsor owes, the first of several; or the one of this id."""
    if row.state is not SponsorshipState.ACTIVE or not row.sponsor:
        return None
    query = select(SponsorTouch).where(
        col(SponsorTouch.sponsorship) == row.id,
        col(SponsorTouch.done_at).is_(None),
        col(SponsorTouch.next_at).is_not(None),
    )
    query = query if touch is None else query.where(col(SponsorTouch.id) == touch)
    owed = (await work.session.exec(query.order_by(col(SponsorTouch.id)))).first()
    if owed is None or owed.due_at is None:
        return None
    return Owed(EntryKind.TOUCH, owed.id, row.sponsor, owed.due_at, named=True)

"""A focus of the technical lead: it begins, a manager breaks in, it ends and tells what was kept.

A case has one focus at most. ``Case.focus_of`` is its lead, ``FocusPeriod`` the rest; both are
changed under the case's lock. Whatever ends it, what was kept is told.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import all_roles, role_holders
from bot.core.reactions import CaseClosed, CaseDismissed, CaseResolved
from bot.core.steps import as_utc, authorize_case, case_answer, refresh_card, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Future, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.focus.facts import FocusEnd
from bot.rules.permissions import MANAGERS
from bot.rules.words import ClockKind, Role, Severity
from storage.models import Case, FocusNotice, FocusPeriod, LeadQuestion

FOCUS_MAX = timedelta(hours=8)
IN_ONE = 7  # messages and questions in one direct message; each has a few of Slack's 50 blocks


class Focus(OnCase):
    """Leave the technical lead of the case alone until a time.

    Set again, it moves the end of the focus that runs, to an earlier or a later time.
    """

    verb: ClassVar[str] = "focus"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    until: Future[datetime]


class EndFocus(OnCase):
    """The focus is over sooner.

    It may be ended in whatever status the case is by then: an old message may still have the
    button, and where there is no focus the answer says so.
    """

    verb: ClassVar[str] = "end_focus"


class InterruptFocus(OnCase):
    """Tell a technical lead in focus something that cannot wait; ``reason`` is what and why."""

    verb: ClassVar[str] = "interrupt_focus"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    reason: Text


async def begin_focus(work: UnitOfWork, intent: Focus) -> Answer | None:
    """Begin a focus, or move the end of the one that runs; the channel reads until when.

    The lead begins it, or a manager for them. Timeline ``focus``: ``user``, ``until``. Raises
    UserError ``no_such_case``, ``not_your_role``, ``wrong_status``, ``focus_no_lead``,
    ``focus_of_owner``: who owns the case must be reached; ``focus_not_yours`` with ``user``;
    ``focus_past``, ``focus_long`` with ``hours``.
    """
    case = await authorize_case(work, intent.case, "focus")
    require_status(case, "focus")
    lead = await find_lead(work, case)
    if lead is None:
        raise UserError("focus_no_lead")
    if lead == case.owner:
        raise UserError("focus_of_owner")
    await _require_own(work, case, lead)
    until = as_utc(intent.until)
    if until <= work.now:
        raise UserError("focus_past")
    if until > work.now + FOCUS_MAX:
        raise UserError("focus_long", hours=int(FOCUS_MAX / timedelta(hours=1)))
    period = await open_period(work.session, case)
    if period is not None and period.lead != lead:  # the sweep has not ended it yet
        await end_focus(work, case, period, FocusEnd.LEAD)
        period = None
    if period is None:
        period = FocusPeriod(
            case_number=case.number,
            lead=lead,
            set_by=work.actor.user_id,
            since=work.now,
            until=until,
        )
    period.until = until
    period.next_at = next_look(work, case, period)
    case.focus_of = lead
    work.session.add(period)
    said = {"user": lead, "until": until.isoformat()}
    work.note(case, "focus", after=said)
    told = {**said, "by": work.actor.user_id, "every": promised_minutes(work, case, until)}
    await effects.queue_post(work, case, "notice:focus_begun", told)
    if lead != work.actor.user_id:
        await effects.queue_dm(work, lead, "notice:focus_set", case, told)
    await refresh_card(work, case)
    return None


async def _require_own(work: UnitOfWork, case: Case, lead: str) -> None:
    """Refuse (``focus_not_yours``) a person who is neither the lead in question nor a manager."""
    who = work.actor.user_id
    if who != lead and not MANAGERS & await all_roles(work.session, work.policy, who, case):
        raise UserError("focus_not_yours", user=lead)


async def find_lead(work: UnitOfWork, case: Case) -> str | None:
    """The user id of who is technical lead of the case; None without one."""
    return (await role_holders(work.session, case)).get(Role.TECHNICAL_LEAD)


async def open_period(session: AsyncSession, case: Case) -> FocusPeriod | None:
    """The focus of the case that is not ended; None where there is none.

    The row is that of the session, under the case's lock.
    """
    query = select(FocusPeriod).where(
        col(FocusPeriod.case_number) == case.number, col(FocusPeriod.ended) == ""
    )
    return (await session.exec(query)).first()


def interval(work: UnitOfWork, case: Case) -> timedelta | None:
    """How often the lead promises a word, by the policy's clock; None where it asks for none.

    By the clock on the wall: a focus is begun for hours in which people work.
    """
    target = work.policy.clock(Severity(case.severity), ClockKind.CHECK_IN).target
    return timedelta(minutes=target.minutes) if target and target.minutes else None


def promised_minutes(work: UnitOfWork, case: Case, until: datetime) -> int:
    """The same in minutes; 0 for none, also where a focus until then is over before the first."""
    found = interval(work, case)
    return int(found / timedelta(minutes=1)) if found and work.now + found < until else 0


def next_look(work: UnitOfWork, case: Case, period: FocusPeriod) -> datetime:
    """When the focus is looked at next: for a check-in an interval from the last, or at its end."""
    every = interval(work, case)
    if every is None:
        return period.until
    return min((period.asked_at or period.since) + every, period.until)


async def interrupt_focus(work: UnitOfWork, intent: InterruptFocus) -> Answer | None:
    """Write to the lead in focus now; it is counted, and the record has who did and why.

    Timeline ``interrupt_focus``: ``user``; the reason is the why. Raises UserError
    ``no_such_case``, ``not_your_role``, ``wrong_status``, ``no_focus``.
    """
    case = await authorize_case(work, intent.case, "interrupt_focus")
    require_status(case, "interrupt_focus")
    if not case.focus_of:
        raise UserError("no_focus")
    work.note(case, "interrupt_focus", after={"user": case.focus_of}, why=intent.reason)
    said = {"by": work.actor.user_id, "reason": intent.reason}
    await effects.queue_dm(work, case.focus_of, "notice:focus_interrupted", case, said)
    await refresh_card(work, case)
    return case_answer(case, "notice:focus_broken_into", user=case.focus_of)


async def end_focus_sooner(work: UnitOfWork, intent: EndFocus) -> Answer | None:
    """End the focus now, as the lead or a manager.

    Raises UserError ``no_such_case``, ``not_your_role``, ``no_focus``, ``focus_not_yours``.
    """
    case = await authorize_case(work, intent.case, "end_focus")
    period = await open_period(work.session, case)
    if period is None:
        raise UserError("no_focus")
    await _require_own(work, case, period.lead)
    await end_focus(work, case, period, FocusEnd.STOPPED)
    await refresh_card(work, case)
    return None


async def end_with_case(work: UnitOfWork, event: CaseResolved | CaseClosed | CaseDismissed) -> None:
    """A case that is over has no focus; what was kept is told all the same.

    Called when it is resolved, closed, dismissed or merged; a case that is resolved has had its
    focus ended when it is closed. Reopened, it has none until one is set.
    """
    if event.case.focus_of:
        period = await open_period(work.session, event.case)
        if period is not None:
            await end_focus(work, event.case, period, FocusEnd.CASE)


async def end_focus(work: UnitOfWork, case: Case, period: FocusPeriod, why: FocusEnd) -> None:
    """End the focus and tell what was kept: the messages to their reader, questions to the lead.

    Where the lead has changed, the questions go to the new one, without any to the owner. Timeline
    ``end_focus``: ``user``, ``ended``, ``count`` of messages and questions, ``interruptions``.
    """
    period.ended, period.ended_at, period.next_at = why.value, work.now, None
    case.focus_of = ""
    work.session.add(period)
    notices = await _notices(work.session, case, period)
    kept = [row for row in notices if row.told_at is None]
    questions = await kept_questions(work.session, case)
    through = sum(row.through for row in notices)
    said = {
        "user": period.lead, "ended": why.value, "count": len(kept) + len(questions),
        "interruptions": through, "by": work.actor.user_id,
    }  # fmt: skip
    work.note(case, "end_focus", after=said)
    await effects.queue_post(work, case, "notice:focus_over", said)
    for row in kept:
        row.told_at = work.now
        work.session.add(row)
    lead = await find_lead(work, case) or case.owner
    asked = [_as_asked(row, work, lead) for row in questions]
    for user in dict.fromkeys([period.lead, *(row.user_id for row in kept)]):
        own = asked if user == lead == period.lead else []
        messages = [_as_said(row) for row in _newest(kept) if row.user_id == user]
        await _tell(work, case, user, said, [*own, *messages])
    if asked and lead != period.lead:
        await _tell(work, case, lead, {**said, "passed": True}, asked)


async def _tell(
    work: UnitOfWork, case: Case, user: str, said: dict[str, Any], items: Sequence[dict[str, Any]]
) -> None:
    """Tell one person what was kept, in one message as long as Slack takes it.

    ``items`` are questions (``query``, ``by``, ``words``) and messages (``text``, ``extra``), each
    with ``kept_at``. Where there are none, a lead who ended it, or of a case that is over, is not
    written to.
    """
    if not items and (said["ended"] == FocusEnd.CASE or user == work.actor.user_id):
        return  # they know by other words that it is over
    parts = [items[at : at + IN_ONE] for at in range(0, len(items), IN_ONE)] or [()]
    for number, part in enumerate(parts):
        extra = {**said, "items": list(part), "total": len(items), "more": number > 0}
        await effects.queue_dm(work, user, "focus:over", case, extra)


async def _notices(session: AsyncSession, case: Case, period: FocusPeriod) -> Sequence[FocusNotice]:
    """What was kept or let through since the focus began, oldest first."""
    query = select(FocusNotice).where(
        col(FocusNotice.case_number) == case.number, col(FocusNotice.at) >= period.since
    )
    return (await session.exec(query.order_by(col(FocusNotice.id)))).all()


def _newest(rows: Sequence[FocusNotice]) -> list[FocusNotice]:
    """Without what was said again later of the same: a clock that came nearer, for instance."""
    found = {(row.payload["text"], _subject_of(row)): row for row in rows}
    return sorted(found.values(), key=lambda row: row.id)


def _subject_of(row: FocusNotice) -> object:
    """What a message is about: its clock where it has one; any other stands for itself.

    Of a clock that came nearer twice the later word is enough.
    """
    return row.payload["extra"].get("clock") or row.id


def _as_said(row: FocusNotice) -> dict[str, Any]:
    """A kept message as JSON: ``text``, ``extra`` as they were, ``kept_at`` in ISO 8601.

    What the row had of the case as it was then is left out: told now, it says how things stand.
    """
    said = {"text": row.payload["text"], "extra": row.payload["extra"]}
    return {**said, "kept_at": row.at.isoformat()}


async def kept_questions(session: AsyncSession, case: Case) -> Sequence[LeadQuestion]:
    """The questions of the case that the lead was not asked yet, nor anybody answered."""
    query = select(LeadQuestion).where(
        col(LeadQuestion.case_number) == case.number,
        col(LeadQuestion.told_at).is_(None),
        col(LeadQuestion.answered_by) == "",
    )
    return (await session.exec(query.order_by(col(LeadQuestion.id)))).all()


def _as_asked(row: LeadQuestion, work: UnitOfWork, lead: str) -> dict[str, Any]:
    """A question as the DM shows it; from now on it counts as asked of ``lead``."""
    row.told_at, row.asked_of = work.now, lead
    work.session.add(row)
    said = {"query": row.id, "by": row.asked_by, "words": row.question}
    return {**said, "kept_at": row.asked_at.isoformat()}

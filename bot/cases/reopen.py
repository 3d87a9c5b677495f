"""The customer says that it is not fixed: the case goes back to work with what time was left.

The case keeps its number, channel and owner. What ended it is deleted from its row and kept in the
timeline, so a second resolution starts from nothing. ``resolve`` comes here too, when the
customer's recorded answer is a no.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import col, delete, select

from bot import effects
from bot.calendar_files.verbs import drop_postmortem
from bot.core import notify
from bot.core.access import role_holders
from bot.core.reactions import CaseReopened, react
from bot.core.steps import authorize_case, refresh_card, take_step
from bot.customers.incoming import start_reply_clock
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, OnCase, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.policy.model import MatrixEvent
from bot.rules.sla import EventKind
from bot.rules.words import ClockKind, Notice, ResolutionType, Role
from bot.sla import clock_history, clocks
from storage.models import Case, Confirmation


class Reopen(OnCase):
    """The customer says that it is not fixed; ``reason`` is what they say."""

    verb: ClassVar[str] = "reopen"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    reason: Text


async def reopen_case(work: UnitOfWork, intent: Reopen) -> Answer | None:
    """Back to investigating, within the days that count as the same issue.

    Fourteen days from the close, else from the resolution. Raises UserError ``wrong_status``,
    ``within_14_days``.
    """
    case = await authorize_case(work, intent.case, "reopen")
    await back_to_work(work, case, intent.reason)
    await refresh_card(work, case)
    return None


async def back_to_work(work: UnitOfWork, case: Case, reason: str) -> None:
    """Undo the resolution, keeping it in the timeline, and tell who must know.

    Timeline ``reopen``, before: ``status``, ``resolution_type``, ``resolution_note``,
    ``workaround_note``, ``resolved_at``, ``closed_at``, ``postmortem_at`` (ISO 8601 or None),
    ``closure_code``, ``root_cause``, ``duplicate_of``, ``confirmations`` (party to yes or no). A
    workaround that was the resolution did not work and is forgotten; one that came before a fix
    stays. Notices' ``extra``: ``reason``, ``by``. Redrawing the card is left to the caller. Raises
    UserError as ``reopen_case``.
    """
    before: dict[str, Any] = {
        "status": case.status,
        "resolution_type": case.resolution_type,
        "resolution_note": case.resolution_note,
        "workaround_note": case.workaround_note,
        "resolved_at": _said(case.resolved_at),
        "closed_at": _said(case.closed_at),
        "postmortem_at": _said(case.postmortem_at),
        "closure_code": case.closure_code,
        "root_cause": case.root_cause,
        "duplicate_of": case.duplicate_of,
    }
    await take_step(work, case, "reopen")
    before["confirmations"] = await forget_confirmations(work, case)
    if case.resolution_type == ResolutionType.WORKAROUND:
        case.workaround_note = ""  # it did not work
    case.resolution_type, case.resolution_note = None, ""
    case.letter = case.letter_due = None
    case.closure_code = case.root_cause = case.duplicate_of = None
    case.resolved_at = case.closed_at = case.postmortem_at = None
    await _clocks_go_on(work, case)
    await drop_postmortem(work, case)
    await react(work, CaseReopened(case))
    work.note(case, "reopen", before=before, after={"status": case.status}, why=reason)
    extra = {"reason": reason, "by": work.actor.user_id}
    await effects.queue_post(work, case, "notice:reopened", extra)
    people = await notify.find_audience(work, case, MatrixEvent.REOPENED)
    writer = (await role_holders(work.session, case)).get(Role.AGENT)
    if writer and writer != work.actor.user_id:  # the customer writes to them, whatever the matrix
        notify.add_hearer(people, writer, notify.Hears(Role.AGENT, Notice.DM))
    await notify.tell_audience(work, case, "reopened", people, extra)


async def _clocks_go_on(work: UnitOfWork, case: Case) -> None:
    """Let what was measured go on with what was left; cancel what waited for the end.

    A reply to the customer is owed from now, since they wrote.
    """
    await clocks.cancel_clocks(work, case, ClockKind.CUSTOMER_CONFIRMATION)
    await clocks.cancel_clocks(work, case, ClockKind.POSTMORTEM_HELD)
    going_on = [ClockKind.RESOLUTION, ClockKind.NEXT_UPDATE]
    if not case.workaround_note:
        going_on.append(ClockKind.WORKAROUND)
    for kind in going_on:
        if await clock_history.has_clock(work, case, kind):
            await clocks.append_event(work, case, EventKind.REOPEN, clock=kind)
    await clocks.begin_clock(work, case, ClockKind.CHECK_IN)
    await start_reply_clock(work, case, work.now)


def _said(instant: datetime | None) -> str | None:
    """ISO 8601, or None."""
    return instant.isoformat() if instant else None


async def forget_confirmations(
    work: UnitOfWork, case: Case, *, but: Collection[str] = ()
) -> dict[str, bool]:
    """Delete what was said of the last resolution, ``but`` by these parties.

    Answers by party what is deleted, True for comfortable, for the timeline. The rows are read
    before they are deleted, under the lock of the case that the caller has.
    """
    of_case = col(Confirmation.case_number) == case.number, col(Confirmation.party).not_in(but)
    rows = (await work.session.exec(select(Confirmation).where(*of_case))).all()
    said = {row.party: row.comfortable for row in rows}
    await work.session.exec(delete(Confirmation).where(*of_case))
    return said

"""Paging: who is called to take a new case, one after the other, until one of them has it.

The first page is the message that a case was opened. A person who is paged takes the case, which
is the verb ``claim``, or says that they cannot, and the next is paged at once. Of SEV1 silence
moves on too, by the ``[paging]`` of the policy. No one is paged twice about one case, nor anyone
who is away. Pages hang on the case itself (``Case.paged``, ``Case.page_at``), so they are changed
under its lock. ``bot.core.steps.end_pages`` ends them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core.access import administrators, named_for, read_pages
from bot.core.reactions import CaseDismissed, CaseResolved
from bot.core.steps import (
    authorize_case,
    case_answer,
    end_pages,
    keep_pages,
    pass_calls_on,
    refresh_card,
    release_role,
    require_status,
    severity_of,
    tell_pagers,
)
from bot.duty.on_duty import LEADS, load_rota
from bot.duty.technical_page import decline_as_lead, declines_as_lead
from bot.engine.due import Reminder
from bot.engine.inbox import Answer
from bot.engine.intent import OnCase, OptionalText
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.facts import PageFacts
from bot.rules.policy.model import MatrixEvent
from bot.rules.states import PageAnswer, Turn
from bot.rules.words import Notice, Role, Severity, Status
from storage.models import Case, Outbox

AFTER_SILENCE = (Turn.BACKUP, Turn.DUTY, Turn.LEAD)
AFTER_NO = (Turn.DUTY, Turn.BACKUP, Turn.LEAD)
LEAD_FIRST = (Turn.LEAD, Turn.BACKUP, Turn.DUTY)
JUST_NOW = timedelta(minutes=1)  # in which who was told that it is late is not paged as well


class DeclinePage(OnCase):
    """Say that one cannot take the case, so that the next person is paged at once."""

    verb: ClassVar[str] = "decline_page"
    reason: OptionalText = ""


def first_page(work: UnitOfWork, severity: Severity, leader: str | None) -> tuple[PageFacts, ...]:
    """The page of who leads a new case; none where no one does, or the actor is that person."""
    if leader in (None, work.actor.user_id):
        return ()
    urgent = severity is Severity.SEV1
    again = work.now + work.policy.paging.backup_after if urgent else None
    role, loud = Role.ESCALATION_MANAGER, _is_loud(work, severity)
    return (PageFacts(str(leader), role, Turn.FIRST, work.now, again, loud=loud),)


def _is_loud(work: UnitOfWork, severity: Severity) -> bool:
    """Whether the policy pages the manager of a new case that grave, in Slack and by the pagers."""
    heard = work.policy.notices(MatrixEvent.OPEN, severity)
    return heard.get(Role.ESCALATION_MANAGER) is Notice.PAGE


def fit_pages(work: UnitOfWork, case: Case) -> None:
    """Let silence move on from now where the case became SEV1, and no more where it is not."""
    pages = read_pages(case.paged)
    waits = [page for page in pages if page.answer is PageAnswer.WAITS]
    if severity_of(case) is not Severity.SEV1:
        keep_pages(case, [replace(page, again_at=None) for page in pages])
    elif case.status == Status.NEW and waits and case.page_at is None:
        again = work.now + work.policy.paging.backup_after
        last = [page for page in waits if page.turn is not Turn.KNOWS][-1:]
        keep_pages(case, [replace(p, again_at=again) if p in last else p for p in pages])


async def decline_page(work: UnitOfWork, intent: DeclinePage) -> Answer | None:
    """Note that the actor cannot take the case, and page the next, unless another page still waits.

    Who owned the case owns it no more: who was paged for it does, else the reporter. A manager who
    was not paged is left out of the pages to come. The case's technical lead declines that role
    (``bot.duty.technical_page``). Timeline ``decline_page``: ``user``, who has the page now, empty
    for none; the reason is the why. The answer ``notice:page_passed`` says who. Raises UserError
    ``wrong_status`` once the case is taken, ``declined_already``.
    """
    case = await authorize_case(work, intent.case, "decline_page")
    require_status(case, "decline_page")
    if await declines_as_lead(work, case):
        return await decline_as_lead(work, case, intent.reason)
    if case.status != Status.NEW:
        raise UserError("wrong_status", verb="decline_page", status=case.status)
    me = work.actor.user_id
    pages = {page.user: page for page in read_pages(case.paged)}
    mine = pages.get(me) or PageFacts(me, Role.ESCALATION_MANAGER, Turn.KNOWS, work.now)
    if mine.answer is PageAnswer.CANNOT:
        raise UserError("declined_already")
    answer = {"answer": PageAnswer.CANNOT, "answered_at": work.now, "again_at": None}
    keep_pages(case, (pages | {me: replace(mine, **answer)}).values())  # type: ignore[arg-type]
    waits = _waiting_page(case)
    moves = mine.turn is not Turn.KNOWS or case.owner == me
    if moves and waits is None:
        waits = await _page_another(work, case, mine, AFTER_NO, intent.reason)
    if case.owner == me:
        await release_role(work, case, Role.ESCALATION_MANAGER)
        case.owner = waits.user if waits else case.reporter
        await pass_calls_on(work, case)
    work.note(case, "decline_page", after={"user": waits.user if waits else ""}, why=intent.reason)
    await refresh_card(work, case)
    role = Role.ESCALATION_MANAGER.value
    return case_answer(case, "notice:page_passed", user=waits.user if waits else "", role=role)


def _waiting_page(case: Case) -> PageFacts | None:
    """The newest page to take the case that was not answered."""
    waits = [
        page
        for page in read_pages(case.paged)
        if page.answer is PageAnswer.WAITS and page.turn is not Turn.KNOWS
    ]
    return waits[-1] if waits else None


async def page_next(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> None:
    """Page the next person for each page that was not answered in time.

    A case that was taken meanwhile, or is over, needs no one.
    """
    pages = read_pages(case.paged)
    late = [page for page in pages if page.again_at and page.again_at <= work.now]
    silent = {"again_at": None, "answer": PageAnswer.SILENT}
    moved = [replace(page, **silent) if page in late else page for page in pages]  # type: ignore[arg-type]
    keep_pages(case, moved)
    work.session.add(case)
    for page in late:
        if case.status == Status.NEW and page.turn is not Turn.KNOWS:
            lead = work.now >= _lead_due(work, case)
            await _page_another(work, case, page, LEAD_FIRST if lead else AFTER_SILENCE)
            await refresh_card(work, case)


def _lead_due(work: UnitOfWork, case: Case) -> datetime:
    """When the support lead is paged: counted from the first page to take the case."""
    sent = (page.at for page in read_pages(case.paged) if page.turn is not Turn.KNOWS)
    return min(sent, default=work.now) + work.policy.paging.lead_after


async def _page_another(
    work: UnitOfWork, case: Case, before: PageFacts, order: Sequence[Turn], reason: str = ""
) -> PageFacts | None:
    """Page the next in that order, and say so in the channel; where none is left, say that.

    Who was told a moment ago that it is late knows as much, and so does the channel: then the page
    is only noted, unless the one before gave a reason. Timeline ``paged``: ``user``, ``turn``,
    ``silent``, who was paged before.
    """
    found = await _find_next(work, case, order)
    if found is None:
        await say_nobody_left(work, case)
        return None
    user, turn = found
    pages, lead_at = read_pages(case.paged), _lead_due(work, case)
    urgent = severity_of(case) is Severity.SEV1 and work.now < lead_at
    again = (
        lead_at if urgent and turn is not Turn.LEAD else None
    )  # beyond a lead the ladder goes on
    loud = _is_loud(work, severity_of(case))
    page = PageFacts(user, Role.ESCALATION_MANAGER, turn, work.now, again, loud=loud)
    keep_pages(case, [*(each for each in pages if each.user != user), page])
    tell_pagers(work, case, "trigger", {user})
    work.note(case, "paged", after={"user": user, "turn": turn.value, "silent": before.user})
    if reason or not await _was_just_told(work, case, user):
        await _say_paged(work, case, page, before, reason)
    return page


async def _say_paged(
    work: UnitOfWork, case: Case, page: PageFacts, before: PageFacts, reason: str
) -> None:
    """Queue the page and the line in the channel.

    ``extra`` of both: ``turn`` and ``user`` of the page; ``silent``, ``since`` and ``why`` (a
    ``PageAnswer``) of the page before, ``remark``, their reason; ``until``, when the next is paged.
    """
    now = next((p for p in read_pages(case.paged) if p.user == before.user), before)
    said = {
        "user": page.user, "turn": page.turn.value, "silent": before.user,
        "since": before.at.isoformat(), "why": now.answer.value, "remark": reason,
        "until": page.again_at.isoformat() if page.again_at else "",
    }  # fmt: skip
    loud = {"role": page.role.value, "notice": Notice.PAGE.value}
    await effects.queue_dm(
        work, page.user, "notice:paged", case, said | loud,
        priority=effects.OPENING + case.severity, with_channel=True,
    )  # fmt: skip
    await effects.queue_post(work, case, "notice:page_moved", said, priority=effects.BREACH)


async def _find_next(
    work: UnitOfWork, case: Case, order: Sequence[Turn]
) -> tuple[str, Turn] | None:
    """The first person who is there and was not paged about the case yet, by the order of turns."""
    rota = await load_rota(work)
    watch = rota.watch_at(work.now)
    leads = [user for role in LEADS for user in named_for(work.policy, role)]
    people = {
        Turn.BACKUP: watch.backup, Turn.DUTY: watch.people,
        Turn.LEAD: rota.stand_in(leads, work.now),
    }  # fmt: skip
    asked = {
        page.user
        for page in read_pages(case.paged)
        if page.turn is not Turn.KNOWS or page.answer is PageAnswer.CANNOT
    }
    free = ((user, turn) for turn in order for user in people[turn] if user not in asked)
    return next(free, None)


async def _was_just_told(work: UnitOfWork, case: Case, user: str) -> bool:
    """True where a reminder of the case was queued for the person a moment ago."""
    query = select(Outbox.payload).where(
        col(Outbox.case_number) == case.number,
        col(Outbox.kind) == "dm",
        col(Outbox.queued_at) > work.now - JUST_NOW,
    )
    said = (await work.session.exec(query)).all()
    return any(each["user"] == user and each["text"] == "reminder" for each in said)


async def say_nobody_left(work: UnitOfWork, case: Case) -> None:
    """Say in the channel, and to the administrators, that there is no one left to page.

    ``extra``: ``silent`` and ``declined``, the user ids of those who were paged.
    """
    pages = [page for page in read_pages(case.paged) if page.turn is not Turn.KNOWS]
    said = {
        "silent": [p.user for p in pages if p.answer is not PageAnswer.CANNOT],
        "declined": [p.user for p in pages if p.answer is PageAnswer.CANNOT],
    }
    await effects.queue_post(work, case, "notice:nobody_left", said, priority=effects.BREACH)
    for user in administrators(work.policy):
        if user != work.actor.user_id:
            await effects.queue_dm(
                work, user, "notice:nobody_left", case, said,
                priority=effects.BREACH, with_channel=True,
            )  # fmt: skip


async def stop_paging(work: UnitOfWork, event: CaseDismissed) -> None:
    """A case that is over needs no one to take it."""
    end_pages(work, event.case)
    tell_pagers(work, event.case, "resolve")


async def end_incidents(work: UnitOfWork, event: CaseResolved) -> None:
    """What was opened at the pagers is over with the case."""
    tell_pagers(work, event.case, "resolve")

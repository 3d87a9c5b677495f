"""Working by a playbook: its checklist in the case's channel, and a word about steps that wait.

The checklist is one post that is edited as steps are done (``bot/core/edited_posts.py``). A step
that is not done in time is told once to who has its role on the case, else to the owner.

What a playbook says is stored with the row as it was when the work began, so a checklist does not
change in people's hands, whatever becomes of its file. Steps may be done in any order, and late
ones too.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core import edited_posts
from bot.core.access import named_for, role_holders
from bot.core.reactions import CaseReopened
from bot.core.steps import authorize_case, plan_playbooks, require_status
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.learning.playbooks import (
    Because,
    Playbook,
    as_data,
    from_data,
    load_playbooks,
)
from bot.rules.lifecycle import OPEN
from bot.rules.problems.update_clock import update_calendar
from bot.rules.words import Role, Severity, Status
from storage.models import AppliedPlaybook, Case

UNTAKEN_LOOK = timedelta(minutes=5)  # between looks whether somebody has taken the case on


class ApplyPlaybook(OnCase):
    """Work on the case by a playbook; ``name`` is its key.

    Several may be worked by at once; each has its own checklist.
    """

    verb: ClassVar[str] = "apply_playbook"
    name: Hidden[str]


class DropPlaybook(OnCase):
    """Work by this playbook no more: it does not fit."""

    verb: ClassVar[str] = "drop_playbook"
    applied: Hidden[int]


class TickStep(OnCase):
    """A step of the playbook is done; ``step`` is its place, from 0."""

    verb: ClassVar[str] = "tick_step"
    applied: Hidden[int]
    step: Hidden[int]


class UntickStep(TickStep):
    """A step was said to be done by mistake; who said so first stands in the record."""

    verb: ClassVar[str] = "untick_step"


async def apply_playbook(work: UnitOfWork, intent: ApplyPlaybook) -> Answer | None:
    """Post the checklist; its times count from now. Timeline ``apply_playbook``: ``playbook``.

    Raises UserError ``no_such_case``, ``not_your_role``, ``wrong_status``, ``no_such_playbook``,
    ``playbook_applied`` where the case is worked on by it already.
    """
    case = await authorize_case(work, intent.case, "apply_playbook")
    require_status(case, "apply_playbook")
    playbook = load_playbooks().get(intent.name)
    if playbook is None:
        raise UserError("no_such_playbook")
    if any(row.playbook == playbook.key for row in await _applied_to(work.session, case)):
        raise UserError("playbook_applied")
    await begin_working_by(work, case, playbook)
    return None


async def begin_working_by(
    work: UnitOfWork,
    case: Case,
    playbook: Playbook,
    because: Because | None = None,
    offered: Sequence[str] = (),
) -> None:
    """Post the checklist of a playbook by which the case is not worked on yet; the case is locked.

    Times count from now. ``because`` says why the app applies it by itself, None where a person
    does; ``offered`` are the keys of those that fit beside it, to be chosen by a button there.
    Posts that offer this one do so no more. Timeline ``apply_playbook``: ``playbook``.
    """
    for earlier in await _applied_to(work.session, case):
        if playbook.key in earlier.offered:
            await edited_posts.show_checklist(work, case, earlier.id)
    row = AppliedPlaybook(
        case_number=case.number,
        playbook=playbook.key,
        applied_by=work.actor.user_id,
        applied_at=work.now,
        done={},
        reminded={},
        because={"kind": because.kind, "value": because.value} if because else {},
        offered=list(offered),
        content=as_data(playbook),
    )
    row.next_at = _next_due(row, playbook)
    work.session.add(row)
    await work.session.flush()
    work.note(case, "apply_playbook", after={"playbook": _title(work, playbook)})
    await edited_posts.show_checklist(work, case, row.id)


async def drop_playbook(work: UnitOfWork, intent: DropPlaybook) -> Answer | None:
    """End working by it; the post says so, and what was done stays on the record.

    It can be begun anew, then with a checklist of its own and times that count from then.

    Timeline ``drop_playbook``: ``playbook``. Raises UserError as ``tick_step``.
    """
    case, row, playbook = await _authorize(work, intent.case, intent.applied, "drop_playbook")
    row.ended_at, row.next_at = work.now, None
    work.session.add(row)
    work.note(case, "drop_playbook", after={"playbook": _title(work, playbook)})
    await edited_posts.show_checklist(work, case, row.id)
    return None


async def tick_step(work: UnitOfWork, intent: TickStep) -> Answer | None:
    """Mark a step as done, by the actor and now; one that is done already stays as it was.

    Timeline ``tick_step``: ``playbook``, ``step`` (from 1). Raises UserError ``no_such_case``,
    ``not_your_role``, ``wrong_status``, ``no_such_playbook`` for one that ended.
    """
    case, row, playbook = await _authorize(work, intent.case, intent.applied, intent.verb)
    place = _place(playbook, intent.step)
    if place not in row.done:
        by = {"by": work.actor.user_id, "at": work.now.isoformat()}
        row.done = {**row.done, place: by}
        await _keep_step(work, case, row, playbook, intent)
    return None


async def untick_step(work: UnitOfWork, intent: UntickStep) -> Answer | None:
    """Take back that a step is done. Timeline ``untick_step``; raises as ``tick_step``."""
    case, row, playbook = await _authorize(work, intent.case, intent.applied, intent.verb)
    place = _place(playbook, intent.step)
    if place in row.done:
        row.done = {each: by for each, by in row.done.items() if each != place}
        await _keep_step(work, case, row, playbook, intent)
    return None


async def _keep_step(
    work: UnitOfWork, case: Case, row: AppliedPlaybook, playbook: Playbook, intent: TickStep
) -> None:
    """Store the step, record it, and draw the checklist anew.

    What is due next follows: a step that is taken back is told of again only if it never was.
    """
    row.next_at = _next_due(row, playbook)
    work.session.add(row)
    said = {"playbook": _title(work, playbook), "step": intent.step + 1}
    work.note(case, intent.verb, after=said)
    await edited_posts.show_checklist(work, case, row.id)


async def _authorize(
    work: UnitOfWork, number: int, applied: int, verb: str
) -> tuple[Case, AppliedPlaybook, Playbook]:
    """The case, locked, with the playbook by which it is worked on; raises as ``tick_step``."""
    case = await authorize_case(work, number, verb)
    require_status(case, verb)
    row = await work.session.get(AppliedPlaybook, applied)
    if row is None or row.case_number != case.number or row.ended_at is not None:
        raise UserError("no_such_playbook")
    playbook = from_data(row.playbook, row.content)
    if playbook is None:
        raise UserError("no_such_playbook")
    return case, row, playbook


async def _applied_to(session: AsyncSession, case: Case) -> Sequence[AppliedPlaybook]:
    """The playbooks by which the case is worked on now, oldest first."""
    query = select(AppliedPlaybook).where(
        col(AppliedPlaybook.case_number) == case.number, col(AppliedPlaybook.ended_at).is_(None)
    )
    return (await session.exec(query.order_by(col(AppliedPlaybook.id)))).all()


def _place(playbook: Playbook, step: int) -> str:
    """The step's place as ``AppliedPlaybook.done`` keeps it. Raises ``no_such_playbook``."""
    if not 0 <= step < len(playbook.steps):
        raise UserError("no_such_playbook")
    return str(step)


def _title(work: UnitOfWork, playbook: Playbook) -> str:
    """The playbook's title as the record keeps it: in the organisation's first language.

    The record is one for all its readers, and keeps the words of the day.
    """
    return playbook.wording(work.policy.languages[0]).title


def _due(row: AppliedPlaybook, playbook: Playbook, place: int) -> datetime:
    """When a step is due: its minutes count from when the playbook was chosen, day and night."""
    return row.applied_at + timedelta(minutes=playbook.steps[place].minutes)


def _next_due(row: AppliedPlaybook, playbook: Playbook) -> datetime | None:
    """When the next step is due that is open and was not told of; None for none."""
    waits = [
        _due(row, playbook, place)
        for place in range(len(playbook.steps))
        if str(place) not in row.done and str(place) not in row.reminded
    ]
    return min(waits, default=None)


async def remind_of_steps(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> None:
    """Tell who has its role on the case of each step that is overdue, once; the case is locked.

    A step of the support lead, whose role is of no case, is asked of the first of them; the owner
    hears it where a role is not held. Before the case is taken on nothing is asked: until then the
    calls for it are enough. Of a case that is over nothing is said. A checklist that came by itself
    asks in the hours in which the case's severity owes updates.

    The reminder ``playbook:step_overdue`` has ``playbook`` (its key), ``content`` (what it says),
    ``applied`` (id) and ``step`` (from 0).
    """
    reminder = get_reminder(says, "step_overdue")
    holders = {**await role_holders(work.session, case), Role.ESCALATION_MANAGER: case.owner}
    leads = () if case.sensitive else named_for(work.policy, Role.SUPPORT_LEAD)
    holders |= {Role.SUPPORT_LEAD: leads[0]} if leads else {}
    for row in await _applied_to(work.session, case):
        playbook = from_data(row.playbook, row.content)
        if row.next_at is None or row.next_at > work.now:
            continue
        row.next_at = None
        work.session.add(row)
        if playbook is None or case.status not in OPEN:
            continue
        hours = update_calendar(work.policy, Severity(case.severity))
        if row.because and (opens := hours.next_open(work.now)) > work.now:
            row.next_at = opens
            continue
        if case.status == Status.NEW:
            row.next_at = work.now + UNTAKEN_LOOK
            continue
        for place, step in enumerate(playbook.steps):
            open_yet = str(place) not in row.done and str(place) not in row.reminded
            if open_yet and _due(row, playbook, place) <= work.now:
                asked = holders.get(step.role, case.owner)
                row.reminded = {**row.reminded, str(place): True}
                await _ask_about(work, case, reminder, row, place, asked)
        row.next_at = _next_due(row, playbook)


async def _ask_about(
    work: UnitOfWork, case: Case, reminder: Reminder, row: AppliedPlaybook, place: int, asked: str
) -> None:
    """Tell one person that a step is overdue."""
    said = {"playbook": row.playbook, "content": row.content, "applied": row.id, "step": place}
    await effects.queue_reminder(
        work, case, reminder, said, known={Audience.ASKED: (asked,)}, priority=effects.NUDGE
    )


async def resume_steps(work: UnitOfWork, event: CaseReopened) -> None:
    """Remind of steps again, and look for what fits now.

    A step that came due while the case was over is told of now.
    """
    for row in await _applied_to(work.session, event.case):
        playbook = from_data(row.playbook, row.content)
        row.next_at = _next_due(row, playbook) if playbook else None
        work.session.add(row)
    plan_playbooks(work, event.case)


async def checklist_facts(session: AsyncSession, row: AppliedPlaybook) -> dict[str, Any]:
    """What the post ``playbook:checklist`` shows, as JSON.

    ``because`` is empty where a person has chosen it; ``offered`` are the keys of the playbooks
    that it offers and by which the case was never worked on.
    """
    there = select(AppliedPlaybook.playbook).where(
        col(AppliedPlaybook.case_number) == row.case_number
    )
    taken = set((await session.exec(there)).all()) if row.offered else set()
    return {
        "playbook": row.playbook,
        "content": row.content,
        "applied": row.id,
        "done": row.done,
        "by": row.applied_by,
        "ended": row.ended_at is not None,
        "because": row.because,
        "offered": [key for key in row.offered if key not in taken],
    }

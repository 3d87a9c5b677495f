"""Help by skill: people who can do something are asked to join, and the owner stays the owner.

Those on duty are asked first, then in the order of the policy, as many at once as were wanted; who
says no, or has not answered in the policy's time, is followed by the next, and who was only silent
may still join. Who is away, has left or is no full member is not asked. Who joined is thanked once,
when they leave or the case is over.
"""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints
from sqlmodel import col, select

from bot import effects
from bot.core.access import role_holders
from bot.core.involved import refuse_unasked
from bot.core.notify import queue_redraw
from bot.core.reactions import CaseClosed, CaseDismissed, CaseResolved, CaseRestricted
from bot.core.steps import authorize_case, case_answer, refresh_card, require_status
from bot.core.unreachable import list_partless
from bot.duty.on_duty import load_rota
from bot.engine.due import Reminder
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Clean, Hidden, Line, OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.focus.facts import HelpState
from bot.rules.policy.routing import Route, find_route
from storage.models import Case, Helper

USUAL = 3  # people who are asked at once
MOST = 10
WAITING = (HelpState.ASKED, HelpState.SILENT)  # may be answered
QUESTION_MAX = 300  # characters; the brief has two lines


class Swarm(OnCase):
    """Ask people with a skill to help; ``question`` is what is asked of them."""

    verb: ClassVar[str] = "swarm"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    skill: Line
    count: Annotated[int, Field(ge=1, le=MOST)] = USUAL
    question: Annotated[str, Clean, StringConstraints(max_length=QUESTION_MAX)] = ""


class AnswerSwarm(OnCase):
    """Whether a person who was asked joins; ``helper`` is the id of the question to them.

    Once answered it stays: who joined leaves by a verb of its own.
    """

    verb: ClassVar[str] = "answer_swarm"
    helper: Hidden[int]
    accept: Hidden[bool]


class LeaveSwarm(OnCase):
    """A helper is done, or needed elsewhere.

    Only they themselves say so: who wants to do without their help asks them.
    """

    verb: ClassVar[str] = "leave_swarm"


async def swarm_by_skill(work: UnitOfWork, intent: Swarm) -> Answer | None:
    """Ask up to ``count`` people who have the skill and were not asked for it yet.

    The answer ``notice:swarm_started`` has ``skill`` and ``people``, those who are asked; the DM to
    each is ``swarm_asked``. Timeline ``swarm``: ``skill``, ``count``; the question is the why.

    Raises UserError ``no_such_case``, ``not_your_role``, ``wrong_status``, ``swarm_restricted``,
    ``no_skills``, ``unknown_skill`` (``skill``, ``known``), ``nobody_to_swarm`` (``skill``).
    """
    case = await authorize_case(work, intent.case, "swarm")
    require_status(case, "swarm")
    if case.sensitive:
        raise UserError("swarm_restricted")
    skill = require_skill(work, intent.skill)
    free = await _list_free(work, case, skill, work.actor.user_id)
    if not free:
        raise UserError("nobody_to_swarm", skill=skill.component)
    asked = free[: intent.count]
    for user in asked:
        await _ask(work, case, skill.component, intent.question, intent.count, user)
    said = {"skill": skill.component, "count": len(asked)}
    work.note(case, "swarm", after=said, why=intent.question)
    await refresh_card(work, case)
    return case_answer(case, "notice:swarm_started", skill=skill.component, people=asked)


def require_skill(work: UnitOfWork, name: str) -> Route:
    """The skill of this name, whatever its case and accents.

    Raises UserError ``no_skills`` where the policy has none, else ``unknown_skill``.
    """
    if not work.policy.skills:
        raise UserError("no_skills")
    found = find_route(work.policy.skills, name)
    if found is None:
        raise UserError("unknown_skill", skill=name, known=", ".join(work.policy.skills))
    return found


async def _list_free(work: UnitOfWork, case: Case, skill: Route, asker: str) -> list[str]:
    """Who can be asked for the skill now, those on duty first.

    Without those who are away, known to be no active full members, on the case already, or asked
    for it before, and without ``asker``, who wants the help.
    """
    rota = await load_rota(work)
    rows = await list_helpers(work, case)
    known = {row.user_id for row in rows if row.skill == skill.component or row.ended_at is None}
    holders = set((await role_holders(work.session, case)).values())
    known |= {case.owner, case.reporter, asker, *holders}
    there = [u for u in skill.people if u not in known and u in rota.stand_in([u], work.now)]
    unfit = await list_partless(work, there)
    on_duty = set(rota.watch_at(work.now).people)
    return sorted((u for u in there if u not in unfit), key=lambda user: user not in on_duty)


async def list_helpers(work: UnitOfWork, case: Case) -> Sequence[Helper]:
    """Everybody who was ever asked to help with the case, in the order in which they were.

    Rows of which help or question is over are among them (``ended_at``), so that none is asked for
    the same skill twice. The rows are few, and read anew at each call: answers change them.
    """
    query = select(Helper).where(col(Helper.case_number) == case.number)
    return (await work.session.exec(query.order_by(col(Helper.id)))).all()


async def _ask(
    work: UnitOfWork, case: Case, skill: str, question: str, wanted: int, user: str, by: str = ""
) -> None:
    """Ask one person, with what is asked of them and why it matters.

    ``by`` is who wanted the help, where that is not the actor: the next is asked for the same
    person when another says no or nothing. The DM waits until the channel can be linked. It may
    stay without an answer for ``unseen_after`` of the policy, as a case may stay unseen.
    """
    row = Helper(
        case_number=case.number,
        skill=skill,
        question=question,
        wanted=wanted,
        user_id=user,
        asked_by=by or work.actor.user_id,
        asked_at=work.now,
        next_at=work.now + work.policy.paging.unseen_after,
    )
    work.session.add(row)
    await work.session.flush()
    said = {"helper": row.id, "skill": skill, "by": row.asked_by, "words": question}
    said["reader"] = user
    await effects.queue_dm(work, user, "notice:swarm_asked", case, said, with_channel=True)


async def answer_swarm(work: UnitOfWork, intent: AnswerSwarm) -> Answer | None:
    """Join the case's channel as a helper, or let the next be asked.

    After a silence the next was asked already, so a no then asks none. The channel reads
    ``swarm_joined``: ``user``, ``skill``. Who asked hears ``swarm_nobody`` where no one is left to
    ask and none of the skill helps. Timeline ``answer_swarm``: ``skill``, ``accept``. Raises
    UserError ``no_such_case``, ``not_asked_to_help``, ``swarm_answered``, ``swarm_over`` where the
    case needs no help any more or became restricted.
    """
    case = await work.case(intent.case)
    row = await work.session.get(Helper, intent.helper)
    mine = row is not None and row.case_number == case.number
    if row is None or not mine or row.user_id != work.actor.user_id:
        raise await refuse_unasked(work, case, "not_asked_to_help")
    if row.ended_at is not None or case.sensitive:
        raise UserError("swarm_over")
    if row.state not in WAITING:
        raise UserError("swarm_answered")
    waited_for = row.state is HelpState.ASKED
    row.answered_at, row.next_at = work.now, None
    row.state = HelpState.JOINED if intent.accept else HelpState.DECLINED
    work.session.add(row)
    work.note(case, "answer_swarm", after={"skill": row.skill, "accept": intent.accept})
    if not intent.accept:
        row.ended_at = work.now
        if waited_for and not await _ask_next(work, case, row):
            await _tell_if_none_is_left(work, case, row)
        return case_answer(case, "notice:swarm_declined", skill=row.skill)
    case.helpers = {**case.helpers, row.user_id: row.skill}
    await effects.queue_invite(work, case, [row.user_id])
    said = {"user": row.user_id, "skill": row.skill, "words": row.question}
    await effects.queue_post(work, case, "notice:swarm_joined", said)
    await refresh_card(work, case)
    return case_answer(case, "notice:swarm_welcome", skill=row.skill, words=row.question)


async def ask_instead(work: UnitOfWork, locked: Case, says: Sequence[Reminder]) -> None:
    """Ask another in the place of each who has not answered in time; what was asked stays open.

    ``locked`` is the case, held by the sweep. The message of who was silent says then that another
    was asked; where none was left it stays as it is. Timeline ``swarm_silent``: ``skill``.
    Of a case that became restricted nothing waits any more.
    """
    case = await work.case(locked.number)
    for row in await list_helpers(work, case):
        if row.next_at is None or row.next_at > work.now:
            continue
        row.next_at, row.state = None, HelpState.SILENT
        work.session.add(row)
        work.note(case, "swarm_silent", after={"skill": row.skill})
        if await _ask_next(work, case, row):
            queue_redraw(work, case, "notice:swarm_asked", {"helper": row.id}, {"another": True})
        else:
            await _tell_if_none_is_left(work, case, row)


async def _ask_next(work: UnitOfWork, case: Case, row: Helper) -> bool:
    """Ask another in the place of who said no or nothing; answers whether one was left to ask.

    A skill that the policy has lost meanwhile has no one to ask.
    """
    skill = find_route(work.policy.skills, row.skill)
    free = await _list_free(work, case, skill, row.asked_by) if skill else []
    if not free:
        return False
    await _ask(work, case, row.skill, row.question, row.wanted, free[0], row.asked_by)
    return True


async def _tell_if_none_is_left(work: UnitOfWork, case: Case, row: Helper) -> None:
    """Tell the asker, once, that no one of the skill helps or still has time to answer.

    ``count`` is how many have not answered, who may still join. What becomes of these later tells
    nothing more, so it is said once until help is asked for anew.
    """
    others = [each for each in await list_helpers(work, case) if each.skill == row.skill]
    open_now = [each.state for each in others if each.ended_at is None]
    if all(state is HelpState.SILENT for state in open_now):
        said = {"skill": row.skill, "count": len(open_now)}
        await effects.queue_dm(work, row.asked_by, "notice:swarm_nobody", case, said)


async def leave_swarm(work: UnitOfWork, intent: LeaveSwarm) -> Answer | None:
    """Help no more, and be thanked; the owner hears of it. Raises UserError ``no_helper``."""
    case = await work.case(intent.case)
    rows = [
        row
        for row in await list_helpers(work, case)
        if row.user_id == work.actor.user_id and row.state is HelpState.JOINED
    ]
    helping = [row for row in rows if row.ended_at is None]
    if not helping:
        raise await refuse_unasked(work, case, "no_helper")
    work.note(case, "leave_swarm", after={"skill": helping[0].skill})
    for row in helping:
        row.ended_at = work.now
        work.session.add(row)
    gone = work.actor.user_id
    case.helpers = {user: skill for user, skill in case.helpers.items() if user != gone}
    said = {"user": gone, "skill": helping[0].skill}
    if case.owner != gone and not case.sensitive:
        await effects.queue_dm(work, case.owner, "notice:swarm_left", case, said)
    await refresh_card(work, case)
    return case_answer(case, "notice:swarm_thanks", **_thanks(case, helping[0]))


async def thank_helpers(work: UnitOfWork, event: CaseResolved | CaseClosed | CaseDismissed) -> None:
    """Thank each who helps, once, with what came of it; end the questions without an answer."""
    case = event.case
    for row in await list_helpers(work, case):
        if row.ended_at is not None:
            continue
        row.ended_at, row.next_at = work.now, None
        work.session.add(row)
        if row.state is HelpState.JOINED and row.user_id in case.helpers:
            thanks = _thanks(case, row)
            await effects.queue_dm(work, row.user_id, "notice:swarm_thanks", case, thanks)
    case.helpers = {}


async def part_with_helpers(work: UnitOfWork, event: CaseRestricted) -> None:
    """A case that became restricted is for those on it alone: helpers are not, without a role.

    They are told nothing, since there is nothing that they may hear of it any more.
    """
    for row in await list_helpers(work, event.case):
        row.ended_at, row.next_at = row.ended_at or work.now, None
        work.session.add(row)
    event.case.helpers = {}


def _thanks(case: Case, row: Helper) -> dict[str, Any]:
    """What ``swarm_thanks`` says: ``skill``, ``by`` (who asked), ``outcome`` of the work so far.

    The outcome is the resolution as it was described, else the workaround; empty while neither is
    known, and then the words refer to the record. Of a restricted case it is not shown.
    """
    outcome = case.resolution_note or case.workaround_note
    return {"skill": row.skill, "by": row.asked_by, "outcome": outcome}

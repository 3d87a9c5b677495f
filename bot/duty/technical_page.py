"""The page of the technical lead: they have the case, or cannot, and the next is asked at once.

Answers are kept beside the manager's (``Case.paged``) as those of one who is only to know, so they
end no page to take the case.
"""

from dataclasses import replace
from typing import ClassVar

from bot import effects
from bot.core.access import (
    give_card,
    is_called,
    named_for,
    organisational_roles,
    read_pages,
    role_holders,
)
from bot.core.steps import (
    authorize_case,
    case_answer,
    give_role,
    keep_pages,
    refresh_card,
    release_role,
    require_status,
)
from bot.duty.on_duty import load_rota
from bot.engine.actors import SYSTEM
from bot.engine.inbox import Answer
from bot.engine.intent import OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.facts import PageFacts
from bot.rules.states import PageAnswer, Turn
from bot.rules.words import Notice, Role
from storage.models import Case

LEAD = Role.TECHNICAL_LEAD


class TakeTechnicalPage(OnCase):
    """Say as the case's technical lead that one has it."""

    verb: ClassVar[str] = "have_page"


async def have_page(work: UnitOfWork, intent: TakeTechnicalPage) -> Answer | None:
    """Note that the technical lead has the case; pressed again, nothing changes.

    The channel reads ``notice:technical_has_it`` (``user``). Timeline ``have_page``. Raises
    UserError ``wrong_status``, ``not_technical_lead`` for any other person.
    """
    case = await authorize_case(work, intent.case, "have_page")
    require_status(case, "have_page")
    me = work.actor.user_id
    if (await role_holders(work.session, case)).get(LEAD) != me:
        raise UserError("not_technical_lead")
    mine = _page_of(case, me) or PageFacts(me, LEAD, Turn.KNOWS, work.now)
    if mine.role is LEAD and mine.answer is PageAnswer.TOOK:
        return None
    if mine.role is LEAD:
        _keep_answer(work, case, mine, PageAnswer.TOOK)
    work.note(case, "have_page")
    await effects.queue_post(work, case, "notice:technical_has_it", {"user": me})
    await refresh_card(work, case)
    return None


def _page_of(case: Case, user: str) -> PageFacts | None:
    """The page of the case under this person's name, for any role; None where there is none."""
    return next((page for page in read_pages(case.paged) if page.user == user), None)


def _keep_answer(work: UnitOfWork, case: Case, page: PageFacts, answer: PageAnswer) -> None:
    """Keep the answer under the person's name, where no page to take the case stands there."""
    others = [each for each in read_pages(case.paged) if each.user != page.user]
    said = replace(page, answer=answer, answered_at=work.now, again_at=None)
    keep_pages(case, [*others, said])


async def declines_as_lead(work: UnitOfWork, case: Case) -> bool:
    """Whether the actor says no as the technical lead, and not as one who could take the case."""
    me = work.actor.user_id
    leads = (await role_holders(work.session, case)).get(LEAD) == me
    manages = Role.ESCALATION_MANAGER in organisational_roles(work.policy, me)
    return leads and not manages and case.owner != me and not is_called(case, me)


async def decline_as_lead(work: UnitOfWork, case: Case, reason: str) -> Answer:
    """Free the role, and ask the next technical lead who is there and has not said no.

    The channel reads ``notice:technical_declined``: ``silent``, who said no, ``user``, who is asked
    now, empty for no one, ``remark``. The next reads ``notice:technical_paged`` with the same.
    Timeline ``decline_page``: ``user``. The answer says who is asked.
    """
    me = work.actor.user_id
    _keep_answer(work, case, PageFacts(me, LEAD, Turn.KNOWS, work.now), PageAnswer.CANNOT)
    await release_role(work, case, LEAD)
    await work.session.flush()
    user = await _find_lead(work, case)
    said = {"silent": me, "user": user, "remark": reason}
    if user:
        await give_role(work, case, LEAD, user, given_by=SYSTEM)
        await effects.queue_invite(work, case, [user])
        loud = {"role": LEAD.value, "notice": Notice.PAGE.value, "reader": user}
        card = {"card": True} if await give_card(work, case, LEAD, user) else {}
        await effects.queue_dm(
            work, user, "notice:technical_paged", case, said | loud | card,
            priority=effects.OPENING + case.severity, with_channel=True,
        )  # fmt: skip
    await effects.queue_post(work, case, "notice:technical_declined", said, priority=effects.BREACH)
    if not user and case.owner != me:
        await effects.queue_dm(work, case.owner, "notice:technical_declined", case, said)
    work.note(case, "decline_page", after={"user": user}, why=reason)
    await refresh_card(work, case)
    return case_answer(case, "notice:page_passed", user=user, role=LEAD.value)


async def _find_lead(work: UnitOfWork, case: Case) -> str:
    """The next technical lead of the policy; empty where no one is left."""
    no = {p.user for p in read_pages(case.paged) if p.answer is PageAnswer.CANNOT}
    rota = await load_rota(work)
    there = rota.stand_in(named_for(work.policy, LEAD), work.now)
    return next((user for user in there if user not in no), "")

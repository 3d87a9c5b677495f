"""People who left, on open cases: their roles pass on, and the people concerned hear of it.

A person whom Slack does not count as an active full member any more cannot be reached. What they
held goes to the next whom the policy names; where there is none, the card says so. It is done by
what the store knows, so it does not matter who noticed or how often this runs: a second run finds
nothing to change. Each case has a transaction of its own, all problems share one.
``bot.operations.roster`` calls it whenever the policy's people were resolved anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import or_, union
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.cases.action_items import pass_action
from bot.cases.handover import clock_of, make_offer, offer_facts
from bot.core import unreachable
from bot.core.access import administrators, give_card, named_for, role_holders
from bot.core.steps import give_role, mark_filled, pass_calls_on, refresh_card, release_role
from bot.duty.on_duty import on_duty
from bot.duty.summary import summarize_case
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.problems.steps import note_problem
from bot.rules.facts import UnreachedFacts
from bot.rules.lifecycle import LIVE
from bot.rules.membership import UNFIT, Unfilled
from bot.rules.states import HandoverState, ProblemState
from bot.rules.words import Role
from bot.sla import clocks
from bot.sponsorship.pass_on import replace_left_sponsors
from bot.subjects import is_known_issue
from storage.in_hand import rows_about
from storage.models import ActionItem, Case, CaseRole, Digest, Handover, KnownIssue, Person, Problem

# Roles that pass to the next one named; an account's people have no such next.
INHERITED = (Role.TECHNICAL_LEAD, Role.EXECUTIVE_OWNER, Role.LEGAL, Role.SUPPORT_LEAD,
             Role.DIRECTOR, Role.COMMS_APPROVER, Role.FACILITATOR)  # fmt: skip
RECORD = (Role.REPORTER,)  # who it was stays true

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Passed:
    """A role that passed on: from whom, why, and who has it now; ``heir`` is None for none."""

    role: Role
    user: str
    reason: Unfilled
    heir: str | None


async def replace_departed(services: WorkServices) -> int:
    """Replace people who left, on open cases and problems; answers how many of these changed.

    A case that fails is logged as ``departure_failed`` and left for the next run; the others go on.
    """
    async with services.database.read() as session:
        numbers = await _concerned(session)
    changed = 0
    for number in numbers:
        try:
            changed += await _part_in(services, number)
        except Exception as fault:  # the others need not wait for this one
            log.error("departure_failed", case=number, exc_info=fault)
    changed += await _part_in_problems(services)
    changed += await replace_left_sponsors(services)
    await _end_digests(services)
    return changed


async def _part_in_problems(services: WorkServices) -> int:
    """Give the open problems of owners who left to the person on duty, else to their openers.

    Known issues that customers wait for too. All of them are locked in one transaction, in the
    order of their numbers.
    """
    gone = select(Person.user_id).where(col(Person.standing).in_(sorted(UNFIT)))
    ended = select(KnownIssue.number).where(col(KnownIssue.ended_at).is_not(None))
    query = select(Problem).where(
        col(Problem.state) != ProblemState.RESOLVED,
        (col(Problem.state) == ProblemState.OPEN) | col(Problem.number).not_in(ended),
        col(Problem.owner).in_(gone),
    )
    query = query.order_by(col(Problem.number)).with_for_update()
    async with UnitOfWork.begin(services, Actor(SYSTEM, "roster"), new_reference()) as work:
        left = (await work.session.exec(query)).all()
        return sum([await _pass_problem(work, problem) for problem in left])


async def _pass_problem(work: UnitOfWork, problem: Problem) -> bool:
    """Give the problem to its heir, post it and invite them; False where they cannot be reached.

    The notice's extra carries the users ``left`` and ``heir``.
    """
    before, heir = problem.owner, await on_duty(work) or problem.opened_by
    if await unreachable.list_unfit(work.session, [heir]):
        return False
    problem.owner = heir
    said = {"left": before, "heir": heir}
    note_problem(work, problem, "owner_left", **said)
    if not is_known_issue(problem):
        await effects.queue_invite(work, problem, {heir})
    await effects.queue_post(work, problem, "problem:owner_left", said)
    await effects.queue_dm(work, heir, "problem:owner_left", problem, said)
    await effects.queue_card(work, problem)
    return True


async def _concerned(session: AsyncSession) -> Sequence[int]:
    """The cases that have an action item of a person who left, or, while open, more of theirs.

    That is an owner, a role or an offered handover. Reporters do not count: who reported a case
    stays true. Numbers come sorted.
    """
    live = col(Case.status).in_([status.value for status in LIVE])
    gone = select(Person.user_id).where(col(Person.standing).in_(sorted(UNFIT)))
    owned = select(Case.number).where(live, col(Case.owner).in_(gone))
    roles = (
        select(Case.number)
        .join(CaseRole, col(CaseRole.case_number) == col(Case.number))
        .where(
            live,
            col(CaseRole.user_id).in_(gone),
            col(CaseRole.role).not_in([role.value for role in RECORD]),
        )
    )
    offered = (
        select(Case.number)
        .join(Handover, col(Handover.case_number) == col(Case.number))
        .where(
            live, col(Handover.state) == HandoverState.OFFERED, col(Handover.offered_to).in_(gone)
        )
    )
    acting = select(ActionItem.case_number).where(
        col(ActionItem.done_at).is_(None),
        or_(col(ActionItem.owner).in_(gone), col(ActionItem.offered_to).in_(gone)),
    )
    rows = await session.exec(union(owned, roles, offered, acting))  # type: ignore[call-overload]
    return sorted(row[0] for row in rows.all())


async def _part_in(services: WorkServices, number: int) -> bool:
    """Lock one case and pass on what the departed held; False when nothing had to change."""
    async with UnitOfWork.begin(services, Actor(SYSTEM, "roster"), new_reference()) as work:
        case = await work.case(number)
        live = case.status in LIVE
        offers = await _withdraw_offers(work, case) if live else 0
        passed = await _pass_on(work, case) if live else []
        actions = await _pass_actions(work, case)
        if not passed and not offers and not actions:
            return False
        await _tell(work, case, passed)
        await refresh_card(work, case)
        return True


async def _pass_on(work: UnitOfWork, case: Case) -> list[Passed]:
    """Give what the departed held to others; roles without an heir are marked on the case."""
    holders = await role_holders(work.session, case)
    gone = await unreachable.list_unfit(work.session, [case.owner, *holders.values()])
    passed: list[Passed] = []
    if case.owner in gone and (new := await _manager(work, case, gone[case.owner], holders)):
        passed.append(new)
    for role, user in holders.items():
        if user in gone and role not in (*RECORD, Role.ESCALATION_MANAGER):
            heir = await _inherit(work, case, role, user)
            passed.append(Passed(role, user, gone[user], heir))
    lost = [UnreachedFacts(p.role, p.user, p.reason) for p in passed if p.heir is None]
    unreachable.mark_unreachable(case, lost)
    return passed


async def _pass_actions(work: UnitOfWork, case: Case) -> int:
    """Give the open action items of those who left to the case's owner; returns how many.

    None where the owner has left too: an ended case keeps its owner, and the next run looks again.
    """
    items = await rows_about(work.session, ActionItem, case.number)
    waiting = [item for item in items if item.done_at is None]
    people = {person for item in waiting for person in (item.owner, item.offered_to) if person}
    gone = await unreachable.list_unfit(work.session, [case.owner, *people])
    for item in waiting:
        if item.offered_to in gone:
            item.offered_to = item.offered_by = ""
            work.session.add(item)
    if case.owner in gone:
        return 0
    lost = [item for item in waiting if item.owner in gone]
    for item in lost:
        await pass_action(work, case, item, case.owner)
    return len(lost)


async def _manager(
    work: UnitOfWork, case: Case, why: Unfilled, holders: dict[Role, str]
) -> Passed | None:
    """Give the case to the next on duty, else to its reporter.

    None where neither can be reached and the card says so already, which keeps repeated runs quiet;
    the first time a ``Passed`` without heir is returned.
    """
    left = case.owner
    named_heir = await on_duty(work)
    heir = named_heir or await _reporter(work, case)
    if heir is None and Role.ESCALATION_MANAGER.value in case.unreached:
        return None
    if heir is not None and Role.ESCALATION_MANAGER in holders:
        by = SYSTEM if named_heir else None  # the reporter has it for want of another
        await give_role(work, case, Role.ESCALATION_MANAGER, heir, given_by=by)
    elif heir is not None:
        case.owner = heir
        await pass_calls_on(work, case)
        mark_filled(case, Role.ESCALATION_MANAGER)
    return Passed(Role.ESCALATION_MANAGER, left, why, heir)


async def _reporter(work: UnitOfWork, case: Case) -> str | None:
    """The person who opened the case, while they can be reached."""
    gone = await unreachable.list_unfit(work.session, [case.reporter])
    return None if case.reporter in gone else case.reporter


async def _inherit(work: UnitOfWork, case: Case, role: Role, left: str) -> str | None:
    """Give an ``INHERITED`` role to the first other person named by the policy, and return them.

    Without one the role is released, with the focus of a technical lead, and None returned.
    """
    heirs = [u for u in named_for(work.policy, role) if u != left] if role in INHERITED else []
    if heirs:
        await give_role(work, case, role, heirs[0], given_by=SYSTEM)
        return heirs[0]
    await release_role(work, case, role)
    await work.session.flush()
    return None


async def _withdraw_offers(work: UnitOfWork, case: Case) -> int:
    """Take back each handover offered to a person who left, and tell the one who offered it.

    The offer ends as refused and its clock is cancelled; the role stays where it was. What was an
    offer of the case itself is made anew to the person on duty, unless they offered it. Returns how
    many were taken back.
    """
    query = select(Handover).where(
        col(Handover.case_number) == case.number, col(Handover.state) == HandoverState.OFFERED
    )
    offers = (await work.session.exec(query)).all()
    gone = await unreachable.list_unfit(work.session, [offer.offered_to for offer in offers])
    lost = [offer for offer in offers if offer.offered_to in gone]
    for offer in lost:
        offer.state, offer.answered_at = HandoverState.REFUSED, work.now
        work.session.add(offer)
        await clocks.cancel_clocks(work, case, clock_of(offer))
        role = Role(offer.role)
        missed = [UnreachedFacts(role, offer.offered_to, gone[offer.offered_to])]
        work.note(case, "left", after={"role": offer.role, "user": offer.offered_to})
        extra = {"unreached": await unreachable.rows_of(work, case, missed)}
        await effects.queue_dm(work, offer.offered_by, "notice:unreached", case, extra)
        if role is Role.ESCALATION_MANAGER:
            await _offer_onward(work, case, offer)
    return len(lost)


async def _offer_onward(work: UnitOfWork, case: Case, offer: Handover) -> None:
    """Offer the case to the person on duty, with the summary of the offer that was taken back.

    Nothing happens where that is the one who offered it, or who has the case.
    """
    heir = await on_duty(work)
    stale = await unreachable.list_unfit(work.session, [offer.offered_by])
    if heir is None or heir in (offer.offered_by, case.owner) or stale:
        return
    role, by = Role.ESCALATION_MANAGER, offer.offered_by
    onward = await make_offer(work, case, role, heir, offer.summary, by=by)
    said = offer_facts(onward)
    await effects.queue_dm(work, heir, "notice:handover_offered", case, said)


async def _tell(work: UnitOfWork, case: Case, passed: Sequence[Passed]) -> None:
    """Tell the channel and the owner who cannot be reached, and each heir what they have now.

    The heir of the case itself reads how it stands as well (``shift:inherited``).

    Administrators are told when the case is left without an owner who can be reached. The timeline
    entry ``left`` carries ``role``, ``user``, ``standing`` (the reason) and, if any, ``heir``.
    """
    if not passed:
        return
    for each in passed:
        said = {"role": each.role.value, "user": each.user, "standing": each.reason.value}
        work.note(case, "left", after=said | ({"heir": each.heir} if each.heir else {}))
        if each.heir:
            await _introduce(work, case, each.role, each.heir)
        if each.heir and each.role is Role.ESCALATION_MANAGER:
            lines = [await summarize_case(work.session, case, work.now)]
            facts = {"by": each.user, "cases": lines}
            await effects.queue_dm(work, each.heir, "shift:inherited", None, facts)
        elif not each.heir and each.role is Role.ESCALATION_MANAGER:
            for user in administrators(work.policy):
                await effects.queue_dm(work, user, "notice:owner_missing", case)
    missed = [UnreachedFacts(each.role, each.user, each.reason) for each in passed]
    extra = {"unreached": await unreachable.rows_of(work, case, missed)}
    await effects.queue_post(work, case, "notice:unreached", extra)
    await effects.queue_dm(work, case.owner, "notice:unreached", case, extra)


async def _introduce(work: UnitOfWork, case: Case, role: Role, heir: str) -> None:
    """Invite the heir and send the role's card, or a short notice where they had it lately."""
    await effects.queue_invite(work, case, [heir])
    name = "role_card" if await give_card(work, case, role, heir) else "role_given"
    said = {"role": role.value, "user": heir}
    await effects.queue_dm(work, heir, f"notice:{name}", case, said, with_channel=True)


async def _end_digests(services: WorkServices) -> None:
    """Delete the morning summaries of people who left; one who comes back orders it anew."""
    gone = select(Person.user_id).where(col(Person.standing).in_(sorted(UNFIT)))
    async with services.database.write() as session:
        query = select(Digest).where(col(Digest.user_id).in_(gone))
        for row in (await session.exec(query)).all():
            await session.delete(row)

"""People who left, on open cases: their roles pass on, and everybody concerned hears of it.

Whoever Slack does not count as an active full member any more cannot be reached. What they held
goes to the next whom the policy names; where there is nobody, the card says so. It is done by
what the store knows, so it does not matter who noticed or how often this runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import union
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.cases.claim import has_held_role
from bot.cases.handover import clock_of
from bot.cases.open import on_duty
from bot.core import unreachable
from bot.core.access import administrators, named_for, role_holders
from bot.core.steps import give_role, mark_filled, refresh_card
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.problems.steps import note_problem
from bot.rules.facts import UnreachedFacts
from bot.rules.lifecycle import LIVE
from bot.rules.membership import UNFIT
from bot.rules.states import HandoverState, ProblemState
from bot.rules.words import Role, Unfilled
from bot.sla import clocks
from storage.models import Case, CaseRole, Digest, Handover, Person, Problem

# Roles that pass to the next one named; an account's people have no such next.
INHERITED = (Role.TECHNICAL_LEAD, Role.EXECUTIVE_OWNER, Role.LEGAL, Role.SUPPORT_LEAD,
             Role.DIRECTOR, Role.COMMS_APPROVER, Role.FACILITATOR)  # fmt: skip
RECORD = (Role.REPORTER,)  # who it was stays true

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Passed:
    """A role that passed on: whom it was taken from, why, and who has it now, if anybody."""

    role: Role
    user: str
    reason: Unfilled
    heir: str | None


async def replace_departed(services: WorkServices) -> int:
    """Replace whoever left on open cases; answers on how many of them something changed."""
    async with services.database.read() as session:
        numbers = await _concerned(session)
    changed = 0
    for number in numbers:
        try:
            changed += await _part_in(services, number)
        except Exception as fault:  # the others need not wait for this one
            log.error("departure_failed", case=number, exc_info=fault)
    changed += await _part_in_problems(services)
    await _end_digests(services)
    return changed


async def _part_in_problems(services: WorkServices) -> int:
    """Give the open problems of owners who left to whoever is on duty, else to their openers."""
    gone = select(Person.user_id).where(col(Person.standing).in_(sorted(UNFIT)))
    query = select(Problem).where(
        col(Problem.state) == ProblemState.OPEN, col(Problem.owner).in_(gone)
    )
    query = query.order_by(col(Problem.number)).with_for_update()
    async with UnitOfWork.begin(services, Actor(SYSTEM, "roster"), new_reference()) as work:
        left = (await work.session.exec(query)).all()
        return sum([await _pass_problem(work, problem) for problem in left])


async def _pass_problem(work: UnitOfWork, problem: Problem) -> bool:
    before, heir = problem.owner, await on_duty(work) or problem.opened_by
    if await unreachable.list_unfit(work.session, [heir]):
        return False
    problem.owner = heir
    said = {"left": before, "heir": heir}
    note_problem(work, problem, "owner_left", **said)
    await effects.queue_invite(work, problem, {heir})
    await effects.queue_post(work, problem, "problem:owner_left", said)
    await effects.queue_dm(work, heir, "problem:owner_left", problem, said)
    await effects.queue_card(work, problem)
    return True


async def _concerned(session: AsyncSession) -> Sequence[int]:
    """The open cases on which somebody has something who cannot be reached."""
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
    rows = await session.exec(union(owned, roles, offered))  # type: ignore[call-overload]
    return sorted(row[0] for row in rows.all())


async def _part_in(services: WorkServices, number: int) -> bool:
    async with UnitOfWork.begin(services, Actor(SYSTEM, "roster"), new_reference()) as work:
        case = await work.case(number)
        offers = await _withdraw_offers(work, case)
        passed = await _pass_on(work, case)
        if not passed and not offers:
            return False
        await _tell(work, case, passed)
        await refresh_card(work, case)
        return True


async def _pass_on(work: UnitOfWork, case: Case) -> list[Passed]:
    """Give what the departed held to others, where there is anybody."""
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


async def _manager(
    work: UnitOfWork, case: Case, why: Unfilled, holders: dict[Role, str]
) -> Passed | None:
    """The next one on duty has the case; None where that is nobody, and the card says it."""
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
        mark_filled(case, Role.ESCALATION_MANAGER)
    return Passed(Role.ESCALATION_MANAGER, left, why, heir)


async def _reporter(work: UnitOfWork, case: Case) -> str | None:
    """Whoever opened the case, while they are there."""
    gone = await unreachable.list_unfit(work.session, [case.reporter])
    return None if case.reporter in gone else case.reporter


async def _inherit(work: UnitOfWork, case: Case, role: Role, left: str) -> str | None:
    heirs = [u for u in named_for(work.policy, role) if u != left] if role in INHERITED else []
    if heirs:
        await give_role(work, case, role, heirs[0], given_by=SYSTEM)
        return heirs[0]
    row = await work.session.get(CaseRole, (case.number, role.value))
    if row is not None:
        await work.session.delete(row)
        await work.session.flush()
    return None


async def _withdraw_offers(work: UnitOfWork, case: Case) -> int:
    """An offer to somebody who left waits for nobody: it is taken back, and its maker told."""
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
    return len(lost)


async def _tell(work: UnitOfWork, case: Case, passed: Sequence[Passed]) -> None:
    """The channel and the owner hear who cannot be reached; whoever stands in, what they have."""
    if not passed:
        return
    for each in passed:
        said = {"role": each.role.value, "user": each.user, "standing": each.reason.value}
        work.note(case, "left", after=said | ({"heir": each.heir} if each.heir else {}))
        if each.heir:
            await _introduce(work, case, each.role, each.heir)
        elif each.role is Role.ESCALATION_MANAGER:
            for user in administrators(work.policy):
                await effects.queue_dm(work, user, "notice:owner_missing", case)
    missed = [UnreachedFacts(each.role, each.user, each.reason) for each in passed]
    extra = {"unreached": await unreachable.rows_of(work, case, missed)}
    await effects.queue_post(work, case, "notice:unreached", extra)
    await effects.queue_dm(work, case.owner, "notice:unreached", case, extra)


async def _introduce(work: UnitOfWork, case: Case, role: Role, heir: str) -> None:
    await effects.queue_invite(work, case, [heir])
    known = await has_held_role(work, case, role, heir)
    name = "role_given" if known else "role_card"
    said = {"role": role.value, "user": heir}
    await effects.queue_dm(work, heir, f"notice:{name}", case, said, with_channel=True)


async def _end_digests(services: WorkServices) -> None:
    """Nobody who left gets a morning summary."""
    gone = select(Person.user_id).where(col(Person.standing).in_(sorted(UNFIT)))
    async with services.database.write() as session:
        query = select(Digest).where(col(Digest.user_id).in_(gone))
        for row in (await session.exec(query)).all():
            await session.delete(row)

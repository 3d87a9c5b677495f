"""Taking charge of a case, and giving roles on it.

The escalation manager of a case is always its ``owner``. A role that a person took themselves has
no ``given_by`` and does not count where the permission table asks for entrusted roles
(``bot/rules/permissions.py``).
"""

from typing import ClassVar

from bot import effects
from bot.core.access import entrusted_roles, give_card, named_for, role_giver, role_holders
from bot.core.involved import require_player, require_uninvolved
from bot.core.steps import (
    authorize_case,
    begin_investigating,
    case_answer,
    end_pages,
    give_role,
    refresh_card,
    require_status,
    take_step,
)
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, OnCase, SlackUser
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.words import ClockKind, Role, Status
from bot.sla import clocks
from storage.models import Case

SENIOR = (Role.SUPPORT_LEAD, Role.DIRECTOR)  # who may take a case from its owner
# Powers of the whole organisation: a case cannot lend them to others.
ORGANISATIONAL = frozenset(
    {Role.SUPPORT_LEAD, Role.DIRECTOR, Role.FINANCE_APPROVER, Role.COMMS_APPROVER, Role.AUDITOR,
     Role.ADMINISTRATOR, Role.LEGAL}
)  # fmt: skip


class Claim(OnCase):
    """Take charge of the case as its escalation manager."""

    verb: ClassVar[str] = "claim"


class Assign(OnCase):
    """Give a role on the case to a person, in place of the one who has it."""

    verb: ClassVar[str] = "assign"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    role: Role
    user: SlackUser


async def claim_case(work: UnitOfWork, intent: Claim) -> Answer | None:
    """Become the case's escalation manager.

    A new case is acknowledged by it, which stops that clock. From an owner only a support lead or
    director may take it, as the policy names them. Timeline ``claim``: ``status`` and ``owner``,
    before and after. The new owner is invited to the channel, which reads ``notice:claimed``
    (``user``). The actor is answered with the role's card, where they did not get it lately
    (``give_card``), else with one line. Raises UserError ``wrong_status``, ``already_yours``,
    ``already_claimed`` (``owner``: who has it).
    """
    case = await authorize_case(work, intent.case, "claim")
    require_status(case, "claim")
    before = {"status": case.status, "owner": case.owner}
    if case.status == Status.NEW:
        await acknowledge_case(work, case)
    else:
        _may_take_over(work, case)
        await give_role(work, case, Role.ESCALATION_MANAGER, work.actor.user_id)
    work.note(case, "claim", before=before, after={"status": case.status, "owner": case.owner})
    await effects.queue_invite(work, case, [case.owner])
    await effects.queue_post(work, case, "notice:claimed", {"user": case.owner})
    await refresh_card(work, case)
    if await give_card(work, case, Role.ESCALATION_MANAGER, case.owner):
        return case_answer(case, "notice:role_card", role=Role.ESCALATION_MANAGER.value)
    return case_answer(case, "notice:claimed", user=case.owner, yours=True)


async def claim_as_paged(work: UnitOfWork, case: Case) -> None:
    """Take a new case on as the actor, who acknowledged its page outside Slack.

    Timeline and channel are those of ``claim_case``; the person is told nothing privately but the
    role's card, where they did not get it lately.
    """
    before = {"status": case.status, "owner": case.owner}
    await acknowledge_case(work, case)
    work.note(case, "claim", before=before, after={"status": case.status, "owner": case.owner})
    await effects.queue_invite(work, case, [case.owner])
    await effects.queue_post(work, case, "notice:claimed", {"user": case.owner})
    if await give_card(work, case, Role.ESCALATION_MANAGER, case.owner):
        said = {"role": Role.ESCALATION_MANAGER.value, "user": case.owner}
        await effects.queue_dm(work, case.owner, "notice:role_card", case, said, with_channel=True)
    await refresh_card(work, case)


def _may_take_over(work: UnitOfWork, case: Case) -> None:
    """Raises UserError ``already_yours``, or ``already_claimed`` for an actor who is not senior."""
    if case.owner == work.actor.user_id:
        raise UserError("already_yours")
    if not any(work.actor.user_id in named_for(work.policy, role) for role in SENIOR):
        raise UserError("already_claimed", owner=case.owner)


async def acknowledge_case(work: UnitOfWork, case: Case, *, given_by: str | None = None) -> None:
    """Take a new case on, as the actor: status, role and clock.

    ``given_by`` is who answers for their role; None where they took it themselves. The case goes on
    to investigating at once where the customer was already answered with a promise.
    """
    await take_step(work, case, "claim")
    manager = Role.ESCALATION_MANAGER
    await give_role(work, case, manager, work.actor.user_id, given_by=given_by)
    await clocks.stop_clock(work, case, ClockKind.ACKNOWLEDGE)
    end_pages(work, case)
    await begin_investigating(work, case)


async def assign_role(work: UnitOfWork, intent: Assign) -> Answer | None:
    """Give a role to a person, who is invited to the channel and told what it asks of them.

    Timeline ``assign``: ``role`` and ``user``, before (None where the role was free) and after. The
    DM waits until the channel can be linked: ``notice:role_card`` where they did not get the card
    lately, else ``notice:role_given``. Who gives it to themselves is answered with the card.
    Raises UserError ``wrong_status`` and as ``require_assignable``.
    """
    case = await authorize_case(work, intent.case, "assign")
    require_status(case, "assign")
    await require_assignable(work, case, intent.role, intent.user)
    by = await role_giver(work, case, intent.role, intent.user, work.actor.user_id)
    previous = await give_role(work, case, intent.role, intent.user, given_by=by)
    work.note(
        case,
        "assign",
        before={"role": intent.role.value, "user": previous},
        after={"role": intent.role.value, "user": intent.user},
    )
    await effects.queue_invite(work, case, [intent.user])
    given = {"role": intent.role.value, "user": intent.user}
    await effects.queue_post(work, case, "notice:role_given", given)
    card = await give_card(work, case, intent.role, intent.user)
    if intent.user != work.actor.user_id:
        name = "role_card" if card else "role_given"
        await effects.queue_dm(work, intent.user, f"notice:{name}", case, given, with_channel=True)
    await refresh_card(work, case)
    own = card and intent.user == work.actor.user_id
    return case_answer(case, "notice:role_card", role=intent.role.value) if own else None


async def _confirms(work: UnitOfWork, case: Case, role: Role, user: str) -> bool:
    """True when a role that a person took themselves is given to them by the actor now.

    That changes who answers for it, so it is no repetition.
    """
    trusted = role in await entrusted_roles(work.session, work.policy, user, case)
    return not trusted and bool(await role_giver(work, case, role, user, work.actor.user_id))


async def require_assignable(work: UnitOfWork, case: Case, role: Role, user: str) -> None:
    """Refuse a role that cannot be given, is theirs already, or is not the case's to lend.

    Raises UserError ``reporter_is_fixed``, ``already_in_role`` (unless the actor's giving it makes
    it count), ``not_in_this_drill``, ``not_named_for_role`` for a role of the whole organisation,
    which has effect beyond the case, where the policy names others for it, and as
    ``require_uninvolved``.
    """
    if role is Role.REPORTER:
        raise UserError("reporter_is_fixed")
    require_player(case, user)
    holds = (await role_holders(work.session, case)).get(role) == user
    if holds and not await _confirms(work, case, role, user):
        raise UserError("already_in_role", user=user, role=role.value)
    if role is Role.FACILITATOR:
        await require_uninvolved(work, case, user)
    people = named_for(work.policy, role)
    if role in ORGANISATIONAL and work.policy.names(role) and user not in people:
        raise UserError("not_named_for_role", user=user, role=role.value)

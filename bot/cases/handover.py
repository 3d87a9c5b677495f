"""Handing a role over: offered with a summary, then accepted, or refused with a reason.

Until it is accepted the role stays where it is. One offer of a role may be open on a case at a
time. Each offer runs a clock of its own, ``handoff:<id>``, with the policy's target. An offer is
taken back by ``withdrawal``, which leaves a refusal without a reason.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlmodel import col, select

from bot import effects
from bot.cases.claim import acknowledge_case, require_assignable
from bot.core.access import (
    all_roles,
    give_card,
    named_for,
    require_permission,
    role_giver,
    role_holders,
)
from bot.core.steps import authorize_case, case_answer, give_role, refresh_card, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Hidden, OnCase, OptionalText, SlackUser, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.permissions import MANAGERS
from bot.rules.policy.routing import find_route
from bot.rules.states import HandoverState
from bot.rules.words import ClockKind, Role, Status
from bot.sla import clocks
from storage.models import Case, Handover

HISTORY_SHOWN = 10  # refusals in one message
BOUNCES = 3  # refusals of one role after which its owner and the support lead hear of it


class HandOver(OnCase):
    """Offer a role on the case to a person, with what they need to know.

    ``summary`` is shown to them with the offer and stays in the timeline.
    """

    verb: ClassVar[str] = "hand_over"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    role: Role
    user: SlackUser
    summary: Text


class AnswerHandover(OnCase):
    """Accept an offered role, or refuse it with a reason.

    ``reason`` may be empty only where ``accept`` is true.
    """

    verb: ClassVar[str] = "answer_handover"
    handover: Hidden[int]
    accept: Hidden[bool]
    reason: OptionalText = ""


async def offer_handover(work: UnitOfWork, intent: HandOver) -> Answer | None:
    """Offer a role to a person and start the offer's clock.

    Timeline ``hand_over``: ``handover`` (id), ``role``, ``user``; the summary is the why. The DM to
    them carries ``offer_facts``. Raises UserError ``wrong_status``, ``handover_to_yourself``,
    ``not_your_role_to_give``, ``handover_waits`` and as ``require_assignable``.
    """
    case = await authorize_case(work, intent.case, "hand_over")
    require_status(case, "hand_over")
    await _may_offer(work, case, intent)
    offer = await make_offer(work, case, intent.role, intent.user, intent.summary)
    await effects.queue_dm(
        work, offer.offered_to, "notice:handover_offered", case, offer_facts(offer)
    )
    await refresh_card(work, case)
    return None


async def make_offer(
    work: UnitOfWork, case: Case, role: Role, user: str, summary: str, *, by: str = ""
) -> Handover:
    """Store an offer of a role and start its clock; to tell the person is the caller's.

    ``by`` is who offers it, where that is not the actor.
    """
    offer = Handover(
        case_number=case.number,
        role=role.value,
        offered_by=by or work.actor.user_id,
        offered_to=user,
        summary=summary,
        offered_at=work.now,
    )
    work.session.add(offer)
    await work.session.flush()
    await clocks.begin_clock(work, case, clock_of(offer))
    said = {"handover": offer.id, "role": offer.role, "user": offer.offered_to}
    work.note(case, "hand_over", after=said, why=summary)
    return offer


async def _may_offer(work: UnitOfWork, case: Case, intent: HandOver) -> None:
    """Managers may offer any role, all others only one that they hold on the case.

    Raises what ``offer_handover`` says.
    """
    if intent.user == work.actor.user_id:
        raise UserError("handover_to_yourself")
    await require_assignable(work, case, intent.role, intent.user)
    mine = await require_permission(work, case, "hand_over")
    if not mine & MANAGERS and (await role_holders(work.session, case)).get(intent.role) != (
        work.actor.user_id
    ):
        raise UserError("not_your_role_to_give", role=intent.role.value)
    query = select(Handover.offered_to).where(
        col(Handover.case_number) == case.number,
        col(Handover.role) == intent.role.value,
        col(Handover.state) == HandoverState.OFFERED,
    )
    waiting = (await work.session.exec(query)).first()
    if waiting is not None:
        raise UserError("handover_waits", role=intent.role.value, user=waiting)


def offer_facts(offer: Handover) -> dict[str, Any]:
    """What notices say of an offer, also once it is answered and no longer on the card.

    The keys: ``handover`` (id), ``role``, ``user`` (offered to), ``offered_by``, ``summary``.
    """
    return {
        "handover": offer.id,
        "role": offer.role,
        "user": offer.offered_to,
        "offered_by": offer.offered_by,
        "summary": offer.summary,
    }


def clock_of(offer: Handover) -> str:
    """The name of the clock that an offer runs: ``handoff:12``."""
    return f"{ClockKind.HANDOFF}:{offer.id}"


async def answer_handover(work: UnitOfWork, intent: AnswerHandover) -> Answer | None:
    """Accept the role, and be shown what it asks; or refuse it, saying why.

    An offer can be answered in any status, once, by the one whom it was made to; accepted, while
    the one who offered may still give the role. Raises UserError ``no_such_handover``,
    ``not_offered_to_you``, ``handover_answered``, ``handover_withdrawn``, ``handover_outdated``,
    ``refusal_needs_reason``.
    """
    case = await authorize_case(work, intent.case, "answer_handover")
    offer = await work.session.get(Handover, intent.handover)
    if offer is None or offer.case_number != case.number:
        raise UserError("no_such_handover")
    if offer.offered_to != work.actor.user_id:
        raise UserError("not_offered_to_you", user=offer.offered_to)
    if offer.state != HandoverState.OFFERED:
        withdrawn = offer.state == HandoverState.REFUSED and not offer.reason
        raise UserError("handover_withdrawn" if withdrawn else "handover_answered")
    if not intent.accept and not intent.reason:
        raise UserError("refusal_needs_reason")
    if intent.accept:
        return await accept_offer(work, case, offer, reason=intent.reason)
    _answer(work, offer, HandoverState.REFUSED, intent.reason)
    await _refuse(work, case, offer)
    await refresh_card(work, case)
    return None


async def accept_offer(
    work: UnitOfWork, case: Case, offer: Handover, *, reason: str = "", alone: bool = True
) -> Answer | None:
    """Take an offer that waits for the actor; where not ``alone``, the caller tells who offered it.

    Answers the role's card, where they did not get it lately; where not ``alone`` it goes to them
    by direct message, and nothing is answered.
    Raises UserError ``handover_outdated``, before anything is changed.
    """
    await _must_stand(work, case, offer)
    _answer(work, offer, HandoverState.ACCEPTED, reason)
    await _accept(work, case, offer)
    if alone:
        said = offer_facts(offer)
        await effects.queue_dm(work, offer.offered_by, "notice:handover_accepted", case, said)
    await refresh_card(work, case)
    card = await give_card(work, case, Role(offer.role), offer.offered_to)
    given = {"role": offer.role, "user": offer.offered_to}
    if not alone:
        if card:
            await effects.queue_dm(
                work, offer.offered_to, "notice:role_card", case, given, with_channel=True
            )
        return None
    given = {"role": offer.role} if card else given
    return case_answer(case, "notice:role_card" if card else "notice:role_given", **given)


def _answer(work: UnitOfWork, offer: Handover, state: HandoverState, reason: str) -> None:
    offer.state, offer.reason, offer.answered_at = state, reason, work.now
    work.session.add(offer)


async def _must_stand(work: UnitOfWork, case: Case, offer: Handover) -> None:
    """Refuse an offer whose role has passed on since; a manager gives any role.

    Raises UserError ``handover_outdated`` (``owner``: who may assign the role instead).
    """
    by = offer.offered_by
    theirs = await all_roles(work.session, work.policy, by, case)
    holder = (await role_holders(work.session, case)).get(Role(offer.role))
    if holder != by and not theirs & MANAGERS:
        raise UserError("handover_outdated", owner=case.owner)


async def _accept(work: UnitOfWork, case: Case, offer: Handover) -> None:
    """Give the role; accepting a new case's escalation management acknowledges the case.

    The one who offered answers for it (``given_by``) if they are a manager or have the role, and
    did not take that themselves. The channel reads ``notice:handover_accepted``, which carries
    ``offer_facts``. Timeline ``answer_handover``: ``role``, ``user``, ``status``,
    before and after, and ``accept``.
    """
    role = Role(offer.role)
    status = case.status
    by = await role_giver(work, case, role, offer.offered_to, offer.offered_by)
    if role is Role.ESCALATION_MANAGER and case.status == Status.NEW:
        previous: str | None = case.owner
        await acknowledge_case(work, case, given_by=by)
    else:
        previous = await give_role(work, case, role, offer.offered_to, given_by=by)
    await clocks.stop_clock(work, case, clock_of(offer))
    work.note(
        case,
        "answer_handover",
        before={"role": offer.role, "user": previous, "status": status},
        after={"role": offer.role, "user": offer.offered_to, "status": case.status, "accept": True},
        why=offer.reason,
    )
    extra = offer_facts(offer)
    await effects.queue_invite(work, case, [offer.offered_to])
    await effects.queue_post(work, case, "notice:handover_accepted", extra)


async def _refuse(work: UnitOfWork, case: Case, offer: Handover) -> None:
    """Cancel the offer's clock and say why it was refused.

    The notice ``handover_refused`` carries ``offer_facts`` and ``reason``; from the third refusal
    of the role on ``history`` too, rows of ``user`` and ``reason``, the oldest first; and of a
    component of the policy ``team`` and its ``people``, for the technical lead.
    """
    await clocks.cancel_clocks(work, case, clock_of(offer))
    work.note(
        case,
        "answer_handover",
        after={"role": offer.role, "user": offer.offered_to, "accept": False},
        why=offer.reason,
    )
    refused = await _list_refused(work, case, offer.role)
    extra: dict[str, Any] = {**offer_facts(offer), "reason": offer.reason}
    if len(refused) >= BOUNCES:
        extra["history"] = [
            {"user": each.offered_to, "reason": each.reason} for each in refused[-HISTORY_SHOWN:]
        ]
        route = find_route(work.policy.routing, case.component)
        if route is not None and offer.role == Role.TECHNICAL_LEAD:
            extra |= {"team": route.team, "people": list(route.people)}
    for user in sorted(_who_hears_of_a_refusal(work, case, offer, len(refused))):
        await effects.queue_dm(work, user, "notice:handover_refused", case, extra)


async def _list_refused(work: UnitOfWork, case: Case, role: str) -> Sequence[Handover]:
    """The offers of this role that people refused, the oldest first."""
    await work.session.flush()
    query = select(Handover).where(
        col(Handover.case_number) == case.number,
        col(Handover.role) == role,
        col(Handover.state) == HandoverState.REFUSED,
        col(Handover.reason) != "",
    )
    return (await work.session.exec(query.order_by(col(Handover.id)))).all()


def _who_hears_of_a_refusal(work: UnitOfWork, case: Case, offer: Handover, times: int) -> set[str]:
    """The one who offered; from the third refusal of the role also the owner and support leads.

    Support leads hear nothing of a restricted case, the actor nothing of what they did.
    """
    if times < BOUNCES:
        return {offer.offered_by}
    leads = () if case.sensitive else named_for(work.policy, Role.SUPPORT_LEAD)
    return {offer.offered_by, case.owner, *leads} - {work.actor.user_id}

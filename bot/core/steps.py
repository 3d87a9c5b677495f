"""What every use case begins and ends with: admission, facts, steps, roles, holds.

The usual order: ``authorize_case`` (locks), ``require_status``, the change itself, ``take_step``,
``work.note``, effects, ``refresh_card``, and ``case_answer`` where the actor is told something.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core import snapshot
from bot.core.access import (
    check_permission,
    exists_for,
    read_pages,
    require_permission,
    store_pages,
)
from bot.core.involved import owns_action
from bot.engine.inbox import Answer
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules import lifecycle
from bot.rules.duty.pagers import page_key
from bot.rules.duty.ways import KIND as PAGE_WAY
from bot.rules.facts import CaseFacts, PageFacts
from bot.rules.lifecycle import LifecycleError
from bot.rules.permissions import OWN_ACTIONS
from bot.rules.policy.load import Policy
from bot.rules.sla import EventKind
from bot.rules.states import PageAnswer, Turn
from bot.rules.words import ClockKind, Role, Severity, Status
from bot.sla import clocks
from storage.in_hand import rows_about
from storage.models import Account, BreachTalk, Case, CaseRole, FocusPeriod, Outreach

# After what may make a playbook fit; of those that fit by then, one is applied.
PLAYBOOKS_AFTER = timedelta(minutes=1)
# After what may make it worth telling other customers; what changes together is looked at together.
OUTREACH_AFTER = timedelta(minutes=1)


async def authorize_case(work: UnitOfWork, number: int, verb: str) -> Case:
    """Return the case, locked, when the actor may do ``verb`` on it.

    The lock comes before the check, so the roles on the case are read under it. Raises UserError
    ``no_such_case`` and as ``check_permission`` does.
    """
    case = await work.case(number)
    await require_permission(work, case, verb)
    return case


async def follow_merged(session: AsyncSession, case: Case) -> Case:
    """The case in which this one goes on, through further merges; itself where it is not merged.

    What is found is not locked.
    """
    while case.status == Status.MERGED and case.merged_into is not None:
        case = await session.get_one(Case, case.merged_into)
    return case


async def lock_other_case(work: UnitOfWork, number: int) -> Case:
    """Return a further case, locked, that the actor's case is to be joined with.

    Raises UserError ``no_such_case``, also for one that does not exist for the actor.
    """
    case = await work.case(number)
    if not await exists_for(work.session, work.policy, case, work.actor.user_id):
        raise UserError("no_such_case").of_case(number)
    return case


async def require_permitted(
    session: AsyncSession, policy: Policy, verb: str, user_id: str, number: int | None
) -> None:
    """Refuse a form to a person whom the use case would refuse anyway.

    ``verb`` is the row of the permission table with which the form can be sent at least. Locks
    nothing: the use case checks again. Raises UserError ``no_such_case``, ``not_your_role`` or
    ``not_entrusted``.
    """
    case = await session.get(Case, number) if number is not None else None
    if number is not None and case is None:
        raise UserError("no_such_case")
    if verb in OWN_ACTIONS and case is not None and await owns_action(session, case, user_id):
        return
    await check_permission(session, policy, user_id, verb, case)


async def case_facts(work: UnitOfWork, case: Case) -> CaseFacts:
    """What is known of the case, with everything this transaction has changed so far."""
    return await snapshot.load_case(work.session, case, work.now)


def require_status(case: Case, verb: str) -> None:
    """Refuse ``verb`` with ``wrong_status`` where it makes no sense; its guards are for later."""
    if not lifecycle.fits_status(Status(case.status), verb):
        raise UserError("wrong_status", verb=verb, status=case.status)


async def take_step(work: UnitOfWork, case: Case, verb: str) -> None:
    """Take the case where ``verb`` leads; a guard that does not hold is the actor's answer.

    Only ``case.status`` is set. Raises UserError with the reason and the facts of the guard, which
    ``bot/rules/lifecycle.py`` lists.
    """
    try:
        case.status = lifecycle.next_status(await case_facts(work, case), verb)
    except LifecycleError as refused:
        raise UserError(refused.reason, **refused.facts) from refused


async def try_transition(work: UnitOfWork, case: Case, verb: str) -> bool:
    """Take the step if the lifecycle allows it; answers whether it did.

    Only ``case.status`` is set; a guard that does not hold is no error here.
    """
    known = await case_facts(work, case)
    if not lifecycle.can_step(known, verb):
        return False
    case.status = lifecycle.next_status(known, verb)
    return True


async def begin_investigating(work: UnitOfWork, case: Case) -> bool:
    """Begin the work, and check-ins, once the case is taken on and the customer answered.

    Answers whether the case moved; in any other status it does nothing.
    """
    if not await try_transition(work, case, "investigate"):
        return False
    await clocks.begin_clock(work, case, ClockKind.CHECK_IN)
    return True


# Whoever has one of these on a SEV1 for too long is asked to hand it over.
LONG_TURNS = (Role.ESCALATION_MANAGER, Role.TECHNICAL_LEAD)


async def give_role(
    work: UnitOfWork, case: Case, role: Role, user: str, *, given_by: str | None = None
) -> str | None:
    """Make ``user`` the one who holds ``role`` on the case; answers who held it before.

    ``given_by`` is who answers for it: a colleague, or the system where the policy or the accounts
    file names them; None where they took it themselves, which leaves an earlier answer of the same
    holder in place. An escalation manager owns the case, so for that role the answer is the former
    owner.
    """
    present = await rows_about(work.session, CaseRole, case.number)
    row = next((each for each in present if each.role == role), None)
    previous = row.user_id if row else None
    if row is None:
        row = CaseRole(case_number=case.number, role=role.value, user_id=user, since=work.now)
    elif previous != user:
        row.user_id, row.since, row.given_by = user, work.now, None
    if previous != user:
        plan_turn(work, case, row)
    row.given_by = given_by or row.given_by
    work.session.add(row)
    if role is Role.ESCALATION_MANAGER:
        previous, case.owner = case.owner, user
        await pass_calls_on(work, case)
        if case.focus_of == user:  # whoever owns the case must be reached
            await leave_focus(work, case)
    if role is Role.TECHNICAL_LEAD and case.focus_of not in ("", user):
        await leave_focus(work, case)
    if role is Role.LEGAL:
        case.legal_told = True  # also where the policy tells them of less
    mark_filled(case, role)
    return previous


def plan_turn(work: UnitOfWork, case: Case, row: CaseRole) -> None:
    """Look at a role after the policy's hours; only those who lead or own a SEV1, no drill's."""
    counts = row.role in LONG_TURNS and case.severity == Severity.SEV1 and not case.drill
    row.asked = 0
    row.look_at = work.now + work.policy.courtesy.hand_over_after if counts else None


async def leave_focus(work: UnitOfWork, case: Case) -> None:
    """Keep nothing any more, and have the focus looked at: its lead has changed or owns the case.

    The sweep ends it (``bot/focus/due.py``) and tells what was kept; this module stands below it.
    """
    case.focus_of = ""
    of_case = col(FocusPeriod.case_number) == case.number
    rows = update(FocusPeriod).where(of_case, col(FocusPeriod.ended) == "")
    await work.session.exec(rows.values(next_at=work.now))


async def tell_lead_in_focus(
    work: UnitOfWork, case: Case, text: str, said: Mapping[str, Any]
) -> None:
    """Tell a technical lead in focus of new harm, which may interrupt them; else do nothing.

    A lead who is not in focus reads it in the channel.
    """
    if case.focus_of and case.focus_of != work.actor.user_id:
        await effects.queue_dm(work, case.focus_of, text, case, said)


async def pass_calls_on(work: UnitOfWork, case: Case) -> None:
    """Have the call that a missed promise asks for looked at: its caller is the case's owner."""
    for call in await rows_about(work.session, BreachTalk, case.number):
        if call.talked_at is None:
            call.next_at = work.now
            work.session.add(call)


def keep_pages(case: Case, pages: Iterable[PageFacts]) -> None:
    """Keep who was paged about the case; the next page is due at the earliest ``again_at``."""
    kept = tuple(pages)
    case.paged = store_pages(kept)
    case.page_at = min((page.again_at for page in kept if page.again_at), default=None)


def end_pages(work: UnitOfWork, case: Case) -> None:
    """Page no one any more to take the case: the actor has it, or it is over.

    What was sent is drawn anew, without its buttons, and says who has it and since when. Those who
    are only to know go on being asked. Nothing happens where no one was paged to take it.
    """
    pages = read_pages(case.paged)
    if all(page.turn is Turn.KNOWS for page in pages):
        return
    keep_pages(case, [_ended(page, work.actor.user_id, work.now) for page in pages])
    tell_pagers(work, case, "acknowledge")
    said = {"by": work.actor.user_id, "at": work.now.isoformat()}
    lane = f"case:{case.number}:pages"
    work.leave("pages", lane, said, case=case, priority=effects.NUDGE)


def tell_pagers(work: UnitOfWork, case: Case, do: str, users: Collection[str] = ()) -> None:
    """Queue ``trigger``, ``acknowledge`` or ``resolve`` at each pager, for each loud page.

    A ``trigger`` goes by the policy's ways of that page too, which can take nothing back.
    ``users``: only for the pages of these; empty for all.
    """
    names = getattr(work.customers, "pagers", ())
    if not names and not work.policy.paging.ways:
        return
    urgent = effects.OPENING + case.severity
    pages = [page for page in read_pages(case.paged) if page.turn is not Turn.KNOWS]
    for number, page in enumerate(pages):
        if page.loud and (not users or page.user in users):
            key = page_key(case.number, 1, number)  # a case is acknowledged once
            for name in names:
                said = {"do": do, "key": key}
                work.leave(name, f"{name}:{key}", said, case=case, priority=urgent)
            if do == "trigger":
                for way in work.policy.paging.ways_of(page.user, page.turn.value):
                    told = {"way": way, "key": key, "user": page.user}
                    work.leave(PAGE_WAY, f"way:{key}:{way}", told, case=case, priority=urgent)


def _ended(page: PageFacts, taker: str, at: datetime) -> PageFacts:
    if page.turn is Turn.KNOWS:
        return page
    if page.user == taker:
        return replace(page, again_at=None, answer=PageAnswer.TOOK, answered_at=at)
    return replace(page, again_at=None)


async def release_role(work: UnitOfWork, case: Case, role: Role) -> None:
    """Let no one hold ``role`` on the case any more; nothing happens where no one does."""
    for row in await rows_about(work.session, CaseRole, case.number):
        if row.role == role:
            await work.session.delete(row)
            if role is Role.TECHNICAL_LEAD and case.focus_of:
                await leave_focus(work, case)


def mark_filled(case: Case, role: Role) -> None:
    """Take ``role`` off the list of those for which a person could not be reached."""
    if role.value in case.unreached:
        case.unreached = {name: who for name, who in case.unreached.items() if name != role}


async def end_hold(work: UnitOfWork, case: Case, *, at: datetime | None = None) -> None:
    """Clear the hold and let the paused clocks go on from ``at`` (now); without a hold do nothing.

    The status is the caller's to change.
    """
    reason = case.hold_reason
    if reason is None:
        return
    clear_hold(case)
    await clocks.append_event(work, case, EventKind.RESUME, at=at, reason=reason)


def clear_hold(case: Case) -> None:
    """The case waits for nothing any more."""
    case.hold_reason = case.hold_until = case.hold_since = case.hold_by = None
    case.hold_note = ""


async def refresh_card(work: UnitOfWork, case: Case) -> None:
    """Have the card show the case: the last line of a use case that changed something."""
    await effects.queue_card(work, case)


def plan_playbooks(work: UnitOfWork, case: Case) -> None:
    """Have it looked whether another playbook fits the case: something of it has changed.

    Not at once: what changes together is looked at together, and one playbook comes of it.
    """
    at = work.now + PLAYBOOKS_AFTER
    case.playbooks_at = min(case.playbooks_at, at) if case.playbooks_at else at
    work.session.add(case)


async def plan_outreach(work: UnitOfWork, case: Case) -> None:
    """Have it looked whether other customers may meet what the case is about.

    Something of it has changed, or is known now. Only those on a restricted case may know of it, so
    there nothing is planned, nor in a drill; what was found once is not looked for again.
    """
    if case.sensitive or case.drill or not case.component:
        return
    row = await work.session.get(Outreach, case.number) or Outreach(case_number=case.number)
    if row.told_at is None or row.ended_at is not None:
        row.look_at = row.look_at or work.now + OUTREACH_AFTER
        work.session.add(row)


def case_answer(case: Case, text: str, **extra: Any) -> Answer:
    """A private answer about the case; ``extra`` must be JSON."""
    return Answer(text=text, case=case.number, extra=extra)


def severity_of(case: Case) -> Severity:
    """The case's severity as the word it is."""
    return Severity(case.severity)


def read_promise(work: UnitOfWork, instant: datetime) -> datetime:
    """Return when the customer was told to hear from us next, as aware UTC.

    Raises UserError ``next_update_in_past``.
    """
    promised = as_utc(instant)
    if promised <= work.now:
        raise UserError("next_update_in_past")
    return promised


def read_past(work: UnitOfWork, instant: datetime | None) -> datetime:
    """Return when something happened, as aware UTC; now where that is not said.

    Raises UserError ``not_yet_happened``.
    """
    at = as_utc(instant) if instant else work.now
    if at > work.now:
        raise UserError("not_yet_happened")
    return at


async def require_account(work: UnitOfWork, key: str) -> Account | None:
    """The account of this key, as it is stored; None for a customer without one (an empty key).

    Raises UserError ``no_such_account``: it may have gone since a form was opened.
    """
    if not key:
        return None
    account = await work.session.get(Account, key)
    if account is None:
        raise UserError("no_such_account", account=key)
    return account


def as_utc(instant: datetime) -> datetime:
    """``instant`` as aware UTC; one without a zone was written as UTC."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)

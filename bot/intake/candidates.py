"""A candidate: who may know of it, where it is decided on, and what deciding it sets off."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, update
from sqlmodel import col, select

from bot import effects
from bot.core.access import named_for, reading_roles, require_permission
from bot.core.reactions import CandidateDecided, react
from bot.duty.on_duty import on_duty
from bot.engine.due import Audience, Reminder, find_recipients, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.permissions import PERMISSIONS
from bot.rules.policy.load import Policy
from bot.rules.states import CandidateState
from bot.rules.words import Role, Severity
from storage.models import Candidate, Signal
from storage.wakeups import TRIAGE, note_wakeup

KIND = "candidate"  # the effect that shows it
UNDO_WITHIN = timedelta(days=1)
UNDONE = frozenset({CandidateState.DISMISSED, CandidateState.LOGGED})  # what can be taken back


async def lock_candidate(work: UnitOfWork, number: int, verb: str) -> Candidate:
    """Return the candidate, locked, when the actor may do ``verb`` with it.

    The permission is checked before the lock, the state after it: of two who decide at once the
    second waits for the first one's commit and is refused.

    Raises UserError ``no_such_candidate``, also for a restricted one that the actor may not know
    of, ``not_your_role``, and ``already_decided`` where it waits no more, with ``reference``
    (``CAN-12``), ``user`` (who decided, or empty) and ``state``.
    """
    await require_permission(work, None, verb)
    candidate = await lock_known(work, number)
    if candidate.state is not CandidateState.WAITING:
        raise UserError(
            "already_decided",
            reference=f"CAN-{number}",
            user=candidate.decided_by or "",
            state=candidate.state.value,
        )
    return candidate


async def lock_known(work: UnitOfWork, number: int) -> Candidate:
    """Return the candidate, locked, whatever its state.

    Raises UserError ``no_such_candidate``, also for one that the actor may not know of.
    """
    known = visible_to(work.policy, work.actor.user_id)
    query = select(Candidate).where(col(Candidate.id) == number, known)
    found = (await work.session.exec(query.with_for_update(of=Candidate))).first()
    if found is None:
        raise UserError("no_such_candidate")
    return found


def visible_to(policy: Policy, viewer: str) -> ColumnElement[bool]:
    """The condition that the viewer may know of a candidate.

    That is one that they reported or own, and any other for those who may read all cases; a
    restricted one only for Legal, besides its owner, who was on duty when it came, and those who
    reported it. Only the roles that the policy gives in the organisation count, not those on cases.
    """
    mine = [reported_by(viewer), col(Candidate.owner) == viewer]
    roles = reading_roles(policy, viewer)
    if Role.LEGAL in roles:
        mine.append(col(Candidate.sensitive).is_(True))
    if roles & PERMISSIONS["triage"]:
        mine.append(col(Candidate.sensitive).is_(False))
    return or_(*mine)


def reported_by(viewer: str) -> ColumnElement[bool]:
    """The condition that the viewer reported a part of a candidate.

    ``viewer`` is a Slack user id. One signal of several is enough.
    """
    reported = col(Signal.candidate).is_not(None), col(Signal.reported_by) == viewer
    return col(Candidate.id).in_(select(Signal.candidate).where(*reported))


async def show_candidate(work: UnitOfWork, candidate: Candidate) -> None:
    """Have the candidate's message, and open App Homes, show it as it is.

    No second row is left where an unclaimed one will do so anyway; that one keeps the priority with
    which it was left. The row's payload is ``candidate``, its id, and its lane ``candidate:<id>``;
    ``bot.intake.triage_post`` performs it. The candidate must have been flushed, so that it has an
    id.
    """
    note_wakeup(work.session, TRIAGE)
    lane = f"{KIND}:{candidate.id}"
    if not await effects.lock_waiting(work, lane):
        urgent = candidate.severity == Severity.SEV1.value
        priority = effects.OPENING if urgent else effects.INTERACTIVE
        work.leave(KIND, lane, {"candidate": candidate.id}, priority=priority)


def find_place(policy: Policy, candidate: Candidate) -> tuple[str, bool]:
    """Where the candidate is decided on, and whether that is a person; empty for nowhere.

    The place is the id of a channel or of a Slack user. A restricted one, or any where the policy
    names no channel, goes to its owner; it is nowhere where it has none.
    """
    if policy.triage.channel and not candidate.sensitive:
        return policy.triage.channel, False
    return candidate.owner or "", True


async def find_owner(work: UnitOfWork) -> str | None:
    """Who answers for what arrives now: the manager on duty, else the support lead, else a
    director; None where the policy names none of them.
    """
    if (manager := await on_duty(work)) is not None:
        return manager
    leads = (Role.SUPPORT_LEAD, Role.DIRECTOR)
    return next((user for role in leads for user in named_for(work.policy, role)), None)


async def settle_candidate(
    work: UnitOfWork,
    candidate: Candidate,
    state: CandidateState,
    *,
    why: str = "",
    told: str = "",
    case: int | None = None,
) -> None:
    """Record the decision of the actor; show it, tell those who reported, and let others react.

    ``case`` is the number of the case that came of it: from now on it is that of each signal's
    thread too. ``why`` is kept for colleagues, ``told`` is what the sources are told, empty for
    nothing. The candidate is locked by the caller, who has checked that it waits. No reminder is
    due any more. What reacts to ``CandidateDecided`` runs last, in the same transaction, and finds
    the candidate and its signals written.
    """
    candidate.state, candidate.why, candidate.told = state, why, told
    candidate.decided_by, candidate.decided_at = work.actor.user_id, work.now
    candidate.case_number, candidate.ask_at = case, None
    work.session.add(candidate)
    await work.session.flush()
    if case is not None:
        of_it = update(Signal).where(col(Signal.candidate) == candidate.id)
        await work.session.exec(of_it.values(case_number=case))
    await show_candidate(work, candidate)
    await tell_reporters(work, candidate, candidate.state.value)
    await react(work, CandidateDecided(candidate))


async def tell_reporters(work: UnitOfWork, candidate: Candidate, name: str) -> None:
    """Tell those who reported it ``candidate:<name>``, each once; not the actor.

    The message has the facts of ``decided_facts``, but for ``by``, which is the actor: of a
    decision that was taken back that is the person who undid it. Signals that no colleague reported
    are left out.
    """
    query = select(Signal.reported_by).where(
        col(Signal.candidate) == candidate.id, col(Signal.reported_by).is_not(None)
    )
    told = {user for user in (await work.session.exec(query)).all() if user}
    for user in sorted(told - {work.actor.user_id}):
        facts = {**decided_facts(candidate), "by": work.actor.user_id}
        await effects.queue_dm(work, user, f"candidate:{name}", None, facts)


def may_undo(candidate: Candidate, now: datetime) -> bool:
    """Whether the decision can be taken back: that it is none, within ``UNDO_WITHIN``.

    A candidate that was logged counts as one that is none; one that waits or led to a case does
    not.
    """
    recent = candidate.decided_at is not None and now - candidate.decided_at <= UNDO_WITHIN
    return candidate.state in UNDONE and recent


async def tell_legal(work: UnitOfWork, candidate: Candidate) -> None:
    """Tell Legal that there is a restricted candidate, on which they are from now on.

    All whom the policy names for Legal get a direct message with ``candidate`` and ``customer``,
    without the words; not the candidate's owner, who has its message.
    """
    said = {"candidate": candidate.id, "customer": candidate.customer}
    for user in named_for(work.policy, Role.LEGAL):
        if user != candidate.owner:  # who has its message
            await effects.queue_dm(work, user, "candidate:restricted", None, said)


def decided_facts(candidate: Candidate) -> dict[str, Any]:
    """What is told of a decision, as JSON: ``candidate``, ``customer``, ``by``, ``why``, ``told``,
    and ``case`` and ``issue``, numbers where there is one.

    ``by`` is a Slack user id, None while it waits; ``why`` and ``told`` may be empty.
    """
    return {
        "candidate": candidate.id,
        "customer": candidate.customer,
        "by": candidate.decided_by,
        "why": candidate.why,
        "told": candidate.told,
        "case": candidate.case_number,
        "issue": candidate.issue,
    }


async def remind_of_candidate(
    work: UnitOfWork, candidate: Candidate, says: Sequence[Reminder]
) -> None:
    """Ask the manager on duty to decide, afterwards the support lead, and plan the next time.

    ``DUE`` calls it with the candidate locked, at ``ask_at``. The next time is that of the policy
    for the candidate's severity, counted from now; there is none where it was decided meanwhile,
    and then nothing is said. Each message has ``candidate``, ``customer``, ``severity`` (1 to 4),
    ``since_at`` (ISO 8601) and ``count`` (its signals).

    Of a restricted candidate only those hear who may know of it.
    """
    severity = Severity(candidate.severity)
    first = candidate.asks == 0
    candidate.asks += 1
    candidate.ask_at = work.policy.decide_by(severity, work.now)
    if candidate.state is not CandidateState.WAITING:
        candidate.ask_at = None
        return
    row = get_reminder(says, "candidate_waits" if first else "candidate_still_waits")
    known = await _known_people(work, candidate)
    for user in find_recipients(row.who, known, _roles(work, candidate)):
        said = {
            "candidate": candidate.id,
            "customer": candidate.customer,
            "severity": severity.value,
            "since_at": candidate.received_at.isoformat(),
            "count": candidate.signals,
        }
        await effects.queue_dm(work, user, row.template, None, said, priority=effects.BREACH)


async def _known_people(work: UnitOfWork, candidate: Candidate) -> Mapping[str, list[str]]:
    """The owner as an audience: who is on duty now, of a restricted candidate who was when it came.

    The list is empty where there is none.
    """
    owner = candidate.owner if candidate.sensitive else await find_owner(work)
    return {Audience.OWNER: [owner] if owner else []}


def _roles(work: UnitOfWork, candidate: Candidate) -> Mapping[Role, Sequence[str]]:
    """Whom the policy names; of a restricted candidate Legal stands in for the support lead."""
    if not candidate.sensitive:
        return work.policy.roles
    return {Role.SUPPORT_LEAD: named_for(work.policy, Role.LEGAL)}

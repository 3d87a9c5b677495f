"""Queueing what clocks say: a post for each act, at most one direct message for each person.

A person hears of an act once: before it is late those who can do it, when it is late its owner, and
then, level by level, those above. Of a role that the case gives to no person, the first of those
whom the policy names is told, who has not heard of it yet.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.policy.model import MatrixEvent
from bot.rules.sla import ThresholdKind
from bot.rules.states import HandoverState
from bot.rules.words import ClockKind, Notice, Role, Severity
from bot.sla.acts import LATE, NEVER, CaseReminders, Heard, Passed, due_of
from bot.sla.reminders import (
    CHANNEL,
    OFFERED,
    OFFERER,
    OWNER,
    ClockReminder,
    find_reminder,
    is_said,
    warning_percentages,
)
from storage.models import Case, CaseRole, Handover, Sighting

# Who works on it; where no one does, the owner does, or gives the role to another.
WORKERS = frozenset({Role.AGENT, Role.TECHNICAL_LEAD})
WARN, BREACH, CLIMBS = ThresholdKind.WARN, ThresholdKind.BREACH, ThresholdKind.LADDER

RoleHolders = Mapping[str, set[str]]  # user ids by role, of one case; under OWNER its owner


@dataclass(frozen=True, slots=True)
class Line:
    """What one person is told of one act, until it is joined with what else they are told.

    ``threshold`` chooses the words, ``due`` the order.
    """

    passed: Passed
    entry: ClockReminder
    threshold: str
    acts: bool
    due: datetime


@dataclass(frozen=True, slots=True)
class Speech:
    """What is needed to say something of one case.

    ``briefed`` are those who were told of a breach in other words, in this transaction.
    """

    work: UnitOfWork
    case: Case
    holders: RoleHolders
    reminders: CaseReminders
    says: Sequence[ClockReminder]
    briefed: Collection[str] = ()


async def say_reached(speech: Speech, said: Sequence[Passed]) -> None:
    """Queue the posts and the direct messages for what was reached; one message to a person.

    A message names what is due first; ``also`` in its ``extra`` are the other clocks. The template
    gets ``clock``, ``threshold``, ``due`` (ISO 8601, UTC), ``cycle`` and ``missed`` (how many
    folded thresholds would have been said); ``acts`` is false for a reader who is only to know,
    ``yours`` true for the owner, who is not told to call themselves, ``offered`` for a person who
    was offered a role. Warnings have the priority of a nudge.
    """
    lines: dict[str, list[Line]] = {}
    for passed in said:
        await _post(speech, passed)
        await _keep_for_morning(speech, passed)
        for user, line in (await _listeners(speech, passed)).items():
            lines.setdefault(user, []).append(line)
    for user in sorted(lines):
        for main, others in _joined(lines[user]):
            await _tell(speech, user, main, others)


def _joined(lines: Sequence[Line]) -> list[tuple[Line, list[Line]]]:
    """Each message of a person: what it is about, and what else it names."""
    ordered = sorted((line for line in lines if not line.entry.apart), key=lambda line: line.due)
    apart: list[tuple[Line, list[Line]]] = [(line, []) for line in lines if line.entry.apart]
    return [*([(ordered[0], ordered[1:])] if ordered else []), *apart]


async def _tell(speech: Speech, user: str, line: Line, others: Sequence[Line]) -> None:
    """Queue a person's direct message for one line; ``others`` are named in it.

    It goes before nudges where anything in it is a breach.
    """
    extra = _extra(speech, line.passed, line.threshold) | {"acts": line.acts}
    extra["yours"] = user == speech.case.owner
    if line.passed.state.clock.startswith(ClockKind.HANDOFF):
        extra["offered"] = user in speech.holders.get(OFFERED, ())
    if others:
        extra["also"] = [other.passed.state.clock for other in others]
    loud = [each for each in (line, *others) if each.entry.threshold in (BREACH, CLIMBS)]
    priority = effects.BREACH if loud else effects.NUDGE
    await effects.queue_dm(
        speech.work, user, line.entry.template, speech.case, extra, priority=priority
    )


async def _post(speech: Speech, passed: Passed) -> None:
    """Say it in the channel: a breach also where the app was away and a louder one followed."""
    threshold = BREACH.value if passed.missed else passed.threshold
    entry = find_reminder(speech.says, passed.state.clock, threshold)
    if entry is None or CHANNEL not in entry.who:
        return
    extra = _extra(speech, passed, threshold)
    priority = effects.NUDGE if entry.threshold == WARN else effects.BREACH
    await effects.queue_post(speech.work, speech.case, entry.template, extra, priority=priority)


async def _keep_for_morning(speech: Speech, passed: Passed) -> None:
    """Leave a miss to the mornings of those whom the policy names for a digest.

    A warning is not kept: by the morning it is a promise kept or a miss.
    """
    threshold = BREACH.value if passed.missed else passed.threshold
    entry = find_reminder(speech.says, passed.state.clock, threshold)
    if entry is None or entry.threshold != BREACH:
        return
    extra = _extra(speech, passed, threshold) | {"acts": False, "yours": False}
    for user in _people(speech, _matrix(speech, entry, passed, {Notice.DIGEST})):
        await effects.keep_for_morning(speech.work, user, entry.template, speech.case, extra)


async def _listeners(speech: Speech, passed: Passed) -> dict[str, Line]:
    """Who is told of it, and which of its thresholds; a breach goes before the ladder."""
    heard = speech.reminders.heard(passed.state)
    due = due_of(passed.state) or NEVER
    found: dict[str, Line] = {}
    entry = find_reminder(speech.says, passed.state.clock, passed.threshold)
    if passed.missed:
        late = find_reminder(speech.says, passed.state.clock, BREACH)
        for user, acts in _of_breach(speech, passed, late, heard).items() if late else ():
            if user not in speech.briefed:
                found[user] = Line(passed, late, BREACH, acts, due)  # type: ignore[arg-type]
    if entry is None or entry.threshold == BREACH:
        return found
    if entry.threshold == CLIMBS:
        people = await _of_ladder(speech, entry, passed, heard)
    elif entry.threshold == WARN:
        people = _people(speech, entry.who) - heard.warned_of(due)
        for user in _people(speech, _matrix(speech, entry, passed)) - heard.warned_of(due) - people:
            found[user] = Line(passed, entry, passed.threshold, False, due)
    else:
        people = _people(speech, entry.who)
    for user in people - set(speech.briefed):
        asked_again = entry.levels and not entry.anew and user != speech.case.owner
        words = BREACH.value if asked_again else passed.threshold
        found.setdefault(user, Line(passed, entry, words, True, due))
    return found


def _of_breach(
    speech: Speech, passed: Passed, entry: ClockReminder, heard: Heard
) -> dict[str, bool]:
    """Who hears that it is late, and whether they are to act: by the table, then by the policy."""
    acting = _people(speech, entry.who, () if entry.again else heard.of(0))
    if OWNER in entry.who:
        acting.add(speech.case.owner)
    added = _people(speech, _matrix(speech, entry, passed))
    return dict.fromkeys(added, False) | dict.fromkeys(acting, True)


async def _of_ladder(
    speech: Speech, entry: ClockReminder, passed: Passed, heard: Heard
) -> set[str]:
    """The people of a level who have not been told that it is late, nor pressed “Seen”.

    The ladder is that of the policy now; a level that it no longer has calls no person.
    """
    ladder = speech.work.policy.severity(Severity(speech.case.severity)).ladder
    index = int(passed.threshold.partition(":")[2])
    if index >= len(ladder):
        return set()
    if entry.levels:
        before = sum(bool(level.after_minutes) for level in ladder[:index])
        return _people(speech, entry.levels[before]) if before < len(entry.levels) else set()
    told = heard.of(LATE) | {speech.case.owner}
    roles = set(ladder[index].roles)
    people = _people(speech, roles - {Role.ESCALATION_MANAGER}, told)
    if Role.ESCALATION_MANAGER in roles:
        people.add(speech.case.owner)
    return {user for user in people if not await _is_seen(speech, passed, user)}


def _people(
    speech: Speech, wanted: Iterable[str], without: Collection[str] = frozenset()
) -> set[str]:
    """The people behind the names: those on the case, else one whom the policy names.

    Of a restricted case only those on it. Whoever is in ``without`` is left out, so the next one
    named is told.
    """
    found: set[str] = set()
    for name in wanted:
        if name == CHANNEL:
            continue
        held = {speech.case.owner} if name in _OWNERS else speech.holders.get(name)
        if held is None and name in WORKERS:
            held = {speech.case.owner}
        if held is None and not speech.case.sensitive:
            named = speech.work.policy.roles.get(Role(name), ()) if name in set(Role) else ()
            held = set([user for user in named if user not in without][:1])
        found |= held or set()
    return found - set(without)


_OWNERS = frozenset({OWNER, Role.ESCALATION_MANAGER})


LOUD = frozenset({Notice.PAGE, Notice.DM})


def _matrix(
    speech: Speech, entry: ClockReminder, passed: Passed, wanted: Collection[Notice] = LOUD
) -> set[str]:
    """The roles that the policy's matrix adds: those that it pages or writes to, or ``wanted``.

    Roles that are ``spared`` are not among them.
    """
    if not entry.matrix:
        return set()
    event, clock = MatrixEvent(entry.matrix), ClockKind(passed.state.clock.partition(":")[0])
    heard = speech.work.policy.notices(event, Severity(speech.case.severity), clock)
    return {str(role) for role, notice in heard.items() if notice in wanted} - entry.spared


def _extra(speech: Speech, passed: Passed, threshold: str) -> dict[str, Any]:
    """The facts of a reminder; ``due`` is ISO 8601, the start where nothing is due."""
    state = passed.state
    due = due_of(state) or state.started_at
    return {
        "clock": state.clock,
        "threshold": threshold,
        "due": due.isoformat() if due else "",
        "cycle": state.cycle,
        "missed": _count_missed(speech, passed, threshold),
    }


def _count_missed(speech: Speech, passed: Passed, threshold: str) -> int:
    """How many of the thresholds that passed unseen would have been said."""
    missed = 0
    warns = warning_percentages(speech.work, speech.case, passed.state.clock)
    for name in passed.folded:
        entry = find_reminder(speech.says, passed.state.clock, name)
        missed += bool(name != threshold and entry and is_said(entry, name, warns))
    return missed


async def _is_seen(speech: Speech, passed: Passed, user: str) -> bool:
    """True once the user pressed “Seen” for this cycle of the clock."""
    key = (speech.case.number, passed.state.clock, passed.state.cycle, user)
    return await speech.work.session.get(Sighting, key) is not None


async def load_holders(
    session: AsyncSession, cases: Sequence[Case]
) -> dict[int, dict[str, set[str]]]:
    """The user ids that hold each role on these cases, by case number.

    Every case has its owner under ``OWNER``, and under ``OFFERED`` and ``OFFERER`` those to whom
    and by whom a role is offered; a role that is not held is missing.
    """
    found: dict[int, dict[str, set[str]]] = {
        c.number: {OWNER: {c.owner}, OFFERED: set(), OFFERER: set()} for c in cases
    }
    query = select(CaseRole).where(col(CaseRole.case_number).in_(list(found)))
    for row in (await session.exec(query)).all():
        found[row.case_number].setdefault(row.role, set()).add(row.user_id)
    return found


async def add_offers(
    session: AsyncSession, holders: Mapping[int, dict[str, set[str]]], offers: Sequence[int]
) -> None:
    """Add to the holders those to whom and by whom these offers (ids) wait for an answer."""
    if not offers:
        return
    query = select(Handover).where(
        col(Handover.id).in_(offers), col(Handover.state) == HandoverState.OFFERED
    )
    for offer in (await session.exec(query)).all():
        holders[offer.case_number][OFFERED].add(offer.offered_to)
        holders[offer.case_number][OFFERER].add(offer.offered_by)

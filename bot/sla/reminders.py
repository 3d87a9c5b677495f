"""Who is reminded of what by a case's clocks: one table. A new reminder is a row and a template.

Each (case, clock, cycle, threshold) is said once, for ever; what passed unseen while the app was
away is folded into one message that says so. That is kept by bot/sla/due.py, which calls
``queue_reminder``; the thresholds themselves come from bot/rules/sla/thresholds.py.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.engine.due import Audience, Reminder, find_recipients
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.policy.model import LadderLevel, MatrixEvent
from bot.rules.sla import ClockState, ThresholdKind, kind_of_threshold
from bot.rules.words import ClockKind, Notice, Role, Severity
from storage.models import Case, CaseRole, Sighting

OWNER, CHANNEL, LADDER = Audience.OWNER, Audience.CHANNEL, Audience.LADDER
WORDS = "reminder"  # templates/reminders/<clock>, with a branch for each kind of threshold


@dataclass(frozen=True, slots=True)
class ClockReminder(Reminder):
    """A reminder of a case's clock at one kind of threshold.

    Of a clock's warnings the last but one goes to ``who``, the last to those of ``near`` who did
    not hear that one, and earlier ones to no person: they only colour the card.

    Attributes:
        clocks: The kinds of clock it is about.
        near: Audiences of the last warning.
        matrix: The policy's event that adds listeners of its own; they know, ``who`` act.
        spared: Roles that the event does not add: they could do nothing about it.
        each: ``who`` hear all warnings.
    """

    clocks: frozenset[ClockKind] = frozenset()
    near: tuple[str, ...] = ()
    matrix: str = ""
    spared: frozenset[str] = frozenset()
    each: bool = False


K = ClockKind
WARN, BREACH, CLIMBS = ThresholdKind.WARN, ThresholdKind.BREACH, ThresholdKind.LADDER
CUSTOMER_CLOCKS = frozenset({K.FIRST_RESPONSE, K.NEXT_REPLY, K.NEXT_UPDATE})
TECHNICAL_CLOCKS = frozenset({K.WORKAROUND, K.RESOLUTION})

# What is due, who hears it, which words, at which threshold of which clocks.
REMINDERS: tuple[ClockReminder, ...] = (
    ClockReminder("acknowledge_soon", (OWNER,), WORDS, WARN, frozenset({K.ACKNOWLEDGE})),
    ClockReminder(
        "acknowledge_late",
        (CHANNEL, Role.SUPPORT_LEAD),
        WORDS,
        BREACH,
        frozenset({K.ACKNOWLEDGE}),
        matrix="breach",
        spared=frozenset({Role.TECHNICAL_LEAD, Role.CSM, Role.ACCOUNT_EXECUTIVE}),
    ),
    ClockReminder("customer_waits", (Role.AGENT,), WORDS, WARN, CUSTOMER_CLOCKS, near=(OWNER,)),
    ClockReminder(
        "customer_waited",
        (CHANNEL, Role.AGENT),
        WORDS,
        BREACH,
        CUSTOMER_CLOCKS,
        matrix="breach",
        spared=frozenset({Role.TECHNICAL_LEAD}),
    ),
    ClockReminder(
        "solution_soon", (Role.TECHNICAL_LEAD,), WORDS, WARN, TECHNICAL_CLOCKS, near=(OWNER,)
    ),
    ClockReminder(
        "solution_late",
        (CHANNEL, Role.TECHNICAL_LEAD),
        WORDS,
        BREACH,
        TECHNICAL_CLOCKS,
        matrix="breach",
    ),
    ClockReminder("check_in", (Role.TECHNICAL_LEAD,), WORDS, BREACH, frozenset({K.CHECK_IN})),
    ClockReminder("handoff_waits", (OWNER,), WORDS, BREACH, frozenset({K.HANDOFF})),
    ClockReminder("postmortem_soon", (OWNER,), WORDS, WARN, frozenset({K.POSTMORTEM_HELD})),
    ClockReminder(
        "postmortem_late", (OWNER, CHANNEL), WORDS, BREACH, frozenset({K.POSTMORTEM_HELD})
    ),
    ClockReminder(
        "ask_customer",
        (Role.AGENT,),
        WORDS,
        WARN,
        frozenset({K.CUSTOMER_CONFIRMATION}),
        each=True,
    ),
    ClockReminder(
        "customer_silent",
        (CHANNEL, OWNER, Role.AGENT),
        WORDS,
        BREACH,
        frozenset({K.CUSTOMER_CONFIRMATION}),
    ),
    ClockReminder(
        "ladder_climbed",
        (LADDER,),
        WORDS,
        CLIMBS,
        frozenset({K.ACKNOWLEDGE, *CUSTOMER_CLOCKS, *TECHNICAL_CLOCKS}),
    ),
)


@dataclass(frozen=True, slots=True)
class Passed:
    """A threshold that is said now.

    ``folded`` are the names of those that were reached since the last message and are not said.
    """

    state: ClockState
    threshold: str
    folded: Sequence[str] = ()


RoleHolders = Mapping[str, set[str]]  # user ids by role, of one case; under OWNER its owner


def find_reminder(
    reminders: Iterable[ClockReminder], clock: str, threshold: str
) -> ClockReminder | None:
    """The row of the table for a clock's threshold; None where no person needs to hear.

    ``clock`` is a kind, or a kind with what it is about: ``handoff:12``. The first row that fits
    counts. Raises ValueError for a ``threshold`` that is none.
    """
    kind, passed = clock.partition(":")[0], kind_of_threshold(threshold)
    return next((r for r in reminders if kind in r.clocks and r.threshold == passed), None)


def warning_percentages(work: UnitOfWork, case: Case, clock: str) -> list[int]:
    """The percentages at which the policy in force warns for this clock, ascending.

    Empty where the case's severity does not have the clock.
    """
    terms = work.policy.severity(Severity(case.severity)).clocks.get(
        ClockKind(clock.partition(":")[0])
    )
    return sorted(terms.warn_pct) if terms else []


def find_listeners(
    entry: ClockReminder, threshold: str, warns: Sequence[int], folded: Collection[str] = ()
) -> tuple[set[str], set[str]]:
    """Those who hear a threshold, and those who heard the one before and need no other.

    ``warns`` are the clock's percentages, ``folded`` the thresholds that this one stands for. Both
    answers hold audiences and roles, not people: a person who is in both, by two roles, hears
    nothing.
    """
    who, near = set(entry.who), set(entry.near)
    if entry.threshold != WARN or entry.each:
        return who, set()
    names = [f"warn:{pct}" for pct in warns] or [threshold]
    first, last = names[-2:][0], names[-1]
    if first == last or (threshold == last and first in folded):
        return who | near, set()
    if threshold == last:
        return near, who
    return (who, set()) if threshold == first else (set(), set())


async def queue_reminder(
    work: UnitOfWork,
    case: Case,
    passed: Passed,
    holders: RoleHolders,
    reminders: Sequence[ClockReminder],
) -> None:
    """Queue a threshold's reminder: one post in the channel and one message to each person.

    The template gets ``clock``, ``threshold``, ``due`` (ISO 8601, UTC), ``cycle`` and ``missed``
    (how many folded thresholds would have been said), a message to a person also ``acts``: false
    after a breach for those who are only to know, and ``yours``: true for the owner, who is not
    told to call themselves. Warnings have the priority of a nudge. A level of
    the ladder skips a person who pressed “Seen” in this cycle.
    """
    passed = loudest_heard(reminders, passed)
    state, threshold = passed.state, passed.threshold
    entry = find_reminder(reminders, state.clock, threshold)
    if entry is None:
        return
    warns = warning_percentages(work, case, state.clock)
    wanted, told = find_listeners(entry, threshold, warns, passed.folded)
    wanted |= _matrix(work, case, entry)
    extra = _extra(passed, _count_missed(reminders, passed, warns))
    priority = effects.NUDGE if entry.threshold == WARN else effects.BREACH
    if CHANNEL in wanted:
        await effects.queue_post(work, case, entry.template, extra, priority=priority)
    known = {**holders, LADDER: _ladder(work, case, threshold, holders)}
    acting = _users(work, case, known, {*entry.who, OWNER})
    hear = _users(work, case, known, wanted) - _users(work, case, known, told)
    for user in sorted(hear):
        if entry.threshold == CLIMBS and await _is_seen(work, case, state, user):
            continue
        acts = entry.threshold != BREACH or user in acting
        said = {**extra, "acts": acts, "yours": user == case.owner}
        await effects.queue_dm(work, user, entry.template, case, said, priority=priority)


def loudest_heard(reminders: Sequence[ClockReminder], passed: Passed) -> Passed:
    """Fold what passed into the last threshold of which a person hears.

    A level of the ladder that calls no one for this clock does not swallow the miss before it.
    Where no threshold has a row, ``passed`` is answered as it is.
    """
    names = [*passed.folded, passed.threshold]
    heard = [
        at for at, name in enumerate(names) if find_reminder(reminders, passed.state.clock, name)
    ]
    return Passed(passed.state, names[heard[-1]], names[: heard[-1]]) if heard else passed


def _count_missed(reminders: Sequence[ClockReminder], passed: Passed, warns: Sequence[int]) -> int:
    """How many of the thresholds that passed unseen would have been heard."""
    missed = 0
    for threshold in passed.folded:
        entry = find_reminder(reminders, passed.state.clock, threshold)
        missed += bool(entry and any(find_listeners(entry, threshold, warns)))
    return missed


def _extra(passed: Passed, missed: int) -> dict[str, object]:
    state = passed.state
    due = state.breached_at or state.due or state.started_at
    return {
        "clock": state.clock,
        "threshold": passed.threshold,
        "due": due.isoformat() if due else "",
        "cycle": state.cycle,
        "missed": missed,
    }


def _matrix(work: UnitOfWork, case: Case, entry: ClockReminder) -> set[str]:
    """The roles that the policy's matrix adds: those that it pages or writes to.

    Roles that it only lists in a digest are not among them, nor are those that are ``spared``.
    """
    if not entry.matrix:
        return set()
    event = MatrixEvent(entry.matrix)
    heard = work.policy.notices(event, Severity(case.severity))
    loud = {role for role, notice in heard.items() if notice in (Notice.PAGE, Notice.DM)}
    return {str(role) for role in loud} - entry.spared


def _ladder(work: UnitOfWork, case: Case, threshold: str, holders: RoleHolders) -> set[str]:
    """The people behind ``ladder:<n>``: the roles of the ladder's n-th level, from 0.

    The ladder is that of the policy now; a level that it no longer has calls no person.
    """
    if kind_of_threshold(threshold) != CLIMBS:
        return set()
    ladder: tuple[LadderLevel, ...] = work.policy.severity(Severity(case.severity)).ladder
    index = int(threshold.partition(":")[2])
    roles = ladder[index].roles if index < len(ladder) else ()
    return _users(work, case, holders, roles)


async def load_holders(
    session: AsyncSession, cases: Sequence[Case]
) -> dict[int, dict[str, set[str]]]:
    """The user ids that hold each role on these cases, by case number.

    Every case has its owner under ``OWNER``; a role that is not held is missing.
    """
    found: dict[int, dict[str, set[str]]] = {c.number: {OWNER: {c.owner}} for c in cases}
    query = select(CaseRole).where(col(CaseRole.case_number).in_(list(found)))
    for row in (await session.exec(query)).all():
        found[row.case_number].setdefault(row.role, set()).add(row.user_id)
    return found


def _users(work: UnitOfWork, case: Case, holders: RoleHolders, wanted: Iterable[str]) -> set[str]:
    """The people behind the names: those on the case, else (unless restricted) the policy's."""
    known = {**holders, OWNER: {case.owner}, Role.ESCALATION_MANAGER: {case.owner}}
    return set(find_recipients(wanted, known, {} if case.sensitive else work.policy.roles))


async def _is_seen(work: UnitOfWork, case: Case, state: ClockState, user: str) -> bool:
    """True once the user pressed “Seen” for this cycle of the clock."""
    key = (case.number, state.clock, state.cycle, user)
    return await work.session.get(Sighting, key) is not None

"""Who is reminded of what: one table. A new reminder is one entry here and one template.

Each (case, clock, cycle, threshold) is said once, for ever; what passed unseen while the desk
was away is folded into one message that says so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.policy.model import MatrixEvent, Rung
from bot.rules.sla import ClockState
from bot.rules.words import ClockKind, Notice, Role, Severity
from storage.models import Case, CaseRole, Sighting

OWNER = "owner"  # whoever is accountable for the case now
CHANNEL = "channel"  # everybody in the case's channel


@dataclass(frozen=True, slots=True)
class Reminder:
    """``moment`` is warn, breach or ladder; ``who`` are roles, OWNER or CHANNEL.

    Of a clock's warnings the last but one goes to ``who``, the last to those of ``near`` who did
    not hear that one, and earlier ones to nobody: they only colour the card. With ``each`` set,
    ``who`` hear them all. ``matrix`` names the policy's event that adds listeners of its own,
    without those who could do nothing about it (``spared``); they know, ``who`` act.
    """

    name: str
    clocks: frozenset[ClockKind]
    moment: str
    who: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    matrix: str = ""
    spared: frozenset[str] = frozenset()
    each: bool = False


K = ClockKind
CUSTOMER_CLOCKS = frozenset({K.FIRST_RESPONSE, K.NEXT_REPLY, K.NEXT_UPDATE})
TECHNICAL_CLOCKS = frozenset({K.WORKAROUND, K.RESOLUTION})

REMINDERS: tuple[Reminder, ...] = (
    Reminder("acknowledge_soon", frozenset({K.ACKNOWLEDGE}), "warn", (OWNER,)),
    Reminder(
        "acknowledge_late",
        frozenset({K.ACKNOWLEDGE}),
        "breach",
        (CHANNEL, Role.SUPPORT_LEAD),
        matrix="breach",
        spared=frozenset({Role.TECHNICAL_LEAD, Role.CSM, Role.ACCOUNT_EXECUTIVE}),
    ),
    Reminder("customer_waits", CUSTOMER_CLOCKS, "warn", (Role.AGENT,), near=(OWNER,)),
    Reminder(
        "customer_waited",
        CUSTOMER_CLOCKS,
        "breach",
        (CHANNEL, Role.AGENT),
        matrix="breach",
        spared=frozenset({Role.TECHNICAL_LEAD}),
    ),
    Reminder("solution_soon", TECHNICAL_CLOCKS, "warn", (Role.TECHNICAL_LEAD,), near=(OWNER,)),
    Reminder(
        "solution_late",
        TECHNICAL_CLOCKS,
        "breach",
        (CHANNEL, Role.TECHNICAL_LEAD),
        matrix="breach",
    ),
    Reminder("check_in", frozenset({K.CHECK_IN}), "breach", (Role.TECHNICAL_LEAD,)),
    Reminder("handoff_waits", frozenset({K.HANDOFF}), "breach", (OWNER,)),
    Reminder("postmortem_soon", frozenset({K.POSTMORTEM_HELD}), "warn", (OWNER,)),
    Reminder("postmortem_late", frozenset({K.POSTMORTEM_HELD}), "breach", (OWNER, CHANNEL)),
    Reminder(
        "ask_customer", frozenset({K.CUSTOMER_CONFIRMATION}), "warn", (Role.AGENT,), each=True
    ),
    Reminder(
        "rung",
        frozenset({K.ACKNOWLEDGE, *CUSTOMER_CLOCKS, *TECHNICAL_CLOCKS}),
        "ladder",
    ),
)


def reminder_for(clock: str, threshold: str) -> Reminder | None:
    """The entry of the table for a clock's threshold; None where nobody needs to hear."""
    kind, moment = clock.partition(":")[0], threshold.partition(":")[0]
    return next((r for r in REMINDERS if kind in r.clocks and r.moment == moment), None)


Holders = Mapping[str, set[str]]


def warnings(work: UnitOfWork, case: Case, clock: str) -> list[int]:
    """The percentages at which a clock of this case warns, the first one first."""
    terms = work.policy.severity(Severity(case.severity)).clocks.get(
        ClockKind(clock.partition(":")[0])
    )
    return sorted(terms.warn_pct) if terms else []


def listeners(
    entry: Reminder, threshold: str, warns: Sequence[int], folded: Collection[str] = ()
) -> tuple[set[str], set[str]]:
    """The roles that hear a threshold, and those that heard the one before and need no other.

    ``warns`` are the clock's percentages, ``folded`` the thresholds that this one stands for.
    """
    who, near = set(entry.who), set(entry.near)
    if entry.moment != "warn" or entry.each:
        return who, set()
    names = [f"warn:{pct}" for pct in warns] or [threshold]
    first, last = names[-2:][0], names[-1]
    if first == last or (threshold == last and first in folded):
        return who | near, set()
    if threshold == last:
        return near, who
    return (who, set()) if threshold == first else (set(), set())


async def say(
    work: UnitOfWork,
    case: Case,
    state: ClockState,
    threshold: str,
    roles: Holders,
    folded: Collection[str] = (),
) -> None:
    """Queue a threshold's reminder for everybody who must hear it.

    ``folded`` names the thresholds that passed unseen before this one and are not said.
    """
    entry = reminder_for(state.clock, threshold)
    if entry is None:
        return
    warns = warnings(work, case, state.clock)
    wanted, told = listeners(entry, threshold, warns, folded)
    wanted |= _matrix(work, case, entry) | _rung(work, case, threshold)
    extra = _extra(state, threshold, _missed(state.clock, folded, warns))
    priority = effects.NUDGE if entry.moment == "warn" else effects.BREACH
    if CHANNEL in wanted:
        await effects.post(work, case, "reminder", extra, priority=priority)
    acting = _users(work, case, roles, {*entry.who, OWNER} - {CHANNEL})
    hear = _users(work, case, roles, wanted - {CHANNEL})
    for user in sorted(hear - _users(work, case, roles, told)):
        if entry.moment == "ladder" and await _seen(work, case, state, user):
            continue
        acts = entry.moment != "breach" or user in acting
        await effects.dm(work, user, "reminder", case, {**extra, "acts": acts}, priority=priority)


def _missed(clock: str, folded: Iterable[str], warns: Sequence[int]) -> int:
    """How many of the thresholds that passed unseen somebody would have heard."""
    missed = 0
    for threshold in folded:
        entry = reminder_for(clock, threshold)
        missed += bool(entry and any(listeners(entry, threshold, warns)))
    return missed


def _extra(state: ClockState, threshold: str, missed: int) -> dict[str, object]:
    due = state.breached_at or state.due or state.started_at
    return {
        "clock": state.clock,
        "threshold": threshold,
        "due": due.isoformat() if due else "",
        "cycle": state.cycle,
        "missed": missed,
    }


def _matrix(work: UnitOfWork, case: Case, entry: Reminder) -> set[str]:
    if not entry.matrix:
        return set()
    event = MatrixEvent(entry.matrix)
    heard = work.policy.notices(event, Severity(case.severity))
    loud = {role for role, notice in heard.items() if notice in (Notice.PAGE, Notice.DM)}
    return {str(role) for role in loud} - entry.spared


def _rung(work: UnitOfWork, case: Case, threshold: str) -> set[str]:
    if not threshold.startswith("ladder:"):
        return set()
    ladder: tuple[Rung, ...] = work.policy.severity(Severity(case.severity)).ladder
    index = int(threshold.partition(":")[2])
    return set(ladder[index].roles) if index < len(ladder) else set()


async def holders(session: AsyncSession, cases: Sequence[Case]) -> dict[int, dict[str, set[str]]]:
    """Who is what on each of these cases, by its number."""
    found: dict[int, dict[str, set[str]]] = {c.number: {OWNER: {c.owner}} for c in cases}
    query = select(CaseRole).where(col(CaseRole.case_number).in_(list(found)))
    for row in (await session.exec(query)).all():
        found[row.case_number].setdefault(row.role, set()).add(row.user_id)
    return found


def _users(
    work: UnitOfWork, case: Case, roles: Mapping[str, set[str]], wanted: Iterable[str]
) -> set[str]:
    """The people behind the roles: those on the case, else (unless sensitive) the policy's."""
    users: set[str] = set()
    for role in wanted:
        if role in (OWNER, Role.ESCALATION_MANAGER):
            users.add(case.owner)
        elif roles.get(role):
            users |= roles[role]
        elif not case.sensitive:
            users |= set(work.policy.roles.get(Role(role), ()))
    return users


async def _seen(work: UnitOfWork, case: Case, state: ClockState, user: str) -> bool:
    key = (case.number, state.clock, state.cycle, user)
    return await work.session.get(Sighting, key) is not None

"""Who is reminded of what: one table. A new reminder is one entry here and one template.

Each (case, clock, cycle, threshold) is said once, for ever; what passed unseen while the desk
was away is folded into one message that says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.rules.policy_model import MatrixEvent, Rung
from bot.rules.sla import ClockState
from bot.rules.words import ClockKind, Notice, Role, Severity
from bot.work import Work
from storage.models import Case, CaseRole, Sighting

OWNER = "owner"  # whoever is accountable for the case now
CHANNEL = "channel"  # everybody in the case's channel
LAST_WARNING = "warn:90"


@dataclass(frozen=True, slots=True)
class Reminder:
    """``moment`` is warn, breach or ladder; ``who`` are roles, OWNER or CHANNEL.

    ``near`` hear only the last warning; ``matrix`` names the policy's event that adds listeners
    of its own, without those who could do nothing about it (``spared``).
    """

    name: str
    clocks: frozenset[ClockKind]
    moment: str
    who: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    matrix: str = ""
    spared: frozenset[str] = frozenset()


K = ClockKind
CUSTOMER_CLOCKS = frozenset({K.FIRST_RESPONSE, K.NEXT_REPLY, K.NEXT_UPDATE})
TECHNICAL_CLOCKS = frozenset({K.WORKAROUND, K.RESOLUTION})

REMINDERS: tuple[Reminder, ...] = (
    Reminder("acknowledge_soon", frozenset({K.ACKNOWLEDGE}), "warn", (OWNER,)),
    Reminder(
        "acknowledge_late",
        frozenset({K.ACKNOWLEDGE}),
        "breach",
        (CHANNEL,),
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
    Reminder("solution_late", TECHNICAL_CLOCKS, "breach", (CHANNEL,), matrix="breach"),
    Reminder("check_in", frozenset({K.CHECK_IN}), "breach", (Role.TECHNICAL_LEAD,)),
    Reminder("handoff_waits", frozenset({K.HANDOFF}), "breach", (OWNER,)),
    Reminder("postmortem_soon", frozenset({K.POSTMORTEM_HELD}), "warn", (OWNER,)),
    Reminder("postmortem_late", frozenset({K.POSTMORTEM_HELD}), "breach", (OWNER, CHANNEL)),
    Reminder("ask_customer", frozenset({K.CUSTOMER_CONFIRMATION}), "warn", (OWNER, Role.AGENT)),
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


async def say(
    work: Work, case: Case, state: ClockState, threshold: str, missed: int, roles: Holders
) -> None:
    """Queue a threshold's reminder for everybody who must hear it."""
    entry = reminder_for(state.clock, threshold)
    if entry is None:
        return
    extra = _extra(state, threshold, missed)
    priority = effects.NUDGE if entry.moment == "warn" else effects.BREACH
    wanted = set(entry.who) | _matrix(work, case, entry) | _rung(work, case, threshold)
    if threshold == LAST_WARNING:
        wanted |= set(entry.near)
    if CHANNEL in wanted:
        await effects.post(work, case, "reminder", extra, priority=priority)
    for user in sorted(_users(work, case, roles, wanted - {CHANNEL})):
        if entry.moment != "ladder" or not await _seen(work, case, state, user):
            await effects.dm(work, user, "reminder", case, extra, priority=priority)


def _extra(state: ClockState, threshold: str, missed: int) -> dict[str, object]:
    due = state.breached_at or state.due or state.started_at
    return {
        "clock": state.clock,
        "threshold": threshold,
        "due": due.isoformat() if due else "",
        "cycle": state.cycle,
        "missed": missed,
    }


def _matrix(work: Work, case: Case, entry: Reminder) -> set[str]:
    if not entry.matrix:
        return set()
    event = MatrixEvent(entry.matrix)
    heard = work.policy.notices(event, Severity(case.severity))
    loud = {role for role, notice in heard.items() if notice in (Notice.PAGE, Notice.DM)}
    return {str(role) for role in loud} - entry.spared


def _rung(work: Work, case: Case, threshold: str) -> set[str]:
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
    work: Work, case: Case, roles: Mapping[str, set[str]], wanted: Iterable[str]
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


async def _seen(work: Work, case: Case, state: ClockState, user: str) -> bool:
    key = (case.number, state.clock, state.cycle, user)
    return await work.session.get(Sighting, key) is not None

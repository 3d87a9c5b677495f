"""A case's clocks: events in, states out. Only events are stored as truth; rows are a projection.

Every function that changes something appends events and computes all clocks of the case again
with the pure engine (bot/rules/sla), so a late proof, a new severity or a reopening is judged
exactly as if it had always been known.

Functions that take a ``UnitOfWork`` expect the case's row to be locked by it (``work.case``): the
rows of ``ClockEvent``, ``Clock`` and ``Fired`` have no lock of their own. They commit nothing and
queue nothing; what is to be said about a clock is queued by bot/sla/due.py once it is due. Events
are only ever appended: a wrong one is answered by a ``withdrawn`` entry. They are read back by
bot/sla/clock_history.py.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.facts.case import AMONG_US
from bot.rules.policy.model import ClockPolicy
from bot.rules.sla import ClockState, EventKind, State, Target, next_fire_at
from bot.rules.words import ClockKind, HoldReason, Severity
from bot.sla.calendars import choose_calendar, store_calendar
from bot.sla.clock_history import WITHDRAWN, ClockSnapshot, is_running, load_snapshot, load_states
from bot.sla.nudges import find_nudge
from storage.models import Case, Clock, ClockEvent
from storage.ranks import keep_next_due

BREACH = "breach"  # the threshold of the due instant
RETRACTED = "retracted"  # the threshold under which a withdrawn alarm is recorded
AT_RECEIPT = (
    ClockKind.ACKNOWLEDGE,
    ClockKind.FIRST_RESPONSE,
    ClockKind.WORKAROUND,
    ClockKind.RESOLUTION,
)
RETARGETED = (*AT_RECEIPT, ClockKind.NEXT_REPLY, ClockKind.NEXT_UPDATE, ClockKind.CHECK_IN)


async def start_clocks(work: UnitOfWork, case: Case) -> None:
    """Start the clocks that run from receipt, those of ``AT_RECEIPT``.

    They are recorded now and count from ``case.received_at``, so one may be breached at once. A
    clock that the policy does not set for the severity is not started.
    """
    for kind in AT_RECEIPT:
        await _append_start(work, case, kind, at=work.now, received_at=case.received_at)
    await project_clocks(work, case)


async def begin_clock(
    work: UnitOfWork,
    case: Case,
    clock: str,
    *,
    at: datetime | None = None,
    target: Target | None = None,
) -> None:
    """Start one clock by the policy of its kind, from ``at`` (default: now).

    ``clock`` is a kind, or a kind with a number: ``handoff:12``. ``target`` takes the place of the
    policy's, and is needed where that has none. Nothing happens where the severity has no such
    clock, where there is no target, or where the policy wants it only after a breach and the case
    has had none. On a clock that still runs a start changes nothing; on one that has ended it
    begins the next cycle.
    """
    await _append_start(work, case, clock, at=at or work.now, target=target)
    await project_clocks(work, case)


async def append_event(
    work: UnitOfWork,
    case: Case,
    kind: EventKind,
    *,
    at: datetime | None = None,
    clock: str | None = None,
    **fields: Any,
) -> None:
    """Append one event and compute the clocks again.

    ``clock`` None concerns every clock of the case; ``at`` is when it happened (default: now) and
    may lie in the past. ``fields`` are the other fields of ``bot.rules.sla.Event``; None is not
    stored.
    """
    _append(work, case, kind, at=at or work.now, clock=clock, **fields)
    await project_clocks(work, case)


async def stop_clock(
    work: UnitOfWork, case: Case, clock: str, *, at: datetime | None = None
) -> None:
    """Fulfil one clock at ``at`` (default: now); nothing happens where it does not run."""
    if await is_running(work, case, clock):
        await append_event(work, case, EventKind.STOP, at=at, clock=clock)


async def cancel_clocks(work: UnitOfWork, case: Case, clock: str | None = None) -> None:
    """Cancel the clock of that name, or every open clock of the case.

    The state of a cancelled clock is ``cancelled``, even after
    a breach, and it has no due instant.
    """
    for name, state in (await load_states(work.session, case.number, work.now)).items():
        if state.open and clock in (None, name):
            _append(work, case, EventKind.CANCEL, at=work.now, clock=name)
    await project_clocks(work, case)


async def withdraw_events(work: UnitOfWork, case: Case, events: Iterable[int]) -> None:
    """Correct the record: these events (ids) rested on something that turned out not to be so.

    One ``withdrawn`` entry names them in ``data["events"]``; the events stay stored and are never
    read again as facts. Clocks that only they had started lose their row. No ids: nothing happens.
    """
    named = list(events)
    if named:
        work.session.add(
            ClockEvent(
                case_number=case.number,
                at=work.now,
                recorded_at=work.now,
                kind=WITHDRAWN,
                data={"events": named},
            )
        )
        await project_clocks(work, case)


async def retarget_clocks(work: UnitOfWork, case: Case, policy_version: str | None = None) -> None:
    """Give every running clock the terms of the policy in force for the case's severity.

    Called after a change of severity and when a new policy is applied to open cases. Concerns the
    kinds in ``RETARGETED``, one event for each; time used so far stays used (R6). A clock that the
    severity does not have is cancelled. Repeating clocks take the new terms even while nothing is
    owed. ``policy_version`` is given where the policy changed and not the severity.
    """
    known = await load_states(work.session, case.number, work.now)
    severity = work.policy.severity(Severity(case.severity))
    for name, state in known.items():
        kind = name.partition(":")[0]
        if kind not in RETARGETED or not _still_judged(name, state):
            continue
        policy = severity.clocks.get(ClockKind(kind))
        if policy is None or policy.target is None:
            _append(work, case, EventKind.CANCEL, at=work.now, clock=name)
            continue
        fields = await _policy_fields(work, policy, case)
        kept = {**fields, "reason": policy_version}
        _append(work, case, EventKind.SEVERITY_CHANGE, at=work.now, clock=name, **kept)
    await project_clocks(work, case)


async def change_calendar(work: UnitOfWork, case: Case) -> None:
    """Let every running clock count by the working hours of the case's customer from now on.

    Targets stay, and so does the time used so far (R6). Called where a person chose so, after the
    case was given another customer.
    """
    known = await load_states(work.session, case.number, work.now)
    severity = work.policy.severity(Severity(case.severity))
    for name, state in known.items():
        kind = name.partition(":")[0]
        policy = severity.clocks.get(ClockKind(kind)) if kind in RETARGETED else None
        if policy is None or policy.target is None or not _still_judged(name, state):
            continue
        key = await store_calendar(work, await choose_calendar(work, policy, case))
        _append(work, case, EventKind.CALENDAR_CHANGE, at=work.now, clock=name, calendar=key)
    await project_clocks(work, case)


def _still_judged(name: str, state: ClockState) -> bool:
    """True for an open clock, and for a repeating one between two cycles."""
    repeating = name in {ClockKind.NEXT_UPDATE, ClockKind.NEXT_REPLY}
    return state.open or (repeating and state.state != State.CANCELLED)


async def project_clocks(
    work: UnitOfWork, case: Case, sheet: ClockSnapshot | None = None
) -> dict[str, ClockState]:
    """Compute every clock of the case and store when each is next due to be heard of.

    ``sheet`` saves reading again what is known not to have changed: it must hold every event that
    the transaction appended. A clock that has ended gets ``next_fire_at`` None, one that must take
    back an alarm gets now, one that is overdue beyond its ladder the next morning; a row without a
    clock is deleted, and ``case.next_due`` follows. Computing it twice changes nothing.
    """
    if sheet is None:
        sheet = await load_snapshot(work.session, case.number)
    known = sheet.states(work.now)
    rows = dict(sheet.rows)
    for name, state in known.items():
        row = rows.pop(name, None) or Clock(
            case_number=case.number, name=name, state=state.state, started_at=work.now
        )
        fired = sheet.fired.get((name, state.cycle), set())
        _store(row, state, fired, work.now)
        if row.next_fire_at is None and state.breached_at is not None:
            nudge = find_nudge(work.policy, sheet.history.calendars, state, fired)
            row.next_fire_at = nudge.at if nudge else None
        work.session.add(row)
    for gone in rows.values():
        await work.session.delete(gone)
    keep_next_due(work.session, case, (s.due for s in known.values() if _owed(s)))
    return known


def _owed(state: ClockState) -> bool:
    return state.open and state.state not in {State.MET, State.CANCELLED}


def _store(row: Clock, state: ClockState, fired: set[str], now: datetime) -> None:
    """Write a clock's computed state into its row; ``fired`` are the thresholds already said.

    The row is looked at again at the next threshold, or at once where a breach must be taken back.
    """
    row.state = state.state
    row.cycle = state.cycle
    row.started_at = state.started_at or row.started_at
    row.due = state.due
    row.breached_at = state.breached_at
    row.stopped_at = state.stopped_at
    row.next_fire_at = next_fire_at(state, fired) if state.open else None
    if to_retract(state, fired):
        row.next_fire_at = now


def to_retract(state: ClockState, fired: Collection[str]) -> bool:
    """True when an alarm was given that a later proof showed wrong, and this was not yet said."""
    return state.breach_retracted and BREACH in fired and RETRACTED not in fired


async def _append_start(
    work: UnitOfWork,
    case: Case,
    clock: str,
    *,
    at: datetime,
    received_at: datetime | None = None,
    target: Target | None = None,
) -> None:
    """Append a start by the policy in force, and a pause behind it while the case is on hold.

    The event carries the terms (target, calendar key, reasons to pause, warnings, ladder), so a
    changed policy does not touch it (R11).
    """
    kind = ClockKind(clock.partition(":")[0])
    policy = work.policy.severity(Severity(case.severity)).clocks.get(kind)
    if policy is None or (policy.target is None and target is None):
        return
    if policy.only_if_breached and not await _ever_breached(work, case):
        return
    fields = await _policy_fields(work, policy, case)
    fields["target"] = target or policy.target
    fields["stop_on"] = policy.stop_on
    _append(work, case, EventKind.START, at=at, clock=clock, received_at=received_at, **fields)
    if case.hold_reason:
        _append(work, case, EventKind.PAUSE, at=at, clock=clock, reason=case.hold_reason)


async def _ever_breached(work: UnitOfWork, case: Case) -> bool:
    """True once a clock towards the customer was breached.

    What only colleagues wait for does not count.
    """
    known = await load_states(work.session, case.number, work.now)
    return any(s.breached_at is not None for name, s in known.items() if name not in AMONG_US)


async def _policy_fields(work: UnitOfWork, policy: ClockPolicy, case: Case) -> dict[str, Any]:
    """The terms of a clock as the policy in force has them, as fields of ``Event``.

    The calendar is stored first where it is new.
    """
    severity = work.policy.severity(Severity(case.severity))
    return {
        "target": policy.target,
        "calendar": await store_calendar(work, await choose_calendar(work, policy, case)),
        "pause_on": tuple(HoldReason(r).value for r in policy.pause_on),
        "warn_pct": policy.warn_pct,
        "ladder_minutes": severity.ladder_minutes,
    }


def _append(
    work: UnitOfWork, case: Case, kind: EventKind, *, at: datetime, clock: str | None, **fields: Any
) -> None:
    """Add one ``ClockEvent`` to the session. Its ``data`` carries the given fields of ``Event``.

    ``{"target": {"minutes": 240, "business_days": null, "calendar_days": null}, "calendar": "…"}``:
    instants are ISO 8601 with offset, tuples are lists, fields that are None are missing.
    """
    work.session.add(
        ClockEvent(
            case_number=case.number,
            at=at,
            recorded_at=work.now,
            kind=kind,
            clock=clock,
            data={k: _to_json(v) for k, v in fields.items() if v is not None},
        )
    )


def _to_json(value: Any) -> Any:
    """A value of ``Event`` as plain JSON; instants are ISO 8601, tuples lists."""
    if isinstance(value, Target):
        return {
            "minutes": value.minutes,
            "business_days": value.business_days,
            "calendar_days": value.calendar_days,
        }
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value

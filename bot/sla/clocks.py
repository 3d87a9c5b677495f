"""A case's clocks: events in, states out. Only events are stored as truth; rows are a projection.

Every function that changes something appends events and computes all clocks of the case again
with the pure engine (bot/rules/sla), so a late proof, a new severity or a reopening is judged
exactly as if it had always been known.

Functions that take a ``UnitOfWork`` expect the case's row to be locked by it (``work.case``): the
rows of ``ClockEvent``, ``Clock`` and ``Fired`` have no lock of their own. They commit nothing and
queue nothing; what is to be said about a clock is queued by bot/sla/due.py once it is due. Events
are only ever appended: a wrong one is answered by a ``withdrawn`` entry.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.calendars.calendar import Calendar
from bot.rules.policy.model import ClockPolicy
from bot.rules.sla import ClockState, Event, EventKind, State, Target, next_fire_at, replay
from bot.rules.words import ClockKind, HoldReason, Severity
from storage.in_hand import rows_about
from storage.models import Account, CalendarSpec, Case, Clock, ClockEvent, Fired
from storage.upsert import upsert_row

WITHDRAWN = "withdrawn"  # the kind of a correcting entry, which names events that no longer count

BREACH = "breach"  # the threshold of the due instant
RETRACTED = "retracted"  # the threshold under which a withdrawn alarm is recorded
AT_RECEIPT = (
    ClockKind.ACKNOWLEDGE,
    ClockKind.FIRST_RESPONSE,
    ClockKind.WORKAROUND,
    ClockKind.RESOLUTION,
)
STORED = "calendars"  # the key under which a session remembers which calendars are there
RETARGETED = (*AT_RECEIPT, ClockKind.NEXT_REPLY, ClockKind.NEXT_UPDATE, ClockKind.CHECK_IN)


_PARSED: dict[str, Calendar] = {}  # by key: a hash of the content, so it never means another


@dataclass(frozen=True, slots=True)
class History:
    """A case's clock events with the calendars they name.

    ``events`` are without those withdrawn, by instant of happening; those of one instant stay in
    the order in which they were recorded. ``calendars`` is keyed as ``Event.calendar``, and may
    hold calendars of other cases that were read in the same batch.
    """

    events: tuple[Event, ...]
    calendars: Mapping[str, Calendar]

    def states(self, now: datetime) -> dict[str, ClockState]:
        """Every clock that was started, by name, judged by what was known at ``now``.

        A clock of replies is missing before the customer's first message.
        """
        if not self.events:
            return {}
        return {
            name: state
            for name, state in replay(self.events, self.calendars, as_of=now).items()
            if state.started_at is not None
        }


@dataclass(slots=True)
class ClockSnapshot:
    """All that is stored of a case's clocks.

    ``fired`` holds the names of recorded thresholds (``warn:75``) by clock and cycle, ``rows`` the
    projection by the clock's name. A caller that records a threshold adds it to ``fired`` itself.
    """

    history: History
    fired: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    rows: dict[str, Clock] = field(default_factory=dict)
    _known: tuple[datetime, dict[str, ClockState]] | None = None

    def states(self, now: datetime) -> dict[str, ClockState]:
        """Every clock at ``now``, computed once for the same instant."""
        if self._known is None or self._known[0] != now:
            self._known = (now, self.history.states(now))
        return self._known[1]


async def load_history(session: AsyncSession, number: int) -> History:
    """The clock events of case ``number``, those not flushed yet included.

    A case without events, or no such case, has an empty history.
    """
    rows = await rows_about(session, ClockEvent, number)
    return (await _read_histories(session, {number: rows}))[number]


async def load_snapshots(session: AsyncSession, numbers: Sequence[int]) -> dict[int, ClockSnapshot]:
    """The snapshots of several cases, in as many queries as for one.

    Every number asked for is in the answer. Locks nothing.
    """
    found = {n: ClockSnapshot(h) for n, h in (await _histories(session, numbers)).items()}
    fired = select(Fired).where(col(Fired.case_number).in_(numbers))
    for said in (await session.exec(fired)).all():
        found[said.case_number].fired.setdefault((said.clock, said.cycle), set()).add(
            said.threshold
        )
    rows = select(Clock).where(col(Clock.case_number).in_(numbers))
    for row in (await session.exec(rows)).all():
        found[row.case_number].rows[row.name] = row
    return found


async def _histories(session: AsyncSession, numbers: Sequence[int]) -> dict[int, History]:
    query = select(ClockEvent).where(col(ClockEvent.case_number).in_(numbers))
    found: dict[int, list[ClockEvent]] = {number: [] for number in numbers}
    for row in (await session.exec(query.order_by(col(ClockEvent.id)))).all():
        found[row.case_number].append(row)
    return await _read_histories(session, found)


async def _read_histories(
    session: AsyncSession, found: Mapping[int, Sequence[ClockEvent]]
) -> dict[int, History]:
    events = {number: [_event(row) for row in _counting(rows)] for number, rows in found.items()}
    wanted = {e.calendar for told in events.values() for e in told if e.calendar}
    calendars = await _calendars(session, wanted)
    return {
        number: History(tuple(sorted(told, key=lambda e: e.at)), calendars)
        for number, told in events.items()
    }


def _counting(rows: Sequence[ClockEvent]) -> list[ClockEvent]:
    """The events of one case that still count.

    Withdrawn events and the ``withdrawn`` entries themselves (``data["events"]``: ids) are left
    out.
    """
    void = {number for row in rows if row.kind == WITHDRAWN for number in row.data["events"]}
    return [row for row in rows if row.kind != WITHDRAWN and row.id not in void]


async def _snapshot_of(session: AsyncSession, number: int) -> ClockSnapshot:
    """All that is stored of the clocks of one case, and what is not flushed yet."""
    found = ClockSnapshot(await load_history(session, number))
    for said in await rows_about(session, Fired, number):
        found.fired.setdefault((said.clock, said.cycle), set()).add(said.threshold)
    found.rows |= {row.name: row for row in await rows_about(session, Clock, number)}
    return found


async def _calendars(session: AsyncSession, keys: set[str]) -> Mapping[str, Calendar]:
    """The calendars of these keys, parsed once per process: a key is a hash of its content.

    Raises KeyError for a key that is not in the store.
    """
    if unknown := keys - _PARSED.keys():
        query = select(CalendarSpec).where(col(CalendarSpec.key).in_(unknown))
        for row in (await session.exec(query)).all():
            _PARSED[row.key] = _calendar(row)
    return {key: _PARSED[key] for key in keys}


async def load_states(session: AsyncSession, number: int, now: datetime) -> dict[str, ClockState]:
    """The clocks of case ``number`` as they stand at ``now``, by name; see ``History.states``."""
    return (await load_history(session, number)).states(now)


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
    """Cancel the clock of that name, or every open clock of the case but those of action items.

    Action items outlive their case. The state of a cancelled clock is ``cancelled``, even after
    a breach, and it has no due instant.
    """
    for name, state in (await load_states(work.session, case.number, work.now)).items():
        wanted = name == clock if clock else not name.startswith(ClockKind.ACTION_ITEM)
        if wanted and state.open:
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


async def newest_event(work: UnitOfWork, case: Case) -> int:
    """The id of the case's last clock event, flushing what has none yet; 0 before the first.

    Withdrawn events count. Take it before a step and give it to ``events_since`` after it.
    """
    return max((row.id for row in await _numbered(work, case)), default=0)


async def events_since(work: UnitOfWork, case: Case, event: int) -> list[int]:
    """The ids of the case's clock events after ``event``, as ``withdraw_events`` takes them."""
    return [row.id for row in await _numbered(work, case) if row.id > event]


async def _numbered(work: UnitOfWork, case: Case) -> Sequence[ClockEvent]:
    rows = await rows_about(work.session, ClockEvent, case.number)
    if any(row.id is None for row in rows):
        await work.session.flush()
    return rows


async def retarget_clocks(work: UnitOfWork, case: Case) -> None:
    """Give every running clock the terms of the policy in force for the case's severity.

    Called after a change of severity and when a new policy is applied to open cases. Concerns the
    kinds in ``RETARGETED``, one event for each; time used so far stays used (R6). A clock that the
    severity does not have is cancelled. Repeating clocks take the new terms even while nothing is
    owed.
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
        _append(work, case, EventKind.SEVERITY_CHANGE, at=work.now, clock=name, **fields)
    await project_clocks(work, case)


def _still_judged(name: str, state: ClockState) -> bool:
    """True for an open clock, and for a repeating one between two cycles."""
    repeating = name in {ClockKind.NEXT_UPDATE, ClockKind.NEXT_REPLY}
    return state.open or (repeating and state.state != State.CANCELLED)


async def is_running(work: UnitOfWork, case: Case, clock: str) -> bool:
    """True while the clock of that name is started and neither fulfilled nor cancelled.

    A breached clock runs until it is fulfilled; a paused one runs too.
    """
    state = (await load_states(work.session, case.number, work.now)).get(clock)
    return state is not None and state.open and state.state != State.CANCELLED


async def has_clock(work: UnitOfWork, case: Case, clock: str) -> bool:
    """True once the clock was ever started and is not cancelled, whether or not it has ended.

    Reads events only, so it is cheaper than ``is_running`` and also sees a clock of replies that
    waits for its first message. Only a start or a cancellation that names the clock counts.
    """
    rows = _counting(await rows_about(work.session, ClockEvent, case.number))
    begun = (EventKind.START, EventKind.CANCEL)
    kinds = [row.kind for row in rows if row.clock == clock and row.kind in begun]
    return bool(kinds) and kinds[-1] == EventKind.START


async def project_clocks(
    work: UnitOfWork, case: Case, sheet: ClockSnapshot | None = None
) -> dict[str, ClockState]:
    """Compute every clock of the case and store when each is next due to be heard of.

    ``sheet`` saves reading again what is known not to have changed: it must hold every event that
    the transaction appended. A clock that has ended gets ``next_fire_at`` None, one that must take
    back an alarm gets now; a row without a clock is deleted. Computing it twice changes nothing.
    """
    if sheet is None:
        sheet = await _snapshot_of(work.session, case.number)
    known = sheet.states(work.now)
    rows = dict(sheet.rows)
    for name, state in known.items():
        row = rows.pop(name, None) or Clock(
            case_number=case.number, name=name, state=state.state, started_at=work.now
        )
        _store(row, state, sheet.fired.get((name, state.cycle), set()), work.now)
        work.session.add(row)
    for gone in rows.values():
        await work.session.delete(gone)
    return known


def _store(row: Clock, state: ClockState, fired: set[str], now: datetime) -> None:
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

    Check-ins are internal and do not count.
    """
    known = await load_states(work.session, case.number, work.now)
    return any(s.breached_at is not None for name, s in known.items() if name != ClockKind.CHECK_IN)


async def _policy_fields(work: UnitOfWork, policy: ClockPolicy, case: Case) -> dict[str, Any]:
    severity = work.policy.severity(Severity(case.severity))
    return {
        "target": policy.target,
        "calendar": await _calendar_key(work, await _calendar_name(work, policy, case)),
        "pause_on": tuple(HoldReason(r).value for r in policy.pause_on),
        "warn_pct": policy.warn_pct,
        "ladder_minutes": severity.ladder_minutes,
    }


async def _calendar_name(work: UnitOfWork, policy: ClockPolicy, case: Case) -> str:
    """The account's own working hours, if it has any; a clock that never closes stays so."""
    with work.session.no_autoflush:
        account = await work.session.get(Account, case.account_key) if case.account_key else None
    own = account.calendar if account else None
    if own is None or own not in work.policy.calendars:
        return policy.calendar
    return policy.calendar if work.policy.calendars[policy.calendar].never_closes else own


async def _calendar_key(work: UnitOfWork, name: str) -> str:
    """The key of a calendar of the policy; stored first if no clock has used this content yet."""
    calendar = work.policy.calendars[name]
    stored: set[str] = work.session.info.setdefault(STORED, set())
    if calendar.key not in stored:
        with work.session.no_autoflush:
            there = await work.session.get(CalendarSpec, calendar.key)
        if there is None:
            spec = CalendarSpec(key=calendar.key, name=name, spec=calendar.spec())
            await upsert_row(work.session, spec)
        stored.add(calendar.key)
    return calendar.key


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
    if isinstance(value, Target):
        return {
            "minutes": value.minutes,
            "business_days": value.business_days,
            "calendar_days": value.calendar_days,
        }
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _event(row: ClockEvent) -> Event:
    """A stored event as the engine takes it; the inverse of ``_append``.

    One that was recorded at or before it happened was known at once.
    """
    fields = dict(row.data)
    for name in ("received_at", "promised_at"):
        if name in fields:
            fields[name] = datetime.fromisoformat(fields[name])
    for name in ("pause_on", "warn_pct", "ladder_minutes"):
        if name in fields:
            fields[name] = tuple(fields[name])
    if "target" in fields:
        fields["target"] = Target(**fields["target"])
    return Event(
        at=row.at,
        kind=EventKind(row.kind),
        clock=row.clock,
        recorded_at=row.recorded_at if row.recorded_at > row.at else None,
        **fields,
    )


def _calendar(row: CalendarSpec) -> Calendar:
    return Calendar.from_spec(row.spec)

"""A case's clocks as they are read: its stored events, the states they give, what was recorded.

Events are written by bot/sla/clocks.py. Nothing here locks, changes or commits a row; events that
still need an id are flushed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.calendars.calendar import Calendar
from bot.rules.sla import ClockState, Event, EventKind, State, Target, replay
from bot.rules.words import ClockKind
from storage.in_hand import rows_about
from storage.models import CalendarSpec, Case, Clock, ClockEvent, Fired

WITHDRAWN = "withdrawn"  # the kind of a correcting entry, which names events that no longer count

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

    ``fired`` holds the names of recorded thresholds (``warn:75``) by clock and cycle, ``said`` the
    rows of these, ``rows`` the projection by the clock's name. A caller that records a threshold
    adds it to ``fired`` itself.
    """

    history: History
    fired: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    said: list[Fired] = field(default_factory=list)
    rows: dict[str, Clock] = field(default_factory=dict)
    _known: tuple[datetime, dict[str, ClockState]] | None = None

    def add_said(self, row: Fired) -> None:
        """Take in the row of a recorded threshold."""
        self.said.append(row)
        self.fired.setdefault((row.clock, row.cycle), set()).add(row.threshold)

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
        found[said.case_number].add_said(said)
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
    """Events of each case in the order of their instants, with the calendars that they name.

    One statement for all calendars that are not known yet.
    """
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


async def load_snapshot(session: AsyncSession, number: int) -> ClockSnapshot:
    """All that is stored of the clocks of one case, and what is not flushed yet."""
    found = ClockSnapshot(await load_history(session, number))
    for said in await rows_about(session, Fired, number):
        found.add_said(said)
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


async def is_running(work: UnitOfWork, case: Case, clock: str) -> bool:
    """True while the clock of that name is started and neither fulfilled nor cancelled.

    A breached clock runs until it is fulfilled; a paused one runs too.
    """
    state = (await load_states(work.session, case.number, work.now)).get(clock)
    return state is not None and state.open and state.state != State.CANCELLED


async def reply_owed_since(work: UnitOfWork, case: Case) -> datetime | None:
    """When the customer wrote the first message that no one has answered; None without any."""
    known = await load_states(work.session, case.number, work.now)
    state = known.get(ClockKind.NEXT_REPLY)
    owed = state is not None and state.open and state.state != State.CANCELLED
    return state.started_at if state is not None and owed else None


async def has_clock(work: UnitOfWork, case: Case, clock: str) -> bool:
    """True once the clock was ever started and is not cancelled, whether or not it has ended.

    Reads events only, so it is cheaper than ``is_running`` and also sees a clock of replies that
    waits for its first message. Only a start or a cancellation that names the clock counts.
    """
    rows = _counting(await rows_about(work.session, ClockEvent, case.number))
    begun = (EventKind.START, EventKind.CANCEL)
    kinds = [row.kind for row in rows if row.clock == clock and row.kind in begun]
    return bool(kinds) and kinds[-1] == EventKind.START


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


def _event(row: ClockEvent) -> Event:
    """A stored event as the engine takes it; the inverse of ``_append`` in clocks.py.

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

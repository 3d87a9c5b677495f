"""From the facts of a case to the state of its clocks: order them, fold them, look back once.

Facts count when they happened, not when they arrived (R8). Where a fact came late, the case is
folded once more without it, to find alarms that went out and were wrong: so the cost grows with
the number of events times the number of late ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.rules.calendars.calendar import Calendar
from bot.rules.sla.clock import Clock
from bot.rules.sla.model import ClockState, Event, EventKind
from bot.rules.words import HoldReason

# R3: at one instant, what fulfils comes before the breach, and the breach before what changes.
BEFORE_BREACH = frozenset(
    {EventKind.START, EventKind.STOP, EventKind.AGENT_PUBLIC, EventKind.CANCEL}
)


def replay(
    events: Iterable[Event], calendars: Mapping[str, Calendar], as_of: datetime | None = None
) -> dict[str, ClockState]:
    """The state of every clock of a case.

    Args:
        events: The facts, in any order; those of one instant stay in the order given.
        calendars: Every calendar that an event names.
        as_of: The instant to judge at, knowing what was known then; None means just after the
            last event.

    Returns:
        The clocks that had started, by name.

    Raises:
        KeyError: An event names a calendar that is not in the mapping.
        ValueError: A start lacks its target or its calendar.

    """
    known = [e for e in events if as_of is None or max(e.known_at, e.effective_at) <= as_of]
    if not known:
        return {}
    now = as_of or max(max(e.known_at, e.effective_at) for e in known)
    clocks = _fold(known, calendars, now, inclusive=True)
    wrong = _wrong_alarms(known, calendars, clocks)
    return {
        name: replace(clock.state(now), breach_retracted=name in wrong)
        for name, clock in clocks.items()
    }


def _fold(
    events: Iterable[Event], calendars: Mapping[str, Calendar], until: datetime, *, inclusive: bool
) -> dict[str, Clock]:
    """The clocks after these events, in the order of R3, ticked up to ``until``.

    ``inclusive``: what is due at ``until`` itself is breached.
    """
    clocks: dict[str, Clock] = {}
    reasons: set[str] = set()  # of the whole case; a clock that starts on hold waits at once
    for event in sorted(events, key=_order):
        before_breach = event.kind in BEFORE_BREACH
        for clock in clocks.values():
            clock.tick(event.effective_at, inclusive=not before_breach)
        _note_reasons(reasons, event)
        if event.kind is EventKind.START and event.clock and event.clock not in clocks:
            clocks[event.clock] = Clock(event.clock, calendars, event, reasons)
            continue
        for name, clock in clocks.items():
            if event.clock in (None, name):
                clock.handle(event)
    for clock in clocks.values():
        clock.tick(until, inclusive=inclusive)
    return clocks


def _order(event: Event) -> tuple[datetime, bool]:
    """By the instant at which it counts; at one instant first what fulfils or starts (R3)."""
    return event.effective_at, event.kind not in BEFORE_BREACH


def _note_reasons(reasons: set[str], event: Event) -> None:
    """Keep the reasons for which the whole case waits; those of one clock are its own."""
    if event.kind is EventKind.CUSTOMER_MESSAGE:
        reasons.discard(HoldReason.WAITING_CUSTOMER)
    elif event.clock is None and event.kind is EventKind.PAUSE and event.reason:
        reasons.add(event.reason)
    elif event.clock is None and event.kind is EventKind.RESUME:
        reasons.discard(event.reason or "")


def _wrong_alarms(
    events: list[Event], calendars: Mapping[str, Calendar], truth: Mapping[str, Clock]
) -> set[str]:
    """The clocks for which a breach was announced that later knowledge took back."""
    wrong: set[str] = set()
    for moment in sorted({e.known_at for e in events if e.known_at > e.effective_at}):
        believed = _fold(
            [e for e in events if e.known_at < moment], calendars, moment, inclusive=False
        )
        wrong |= {
            name
            for name, clock in believed.items()
            for start, _ in clock.missed()
            if not _covers(truth[name].missed(), start)
        }
    return wrong


def _covers(spans: list[tuple[datetime, datetime | None]], instant: datetime) -> bool:
    return any(start <= instant and (end is None or instant < end) for start, end in spans)

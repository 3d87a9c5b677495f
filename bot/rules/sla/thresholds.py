"""What a clock has to say, and when: warnings, the breach, levels of the ladder (R12–R14).

After the last of them come the mornings on which it is still overdue (``next_nudge``).

Names are stored, so they never change. Which people hear one: bot/sla/reminders.py.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.rules.sla.model import ClockState, State


class ThresholdKind(StrEnum):
    """The kind of a threshold, whatever its figure: the part of its name before the colon."""

    WARN = "warn"
    BREACH = "breach"
    LADDER = "ladder"
    OVERDUE = "overdue"


BREACH = ThresholdKind.BREACH.value
LOUDEST = 1000  # no ladder has so many levels


def kind_of_threshold(name: str) -> ThresholdKind:
    """``warn`` for ``warn:75``. Raises ValueError for what is no threshold."""
    kind = name.partition(":")[0]
    if kind not in set(ThresholdKind):
        raise ValueError(f"no clock has a threshold {name}")
    return ThresholdKind(kind)


@dataclass(frozen=True)
class Threshold:
    """One thing to say once in a cycle: ``warn:75``, ``breach``, ``ladder:1`` (the second).

    ``overdue:2026-02-11`` is the morning of that date.

    ``at`` is the instant it is reached, not the clock's due instant.
    """

    name: str
    at: datetime


def thresholds(state: ClockState) -> list[Threshold]:
    """Everything this cycle has said or will say as things stand, quietest first.

    A level at the breach itself is the breach. An ended clock says at most that it breached.
    """
    breach = state.breached_at or state.due
    if state.state in (State.MET, State.CANCELLED):
        return []
    if not state.open:
        return [Threshold(BREACH, breach)] if state.breached_at and breach else []
    found = [Threshold(f"warn:{pct}", at) for pct, at in sorted(state.warn_at.items())]
    if breach is not None:
        found.append(Threshold(BREACH, breach))
        levels = zip(state.ladder, state.ladder_minutes, strict=True)
        found += [Threshold(f"ladder:{n}", at) for n, (at, minutes) in enumerate(levels) if minutes]
    return found


def due_thresholds(
    state: ClockState, fired: Set[str], now: datetime
) -> tuple[list[Threshold], Threshold | None]:
    """What to record as fired now, and the one of it to say aloud; empty and None for nothing new.

    After downtime, or after a change that passes several at once, they collapse into the loudest;
    a quieter one than what was already said is recorded in silence.

    Args:
        state: The clock at any instant up to now.
        fired: The names recorded for this clock and cycle.
        now: The present.
    """
    everything = thresholds(state)
    reached = [threshold for threshold in everything if threshold.at <= now]
    new = [threshold for threshold in reached if threshold.name not in fired]
    if not new:
        return [], None
    names = [threshold.name for threshold in everything]
    loudest_said = max((names.index(name) for name in fired if name in names), default=-1)
    say = new[-1] if names.index(new[-1].name) > loudest_said else None
    return new, say


def next_fire_at(state: ClockState, fired: Set[str]) -> datetime | None:
    """When the next unsaid threshold is reached; in the past if one was missed; None if none.

    The index on this value is what the app watches; it is stored by bot/sla/clocks.py.
    """
    return min((t.at for t in thresholds(state) if t.name not in fired), default=None)


def next_nudge(
    state: ClockState, fired: Set[str], next_morning: Callable[[datetime], datetime]
) -> Threshold | None:
    """The next morning on which an overdue clock is spoken of again; None while anything else is.

    It follows the last level of the ladder, and goes on until the clock is fulfilled. None for a
    clock that waits.

    Args:
        state: The clock at any instant.
        fired: The names recorded for this clock and cycle.
        next_morning: The first morning after an instant; its date names the threshold.
    """
    said = thresholds(state)
    if not state.open or state.breached_at is None or state.paused:
        return None
    if any(threshold.name not in fired for threshold in said):
        return None
    days = [name.partition(":")[2] for name in fired if name.startswith(ThresholdKind.OVERDUE)]
    morning = next_morning(max(threshold.at for threshold in said))
    last = max(days, default="")
    while morning.date().isoformat() <= last:
        morning = next_morning(morning)
    return Threshold(f"{ThresholdKind.OVERDUE}:{morning.date().isoformat()}", morning)


def loudness_of(name: str) -> int:
    """How loud a threshold is: a warning 0, the breach 1, levels of the ladder from 2 on.

    A morning on which it is still overdue is louder than all of these. Raises ValueError for what
    is no threshold.
    """
    match kind_of_threshold(name):
        case ThresholdKind.WARN:
            return 0
        case ThresholdKind.BREACH:
            return 1
        case ThresholdKind.LADDER:
            return 2 + int(name.partition(":")[2])
        case ThresholdKind.OVERDUE:
            return LOUDEST

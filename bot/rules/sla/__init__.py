"""The clocks of a case: facts in, states out (rules R1–R14 of docs/clocks.md)."""

from bot.rules.sla.model import (
    Cause,
    ClockState,
    ClockType,
    Cycle,
    Event,
    EventKind,
    PausedSpan,
    Result,
    Segment,
    State,
    Target,
    clock_type,
)
from bot.rules.sla.replay import replay
from bot.rules.sla.thresholds import (
    Threshold,
    ThresholdKind,
    due_thresholds,
    kind_of_threshold,
    next_fire_at,
    thresholds,
)

__all__ = [
    "Cause",
    "ClockState",
    "ClockType",
    "Cycle",
    "Event",
    "EventKind",
    "PausedSpan",
    "Result",
    "Segment",
    "State",
    "Target",
    "Threshold",
    "ThresholdKind",
    "clock_type",
    "due_thresholds",
    "kind_of_threshold",
    "next_fire_at",
    "replay",
    "thresholds",
]

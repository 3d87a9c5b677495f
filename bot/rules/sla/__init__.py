"""The clocks of a case: facts in, states out (rules R1–R14 of docs/clocks.md).

``replay`` is the entry: it orders the events and folds them, ``clock`` moves one clock by each of
them, ``rounds`` has the arithmetic between start and fulfilment, ``thresholds`` what is to be said
when. No part of it knows the store, the policy or the present time.
"""

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
    loudness_of,
    next_fire_at,
    next_nudge,
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
    "loudness_of",
    "next_fire_at",
    "next_nudge",
    "replay",
    "thresholds",
]

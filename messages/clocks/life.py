"""What a picture of a clock's life shows: plain instants, nothing about drawing.

``picture.py`` draws it. All instants are aware; the zone is only for how they are written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.rules.calendars.calendar import Calendar
from bot.rules.sla import ClockState
from bot.rules.words import Language
from messages.clocks.formatter import Teller

Stretch = tuple[datetime, datetime]
MARGIN = 30  # the picture ends this fraction of its length after the last thing in it


class MarkKind(StrEnum):
    """What happens at an instant of the picture.

    Each value but ``warning`` and ``level``, which are shown as figures, is a text under
    ``picture.``.
    """

    WARNING = "warning"
    DUE = "due"
    BREACH = "breach"
    LEVEL = "level"
    DONE = "done"
    NOW = "now"


@dataclass(frozen=True)
class Mark:
    """An instant with a short label ("75%", "+1"), or "" for the word and time of its kind."""

    at: datetime
    kind: MarkKind
    label: str = ""


@dataclass(frozen=True)
class ClockLife:
    """A clock from its start to the last thing known about it; stretches are half-open.

    ``open`` is when the calendar is open, ``counted`` what of it was used, ``waited`` the pauses,
    the open one until now. ``marks`` are in the order of time. ``end`` lies a thirtieth of the
    length after the last mark, so that its line is inside the picture.
    """

    title: str
    zone: str
    language: Language
    start: datetime
    end: datetime
    open: tuple[Stretch, ...]
    counted: tuple[Stretch, ...]
    waited: tuple[Stretch, ...]
    marks: tuple[Mark, ...]


def life_of(
    state: ClockState,
    calendars: Mapping[str, Calendar],
    now: datetime,
    language: Language,
    zone: str,
) -> ClockLife | None:
    """Gather the life of a clock's present cycle; None while nothing is owed.

    A finished clock ends with its last mark, an open one not before now; either is at least half an
    hour long. Without a calendar of that name nothing is open and every stretch counts whole.

    Args:
        state: The clock, replayed up to now.
        calendars: The mapping that ``replay`` was given.
        now: The present, which is marked while the clock is open.
        language: Of the reader.
        zone: The reader's IANA zone.
    """
    if state.started_at is None:
        return None
    marks = _marks(state, now)
    last = max([state.started_at + timedelta(minutes=30), now, *(mark.at for mark in marks)])
    if not state.open:
        last = max([state.started_at + timedelta(minutes=30), *(mark.at for mark in marks)])
    end = last + (last - state.started_at) / MARGIN
    calendar = calendars.get(state.calendar or "")
    return ClockLife(
        title=Teller(language, zone).clock(state.clock),
        zone=zone,
        language=language,
        start=state.started_at,
        end=end,
        open=tuple(calendar.windows(state.started_at, end)) if calendar else (),
        counted=tuple(_counted(state, calendars)),
        waited=tuple((span.start, span.end or now) for span in state.paused_spans),
        marks=tuple(marks),
    )


def _marks(state: ClockState, now: datetime) -> list[Mark]:
    """List the warnings, the breach with the levels that were reached, or the due time.

    A last mark is when the clock stopped, or now. Levels count from 1 and must come after
    the breach and not after the end.
    """
    marks = [Mark(at, MarkKind.WARNING, f"{pct}%") for pct, at in state.warn_at.items()]
    if state.breached_at:
        marks.append(Mark(state.breached_at, MarkKind.BREACH))
        levels = [at for at in state.ladder if at > state.breached_at]
        marks += [
            Mark(at, MarkKind.LEVEL, f"+{n}")
            for n, at in enumerate(levels, 1)
            if at <= (state.stopped_at or at)
        ]
    elif state.due:
        marks.append(Mark(state.due, MarkKind.DUE))
    if state.stopped_at:
        marks.append(Mark(state.stopped_at, MarkKind.DONE))
    else:
        marks.append(Mark(now, MarkKind.NOW))
    return sorted(marks, key=lambda mark: mark.at)


def _counted(state: ClockState, calendars: Mapping[str, Calendar]) -> list[Stretch]:
    """List the open parts of what the clock ran through; calendar days count all of it."""
    stretches: list[Stretch] = []
    whole = state.target is not None and state.target.calendar_days is not None
    for segment in state.segments:
        calendar = calendars.get(segment.calendar)
        if whole or calendar is None:
            stretches.append((segment.start, segment.end))
        else:
            stretches += calendar.windows(segment.start, segment.end)
    return stretches

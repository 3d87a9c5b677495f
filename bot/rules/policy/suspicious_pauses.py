"""Pauses that look as if they were set to dodge a breach; a reason to talk, never a verdict.

Read by administrators (``policy pauses``), never by the app itself.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.rules.calendars.calendar import Calendar
from bot.rules.sla import Event, replay

NEAR = timedelta(minutes=30)  # before or after the due instant that was dodged
OFTEN = 3  # pauses of one clock, or by one person close to a due instant
INSTANT = timedelta(microseconds=1)


class Sign(StrEnum):
    """Why a pause stands out: when it was set, when it ended, or how often.

    The first two compare with the due instant before the pause, the others count the pauses given.
    """

    JUST_BEFORE_DUE = "just_before_due"
    ENDED_RIGHT_AFTER = "ended_right_after"
    REPEATED_ON_CLOCK = "repeated_on_clock"
    REPEATED_BY_PERSON = "repeated_by_person"


@dataclass(frozen=True)
class Pause:
    """One pause of one clock, with the due instant that it moved; ``end`` None: still on.

    ``due_before`` is None where nothing was due; ``by`` is a user id, empty where it is not known.
    ``case`` is as it is shown (``ESC-7``), ``clock`` a clock's name, ``reasons`` what it was paused
    for. Instants are aware.
    """

    case: str
    clock: str
    by: str
    reasons: tuple[str, ...]
    start: datetime
    end: datetime | None
    due_before: datetime | None


@dataclass(frozen=True)
class Suspicion:
    """A pause and what stands out about it: at least one sign, in the order of ``Sign``."""

    pause: Pause
    signs: tuple[Sign, ...]


def pauses_of(
    case: str,
    events: Iterable[Event],
    calendars: Mapping[str, Calendar],
    set_by: Callable[[datetime], str],
) -> list[Pause]:
    """Every pause of the present cycles of a case's clocks, with what was due before it.

    Each costs a replay of the case up to the moment before it. Pauses of finished cycles are not
    kept.

    Args:
        case: The case's key, for the report.
        events: The case's events.
        calendars: Every calendar that an event names.
        set_by: Who set the pause that began at an instant.
    """
    facts = list(events)
    found = []
    for name, state in replay(facts, calendars).items():
        for span in state.paused_spans:
            before = replay(facts, calendars, as_of=span.start - INSTANT).get(name)
            due = before.due if before else None
            by = set_by(span.start)
            found.append(Pause(case, name, by, span.reasons, span.start, span.end, due))
    return found


def find_suspicious_pauses(
    pauses: Iterable[Pause], near: timedelta = NEAR, often: int = OFTEN
) -> list[Suspicion]:
    """The pauses that stand out, those with most signs first.

    A pause set within ``near`` of the due instant, or ended within ``near`` after the instant that
    it moved, stands out; so do ``often`` pauses of one clock, and ``often`` of one person that were
    set just before something was due. Of equal ones the earliest comes first. Both ends of ``near``
    count; a pause that is still on has not ended. Pauses by an unknown person (``by`` is "") are
    not counted as one person's.
    """
    everything = list(pauses)
    by_clock = Counter((pause.case, pause.clock) for pause in everything)
    by_person = Counter(p.by for p in everything if p.by and _just_before(p, near))
    found = []
    for pause in everything:
        signs = {
            Sign.JUST_BEFORE_DUE: _just_before(pause, near),
            Sign.ENDED_RIGHT_AFTER: _right_after(pause, near),
            Sign.REPEATED_ON_CLOCK: by_clock[pause.case, pause.clock] >= often,
            Sign.REPEATED_BY_PERSON: (_just_before(pause, near) and by_person[pause.by] >= often),
        }
        shown = tuple(sign for sign, present in signs.items() if present)
        if shown:
            found.append(Suspicion(pause, shown))
    return sorted(found, key=lambda s: (-len(s.signs), s.pause.start))


def _just_before(pause: Pause, near: timedelta) -> bool:
    due = pause.due_before
    return due is not None and timedelta() <= due - pause.start <= near


def _right_after(pause: Pause, near: timedelta) -> bool:
    due, end = pause.due_before, pause.end
    return due is not None and end is not None and timedelta() <= end - due <= near

"""The one clock of a problem: when all its customers hear from us next. Pure.

It is warned of at the policy's shares of the time there was, breaks at its instant, and then
climbs the severity's ladder in the open minutes of the clock's calendar. Unlike a case's clocks it
keeps no events: its row has a beginning, an end and the last threshold heard (bot/problems/due.py).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.rules.policy.load import Policy
from bot.rules.sla.thresholds import BREACH, Threshold
from bot.rules.words import ClockKind, Severity

DEFAULT = timedelta(hours=24)  # where the policy promises no updates at a severity


def next_update_due(policy: Policy, severity: Severity, began: datetime) -> datetime:
    """When the next update to all is due by the policy, unless an earlier one is promised.

    A target in days counts as none: then it is ``DEFAULT`` after ``began``, by the wall clock.
    """
    clock = policy.clock(severity, ClockKind.NEXT_UPDATE)
    minutes = clock.target.minutes if clock.target else None
    if not minutes:
        return began + DEFAULT
    return policy.calendars[clock.calendar].add(began, timedelta(minutes=minutes))


def update_thresholds(
    policy: Policy, severity: Severity, began: datetime, ends: datetime
) -> list[Threshold]:
    """What is said when, in order: ``warn:75``, ``breach``, ``ladder:30`` …

    The figure of a level is its minutes here, not its place as in a case's clocks. Warnings are
    shares of the wall time between ``began`` and ``ends``.
    """
    clock = policy.clock(severity, ClockKind.NEXT_UPDATE)
    calendar = policy.calendars[clock.calendar] if clock.calendar else None
    found = [Threshold(f"warn:{pct}", began + (ends - began) * pct / 100) for pct in clock.warn_pct]
    found.append(Threshold(BREACH, ends))
    # At the very instant the owner is told by the breach itself.
    for minutes in (each for each in policy.severity(severity).ladder_minutes if each):
        span = timedelta(minutes=minutes)
        at = calendar.add(ends, span) if calendar else ends + span
        found.append(Threshold(f"ladder:{minutes}", at))
    return sorted(found, key=lambda each: each.at)


def thresholds_reached(
    known: Iterable[Threshold], heard_to: datetime | None, now: datetime
) -> list[Threshold]:
    """Those that were passed and not said; the last is said, the others fold into it.

    ``heard_to`` is the instant of the last one said, None before the first.
    """
    return [t for t in known if t.at <= now and (heard_to is None or t.at > heard_to)]


def next_threshold_at(known: Iterable[Threshold], heard_to: datetime | None) -> datetime | None:
    """When something is said next; None once the ladder has ended."""
    return next((t.at for t in known if heard_to is None or t.at > heard_to), None)

"""The one clock of a problem: when all its customers hear from us next. Pure.

It is warned of at the policy's shares of the time there was, breaks at its instant, and then
climbs the severity's ladder in the open minutes of the clock's calendar.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.rules.policy.load import Policy
from bot.rules.words import ClockKind, Severity

BREACH = "breach"
DEFAULT = timedelta(hours=24)  # where the policy promises no updates at a severity


def due(policy: Policy, severity: Severity, began: datetime) -> datetime:
    """When the next update to all is due by the policy, if nobody promises an earlier one."""
    clock = policy.clock(severity, ClockKind.NEXT_UPDATE)
    minutes = clock.target.minutes if clock.target else None
    if not minutes:
        return began + DEFAULT
    return policy.calendars[clock.calendar].add(began, timedelta(minutes=minutes))


def thresholds(
    policy: Policy, severity: Severity, began: datetime, ends: datetime
) -> list[tuple[str, datetime]]:
    """What is said when, in order: ``warn:75``, ``breach``, ``ladder:30`` …"""
    clock = policy.clock(severity, ClockKind.NEXT_UPDATE)
    calendar = policy.calendars[clock.calendar] if clock.calendar else None
    found = [(f"warn:{pct}", began + (ends - began) * pct / 100) for pct in clock.warn_pct]
    found.append((BREACH, ends))
    # At the very instant the owner is told by the breach itself.
    for minutes in (each for each in policy.severity(severity).ladder_minutes if each):
        span = timedelta(minutes=minutes)
        found.append((f"ladder:{minutes}", calendar.add(ends, span) if calendar else ends + span))
    return sorted(found, key=lambda each: each[1])


def reached(
    steps: Iterable[tuple[str, datetime]], heard_to: datetime | None, now: datetime
) -> list[tuple[str, datetime]]:
    """The steps that were passed and not said; the last is said, the others fold into it."""
    return [s for s in steps if s[1] <= now and (heard_to is None or s[1] > heard_to)]


def following(steps: Iterable[tuple[str, datetime]], heard_to: datetime | None) -> datetime | None:
    """When something is said next; None once the ladder has ended."""
    return next((at for _, at in steps if heard_to is None or at > heard_to), None)

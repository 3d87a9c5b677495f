"""The one clock of a problem: when all its customers hear from us next. Pure.

It counts as the next update of a case does, by the same engine (bot/rules/sla): in the open time of
the policy's calendar it is warned of at the policy's shares of the time there was, breaks at its
instant, and then climbs the severity's ladder. Unlike a case's clocks it keeps no events: its row
has a beginning, an end and the last threshold heard (bot/problems/due.py).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.rules.calendars.calendar import Calendar
from bot.rules.policy.load import Policy
from bot.rules.sla.model import ClockType, Target
from bot.rules.sla.rounds import Round, Terms
from bot.rules.sla.thresholds import BREACH, Threshold
from bot.rules.words import ClockKind, Severity

DEFAULT = Target(minutes=24 * 60)  # where the policy promises no updates at a severity


def next_update_due(policy: Policy, severity: Severity, began: datetime) -> datetime:
    """When the next update to all is due by the policy, unless another time is promised.

    Where the policy has no target that is a day after ``began``, around the clock.
    """
    return _terms(policy, severity).nominal(began)


def update_calendar(policy: Policy, severity: Severity) -> Calendar:
    """The hours in which updates are owed at a severity; around the clock where none are."""
    return _terms(policy, severity).calendar


def _terms(policy: Policy, severity: Severity) -> Terms:
    """By what a problem's updates are due: as those of a case of this severity.

    Where the policy has no target for it, ``DEFAULT`` at all hours.
    """
    clock = policy.clock(severity, ClockKind.NEXT_UPDATE)
    calendar = policy.calendars[clock.calendar] if clock.target else Calendar.always("UTC")
    return Terms(
        type=ClockType.CADENCE,
        target=clock.target or DEFAULT,
        calendar_name=clock.calendar,
        calendar=calendar,
        warn_pct=clock.warn_pct,
        ladder_minutes=policy.severity(severity).ladder_minutes,
    )


def update_thresholds(
    policy: Policy, severity: Severity, began: datetime, ends: datetime
) -> list[Threshold]:
    """What is said when, in order: ``warn:75``, ``breach``, ``ladder:30`` …

    The figure of a level is its minutes here, not its place as in a case's clocks. Warnings are
    shares of the open time between ``began`` and ``ends``; of the wall time only where the end was
    promised for hours that are closed throughout (R12).
    """
    terms = _terms(policy, severity)
    found = [Threshold(BREACH, ends)]
    if began < ends:
        cycle = Round(began, terms, ())
        cycle.promise(began, ends, override=True)
        found += [Threshold(f"warn:{pct}", at) for pct, at in cycle.warn_at.items()]
    # At the very instant the owner is told by the breach itself.
    for minutes in (each for each in terms.ladder_minutes if each):
        at = terms.calendar.add(ends, timedelta(minutes=minutes))
        found.append(Threshold(f"ladder:{minutes}", at))
    return sorted(found, key=lambda each: (each.at, each.name == BREACH))


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

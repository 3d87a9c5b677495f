"""When the owner of a case is reminded again of a clock whose ladder has no further level.

Each morning on which the clock's calendar is open, at the policy's hour of the digest in the
policy's zone, until the clock is fulfilled. All clocks of a case share that instant, so they make
one message. Which clocks: ``NUDGED``.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from bot.rules import daily_times
from bot.rules.calendars.calendar import Calendar
from bot.rules.local_time import known_zone
from bot.rules.policy.load import Policy
from bot.rules.sla import ClockState, Threshold, next_nudge
from bot.rules.words import ClockKind

# The customer's silence moves the case on by itself.
NUDGED = frozenset(ClockKind) - {ClockKind.CUSTOMER_CONFIRMATION}


def find_nudge(
    policy: Policy, calendars: Mapping[str, Calendar], state: ClockState, fired: Collection[str]
) -> Threshold | None:
    """The next morning on which this clock is spoken of again, in the past if it was missed.

    None while a threshold is still to come, and for clocks that are not overdue or wait.
    """
    if state.clock.partition(":")[0] not in NUDGED:
        return None
    calendar = calendars.get(state.calendar or "")

    def next_morning(after: datetime) -> datetime:
        return find_open_morning(policy, calendar, after)

    return next_nudge(state, set(fired), next_morning)


def due_nudge(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    state: ClockState,
    fired: Collection[str],
    now: datetime,
) -> Threshold | None:
    """The morning that is to be said now: of several that passed unseen the last one."""
    found, known = None, set(fired)
    while (nudge := find_nudge(policy, calendars, state, known)) and nudge.at <= now:
        found = nudge
        known.add(nudge.name)
    return found


def find_open_morning(policy: Policy, calendar: Calendar | None, after: datetime) -> datetime:
    """The first morning after an instant on which the calendar is open, at the digest's hour."""
    zone = known_zone(policy.timezone)
    for _ in range(daily_times.CLOSED_MAX):
        after = daily_times.next_morning(after, policy.timezone, policy.digest_hour)
        after = after.astimezone(zone)
        if daily_times.is_open_day(calendar, after.date(), zone):
            break
    return after

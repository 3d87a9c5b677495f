"""Instants that go by people's own days: digests, reminders of action items, days that are open.

Answers are in the zone of the ``after`` that was given, which is UTC throughout the app.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.rules.calendars.calendar import Calendar
from bot.rules.local_time import known_zone
from bot.rules.policy.load import Policy

ACTION_REMINDERS = (7, 1, 0)  # days before an action item is due; then weekly
WEEK = timedelta(days=7)
ACTION_HOUR = time(9, 0)  # local, in the policy's zone
DAY = timedelta(days=1)
CLOSED_MAX = 30  # days without an open hour after which a calendar is not waited for any longer


def next_morning(after: datetime, timezone: str, hour: str) -> datetime:
    """The first ``hour`` (``08:30``) in ``timezone`` that comes after ``after``.

    Exactly at ``after`` is too early: the digest sent just then is not sent again. An unknown zone
    counts as UTC.
    """
    place = known_zone(timezone)
    day = after.astimezone(place).date()
    while (at := datetime.combine(day, time.fromisoformat(hour), place)) <= after:
        day += timedelta(days=1)
    return at.astimezone(after.tzinfo)


def is_open_day(calendar: Calendar | None, day: date, zone: ZoneInfo) -> bool:
    """True where the calendar is open at some time of a day in ``zone``; no calendar always is."""
    midnight = datetime.combine(day, time(), zone)
    return calendar is None or bool(calendar.windows(midnight, midnight + DAY))


def next_open_day(calendar: Calendar | None, day: date, zone: ZoneInfo) -> date:
    """The first day from ``day`` on with an open hour; where a month has none, the day after it."""
    for _ in range(CLOSED_MAX):
        if is_open_day(calendar, day, zone):
            break
        day += DAY
    return day


def next_late_reminder(due: date, after: datetime, policy: Policy) -> datetime:
    """The morning after the day on which something was due, then weekly; strictly after ``after``.

    At ``ACTION_HOUR`` in the policy's zone.
    """
    place = known_zone(policy.timezone)
    at = datetime.combine(due + DAY, ACTION_HOUR, place)
    return _weekly_after(at, after).astimezone(after.tzinfo)


def _weekly_after(first: datetime, after: datetime) -> datetime:
    """``first`` or the same time of day as many weeks later, strictly after ``after``.

    Weeks are counted by the clock on the wall in the zone of ``first``: one in which the clocks
    are put forward has an hour less, so a division of what has passed may fall short by one.
    """
    at = first + max((after - first) // WEEK, 0) * WEEK
    while at <= after:
        at += WEEK
    return at


def morning_of_day(day: date, timezone: str) -> datetime:
    """``ACTION_HOUR`` of a day in ``timezone``, in UTC; an unknown zone counts as UTC."""
    return datetime.combine(day, ACTION_HOUR, known_zone(timezone)).astimezone(UTC)


def next_week(after: datetime, timezone: str) -> datetime:
    """``ACTION_HOUR`` of the next Monday in ``timezone``, strictly after ``after``."""
    place = known_zone(timezone)
    day = after.astimezone(place).date()
    at = datetime.combine(day - timedelta(days=day.weekday()), ACTION_HOUR, place)
    return (at if at > after else at + WEEK).astimezone(after.tzinfo)


def next_action_reminder(due: date, after: datetime, policy: Policy) -> datetime:
    """The next reminder of an action item: 7, 1 and 0 days before it is due, then weekly.

    At ``ACTION_HOUR`` in the policy's zone, strictly after ``after``; it never ends by itself, the
    caller stops asking once the item is done.
    """
    place = known_zone(policy.timezone)
    for days in ACTION_REMINDERS:
        at = datetime.combine(due - timedelta(days=days), ACTION_HOUR, place)
        if at > after:
            return at.astimezone(after.tzinfo)
    at = datetime.combine(due, ACTION_HOUR, place)
    return _weekly_after(at, after).astimezone(after.tzinfo)

"""Instants that go by people's own mornings: digests and reminders of action items.

Answers are in the zone of the ``after`` that was given, which is UTC throughout the app.
"""

from datetime import date, datetime, time, timedelta

from bot.rules.local_time import known_zone
from bot.rules.policy.load import Policy

ACTION_REMINDERS = (7, 1, 0)  # days before an action item is due; then weekly
WEEK = timedelta(days=7)
ACTION_HOUR = time(9, 0)  # local, in the policy's zone


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
    weeks = (after - at) // WEEK + 1
    return (at + weeks * WEEK).astimezone(after.tzinfo)

"""Weekly reminders come at the same time of day, and always after now, when clocks are changed too.

One that came before now would be due again at once, without an end.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.rules.daily_times import ACTION_HOUR, next_action_reminder, next_late_reminder
from tests.bot.policies import defaults

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("Europe/Athens", "Europe/London", "America/New_York", "Australia/Sydney", "UTC")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("ask", [next_action_reminder, next_late_reminder])
def test_a_reminder_is_after_now_and_within_a_week_at_the_hour_of_the_wall(
    zone: str, ask: Any
) -> None:
    policy = replace(defaults(), timezone=zone)
    place, due = ZoneInfo(zone), date(2027, 3, 22)
    at = datetime.combine(due + DAY, ACTION_HOUR, place).astimezone(UTC)
    for week in range(60):
        for off in (-HOUR, -timedelta(seconds=1), timedelta(0), timedelta(seconds=2), HOUR):
            now = at + week * timedelta(days=7) + off
            coming = ask(due, now, policy)
            assert now < coming <= now + timedelta(days=7) + HOUR
            assert coming.astimezone(place).time() == ACTION_HOUR


def test_a_reminder_of_the_week_in_which_clocks_went_forward_is_of_the_next_week() -> None:
    policy = replace(defaults(), timezone="Europe/Athens")
    now = datetime(2027, 3, 29, 6, 0, 2, tzinfo=UTC)  # 09:00:02, on the day after the change
    coming = next_action_reminder(date(2027, 3, 22), now, policy)
    assert coming == datetime.combine(date(2027, 4, 5), time(6), UTC)

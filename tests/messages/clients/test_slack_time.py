"""Slack's own time, as its answers tell it, and how far ours is from it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from messages.clients.slack_time import HEARD, SlackTime

AT = datetime(2027, 2, 8, 7, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def date(at: datetime) -> dict[str, str]:
    return {"Date": format_datetime(at, usegmt=True)}


def test_slacks_time_goes_on_between_its_answers_whatever_our_clock_does() -> None:
    steady = [100.0]
    slack = SlackTime(lambda: steady[0])
    slack.ours = lambda: AT + HOUR
    assert slack.now() is None

    slack.heard(date(AT))
    steady[0] += 90.0
    slack.ours = lambda: AT - HOUR

    assert slack.now() == AT + timedelta(seconds=90)


@pytest.mark.parametrize("headers", [None, {}, {"Date": ""}, {"Date": "yesterday"}])
def test_an_answer_without_a_date_says_nothing(headers: dict[str, str] | None) -> None:
    slack = SlackTime()
    slack.ours = lambda: AT

    slack.heard(headers)

    assert (slack.now(), slack.ahead, slack.apart) == (None, None, False)


@pytest.mark.parametrize(
    ("wrong", "apart"),
    [(HOUR, True), (-HOUR, True), (timedelta(seconds=59), False), (timedelta(0), False)],
)
def test_the_difference_of_the_clocks_is_known(wrong: timedelta, apart: bool) -> None:
    slack = SlackTime()
    slack.ours = lambda: AT + wrong

    for _ in range(HEARD):
        slack.heard(date(AT))

    assert slack.ahead == wrong
    assert slack.apart is apart


def test_one_answer_that_came_late_is_no_difference() -> None:
    slack = SlackTime()
    slack.ours = lambda: AT

    for at in (AT, AT - HOUR, AT):
        slack.heard(date(at))

    assert slack.ahead == timedelta(0)
    assert not slack.apart

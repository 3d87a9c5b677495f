"""The quarterly review: prepared once, its parts required, last quarter's decisions first."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from bot.engine.unit_of_work import Standalone
from bot.reports.quarterly import plan_reviews
from bot.rules.policy.load import policy_from_spec
from bot.rules.reports.periods import quarter_of
from bot.rules.reports.quarterly import meets_at, missing_parts, prepared_on, to_plan
from bot.rules.reports.quarterly_terms import USUAL_REVIEW
from bot.rules.states import Prevention
from storage.models import QuarterlyReview
from tests.bot.policies import policy
from tests.bot.store import HandClock, Keeper

Q3 = quarter_of(date(2026, 8, 1), "Europe/Athens")


def test_a_quarter_is_prepared_early_in_the_next_one_and_held_on_a_weekday() -> None:
    assert prepared_on(Q3, USUAL_REVIEW) == date(2026, 10, 5)
    monday = datetime(2026, 10, 5, 6, tzinfo=UTC)
    assert meets_at(monday, "Europe/Athens", USUAL_REVIEW) == datetime(2026, 10, 12, 7, tzinfo=UTC)
    saturday = datetime(2026, 10, 3, 9, tzinfo=UTC)
    assert meets_at(saturday, "UTC", USUAL_REVIEW).date() == date(2026, 10, 12)
    sunday = replace(USUAL_REVIEW, meets_after=1)
    assert meets_at(saturday, "UTC", sunday).date() == date(2026, 10, 5)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 10, 5, 9, 59, tzinfo=UTC), 5),
        (datetime(2026, 10, 5, 10, tzinfo=UTC), 6),
        (datetime(2026, 10, 9, 11, tzinfo=UTC), 12),  # a Friday
    ],
)
def test_it_is_never_in_the_past(now: datetime, day: int) -> None:
    at_once = replace(USUAL_REVIEW, meets_after=0)
    assert meets_at(now, "UTC", at_once) == datetime(2026, 10, day, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "keys"),
    [
        (date(2026, 10, 1), ["2026-Q3", "2026-Q4"]),
        (date(2026, 10, 19), ["2026-Q3", "2026-Q4"]),
        (date(2026, 10, 20), ["2026-Q4"]),
        (date(2026, 12, 31), ["2026-Q4"]),
    ],
)
def test_the_last_quarter_is_looked_back_on_while_it_is_not_long_ago(
    today: date, keys: list[str]
) -> None:
    assert [each.key for each in to_plan(today, "UTC", USUAL_REVIEW)] == keys


def test_a_part_says_what_or_why_nothing() -> None:
    found = {Prevention.PRODUCT: "Alert before a certificate ends", Prevention.TRAINING: "none"}
    found[Prevention.PROCESS] = "  "
    found[Prevention.DOCUMENTATION] = "Nothing, the page says it already"
    assert missing_parts(found) == (Prevention.TRAINING, Prevention.PROCESS)
    assert missing_parts({}) == tuple(Prevention)


def test_the_policy_says_when_and_who() -> None:
    spec = dict(policy().spec)
    given = {"day": 2, "roles": ["director"], "meets_after_days": 0, "at": "16:30", "minutes": 30}
    found = policy_from_spec({**spec, "quarterly_review": given}).quarterly_review
    assert (found.day, found.meets_after, found.minutes) == (2, 0, 30)
    assert [role.value for role in found.roles] == ["director"]
    assert found.at.isoformat() == "16:30:00"
    with pytest.raises(ValueError, match=r"quarterly_review\.at"):
        policy_from_spec({**spec, "quarterly_review": {**given, "at": "4 pm"}})


async def test_a_row_is_there_once_however_many_replicas_plan(keeper: Keeper) -> None:
    clock = HandClock(datetime(2026, 10, 2, 8, tzinfo=UTC))
    services = Standalone(keeper.database, policy(), clock)
    added = await asyncio.gather(*(plan_reviews(services) for _ in range(4)))
    assert sum(added) == 2
    assert await plan_reviews(services) == 0
    async with keeper.database.read() as session:
        rows = (await session.exec(select(QuarterlyReview))).all()
    assert sorted(row.quarter for row in rows) == ["2026-Q3", "2026-Q4"]
    first = min(row.next_at for row in rows if row.next_at)
    assert timedelta() < first - clock.now() < timedelta(days=4)

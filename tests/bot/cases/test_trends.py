"""Where a case is going: the last thing that moved it since the reader was told."""

import pytest

from bot.cases.trends import find_trends
from bot.rules.facts import TrendFacts
from bot.rules.states import Trend, TrendReason
from tests.bot.stage import ANNA, DORA, EMMA, Stage
from tests.statements import counted_statements


async def test_a_case_that_was_opened_since_is_new_whatever_else_happened(stage: Stage) -> None:
    since = stage.now
    stage.later(minutes=1)
    number = await stage.claimed()
    await stage.do(EMMA, "severity", number, severity=1, reason="Worse")
    async with stage.database.read() as session:
        found = await find_trends(session, [number], since)
    assert found == {number: TrendFacts(Trend.NEW, None, EMMA)}


@pytest.mark.parametrize(
    ("severity", "moved"),
    [
        (1, TrendFacts(Trend.WORSE, TrendReason.RAISED)),
        (3, TrendFacts(Trend.BETTER, TrendReason.LOWERED)),
    ],
)
async def test_a_change_of_severity_moves_it(
    stage: Stage, severity: int, moved: TrendFacts
) -> None:
    number = await stage.claimed()
    since = stage.now
    stage.later(minutes=1)
    async with stage.database.read() as session:
        assert await find_trends(session, [number], since) == {number: TrendFacts()}
    await stage.do(EMMA, "severity", number, severity=severity, reason="We know more")
    async with stage.database.read() as session:
        assert await find_trends(session, [number], since) == {number: moved}


async def test_what_happened_last_counts_and_a_new_owner_is_named(stage: Stage) -> None:
    number = await stage.investigating()
    since = stage.now
    stage.later(hours=9)
    await stage.sweep()
    async with stage.database.read() as session:
        missed = (await find_trends(session, [number], since))[number]
    assert (missed.trend, missed.reason) == (Trend.WORSE, TrendReason.BREACH)
    await stage.do(EMMA, "severity", number, severity=4, reason="It is contained")
    await stage.do(EMMA, "assign", number, role="escalation_manager", user=DORA)
    async with stage.database.read() as session:
        now = (await find_trends(session, [number], since))[number]
    assert now == TrendFacts(Trend.BETTER, TrendReason.LOWERED, DORA)


async def test_a_workaround_makes_it_better_once(stage: Stage) -> None:
    number = await stage.investigating()
    since = stage.now
    stage.later(minutes=1)
    await stage.update(number, EMMA, kind="workaround", workaround="Use the old page")
    async with stage.database.read() as session:
        found = (await find_trends(session, [number], since))[number]
    assert found == TrendFacts(Trend.BETTER, TrendReason.WORKAROUND)
    since = stage.now
    stage.later(minutes=1)
    await stage.update(number, ANNA)
    async with stage.database.read() as session:
        assert await find_trends(session, [number], since) == {number: TrendFacts()}


async def test_many_cases_take_one_statement_and_none_take_none(stage: Stage) -> None:
    numbers = [await stage.claimed() for _ in range(3)]
    for some, statements in ((numbers, 1), ([], 0)):
        with counted_statements(stage.database) as seen:
            async with stage.database.read() as session:
                found = await find_trends(session, some, stage.now)
        assert list(found) == some
        assert len([each for each in seen if each.startswith("SELECT")]) == statements

"""Every list of cases has the most pressing first, whatever its severity."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import col, delete, update

from bot.cases.queries import Reading
from bot.core.no_channel import MAKES, cases_without_channel
from bot.duty.shift_ends import list_owned
from storage.models import Case, Outbox
from tests.bot.stage import ANNA, EMMA, EXEC, LEAH, T0, Stage


async def owned_at_a_shifts_end(stage: Stage) -> list[int]:
    async with stage.database.read() as session:
        return [case.number for case in await list_owned(session, EMMA)]


async def named_in_an_absence(stage: Stage) -> Any:
    answer: Any = await stage.do(LEAH, "away", colleague=EMMA, until=stage.now + timedelta(days=2))
    return answer["extra"]["cases"]


async def without_a_channel(stage: Stage) -> list[int]:
    async with stage.database.write() as session:
        await session.exec(delete(Outbox).where(col(Outbox.kind) == MAKES))
        await session.exec(update(Case).values(channel_id=None))
        return [case.number for case in await cases_without_channel(stage.work(session), 10)]


async def at_risk(stage: Stage) -> list[int]:
    return [case.number for case in (await summary(stage)).at_risk]


async def missed(stage: Stage) -> list[int]:
    return [case.number for case in (await summary(stage)).breaches]


async def summary(stage: Stage) -> Any:
    async def person(_user: str) -> Any:
        return SimpleNamespace(timezone="UTC")

    stage.later(hours=6)
    await stage.sweep()
    return await Reading(stage.process(SimpleNamespace(person=person))).digest(EXEC)


@pytest.mark.parametrize(
    "listed",
    [owned_at_a_shifts_end, named_in_an_absence, without_a_channel, at_risk, missed],
)
async def test_the_most_pressing_comes_first_whatever_its_severity(
    stage: Stage, listed: Callable[[Stage], Awaitable[list[int]]]
) -> None:
    grave, pressing, least, gravest = [
        await stage.claimed(severity=severity, account="", customer=f"Customer {severity} {n}")
        for n, severity in enumerate((2, 3, 3, 1))
    ]
    for number in (pressing, least):
        await stage.do(
            ANNA, "executive_flag", number, trigger="extraordinary", reason="They look on"
        )
    soon = T0 + timedelta(hours=20)
    await stage.do(ANNA, "set_urgency", pressing, urgency="now", deadline=soon)
    assert [(await stage.case(n)).rank for n in (gravest, pressing, grave, least)] == [0, 0, 1, 2]
    found = await listed(stage)
    assert set(found[:2]) == {gravest, pressing}
    assert found[2:] == [grave, least]


async def test_equals_are_listed_by_severity_and_the_oldest_first(stage: Stage) -> None:
    later, first, second = [await stage.claimed(severity=n) for n in (1, 2, 2)]
    await stage.do(ANNA, "set_urgency", later, urgency="later")
    ranks = [(await stage.case(n)).rank for n in (later, first, second)]
    assert len({*ranks}) == 1
    assert await at_risk(stage) == [later, first, second]

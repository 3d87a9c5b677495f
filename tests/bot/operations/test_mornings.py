"""Whose mornings are planned: sponsors of the accounts file, without asking for them each tick."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.operations.mornings import Mornings
from storage.models import Digest
from tests.bot.stage import ANNA, EMMA, Stage
from tests.statements import counted_statements


def services_of(stage: Stage) -> Any:
    """What planning needs of the process; all people are in Athens."""

    async def surely(_user: str) -> Any:
        return SimpleNamespace(timezone="Europe/Athens")

    return SimpleNamespace(
        policy=SimpleNamespace(roles={}, digest_hour="08:30"),
        database=stage.database,
        clock=SimpleNamespace(now=lambda: stage.now),
        people=SimpleNamespace(left=lambda _user: False, surely=surely),
    )


async def reads(stage: Stage, mornings: Mornings, ticks: int) -> int:
    """How often accounts are read in so many ticks, half a minute apart."""
    with counted_statements(stage.database) as seen:
        for _ in range(ticks):
            await mornings.plan()
            stage.later(seconds=30)
    return sum("account" in statement for statement in seen)


@pytest.fixture
def mornings(stage: Stage) -> Mornings:
    """Mornings of a stage, a minute after a quarter of an hour."""
    stage.now = datetime(2026, 2, 10, 5, 46, tzinfo=UTC)  # 07:46 in Athens
    return Mornings(services_of(stage))


async def test_sponsors_are_asked_for_once_a_quarter_of_an_hour(
    stage: Stage, mornings: Mornings
) -> None:
    await stage.change_account("acme", sponsor=EMMA)
    await mornings.plan()
    assert await reads(stage, mornings, 20) == 0
    assert await reads(stage, mornings, 20) == 1


async def test_a_sponsor_who_was_imported_has_the_next_morning(
    stage: Stage, mornings: Mornings
) -> None:
    await mornings.plan()
    await stage.change_account("acme", sponsor=ANNA)
    stage.later(minutes=15)
    await mornings.plan()
    (planned,) = await stage.rows(Digest, user_id=ANNA)
    assert planned.next_at == datetime(2026, 2, 10, 6, 30, tzinfo=UTC)
    assert planned.next_at - stage.now < timedelta(hours=1)

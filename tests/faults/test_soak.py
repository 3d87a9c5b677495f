"""A short soak: three replicas on PostgreSQL, kill -9 at random, a Slack that fails one in ten."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.faults.processes import Nursery
from tests.faults.soak import soak

CASES, STEPS, APART = 6, 2, 40


@pytest.mark.postgres
async def test_three_replicas_lose_nothing_and_say_nothing_twice(
    bots: Nursery, new_store: Callable[[str], Awaitable[str]], tmp_path: Path
) -> None:
    told = await soak(
        bots, tmp_path, await new_store("postgresql"), cases=CASES, steps=STEPS, apart=APART
    )

    assert told.audit.clean, str(told)
    assert told.deaths > 0
    assert told.faults > 0
    assert told.audit.messages > CASES

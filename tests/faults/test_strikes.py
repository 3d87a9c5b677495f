"""Every kind of effect, struck on its way, is there once and recorded once; clocks may be wrong.

A process is stopped (until its lease has ended and another has taken the row) or killed: when it
has claimed the row, before the call, after it, and inside the transaction that records it.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.services import PERFORMED
from tests.faults.blows import INBOX, POINTS
from tests.faults.processes import Nursery
from tests.faults.scenes import scene
from tests.faults.strikes import STRIKES
from tests.faults.striking import Told, strike

NewStore = Callable[[str], Awaitable[str]]
Record = Callable[[str, object], None]
EVERYTHING = os.environ.get("FAULTS") == "all"
KINDS = tuple(STRIKES)
EFFECTS = tuple(kind for kind in KINDS if kind != INBOX)
SKEWS = (timedelta(days=1), timedelta(hours=1), -timedelta(hours=1), -timedelta(days=1))
BACK = -timedelta(hours=1)
# Of the sample, each kind is struck at one point by a process that stops.
SAMPLE = [
    pytest.param("postgresql", "stop", POINTS, KINDS[part::3], id=f"part{part}")
    for part in range(3)
]
ALL = [
    pytest.param(database, how, (point,), KINDS, id=f"{database}-{how}-{point}")
    for database in ("postgresql", "sqlite")
    for how in ("stop", "kill")
    for point in POINTS
]
SKEWED = [(d, s) for d in ("postgresql", "sqlite") for s in SKEWS]


def test_every_kind_of_effect_is_struck() -> None:
    kinds, struck = {*PERFORMED, INBOX}, {kind.partition(":")[0] for kind in STRIKES}
    assert kinds - struck == set(), "each needs a row in tests/faults/strikes.py"
    assert struck == kinds


@pytest.mark.postgres
@pytest.mark.timeout(1200)  # seconds; a lease ends for every kind of effect
@pytest.mark.parametrize(("database", "how", "points", "kinds"), ALL if EVERYTHING else SAMPLE)
async def test_what_is_struck_is_there_once_and_recorded_once(
    database: str,
    how: str,
    points: Sequence[str],
    kinds: Sequence[str],
    bots: Nursery,
    new_store: NewStore,
    tmp_path: Path,
    record_property: Record,
) -> None:
    told = Told()
    count = 2 if (database, how) == ("postgresql", "stop") else 1  # a killed one is born again

    async with scene(bots, tmp_path, await new_store(database), bots=count) as here:
        for number, kind in enumerate(kinds):
            await strike(here, kind, points[number % len(points)], how, told)

    record_property("points", len(told.struck))
    assert told.wrong == []
    assert len(told.struck) == len(kinds)


@pytest.mark.postgres
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("database", "skew"), SKEWED if EVERYTHING else [("sqlite", SKEWS[0]), ("sqlite", SKEWS[2])]
)
async def test_what_nobody_heard_of_is_found_whatever_our_clock_says(
    database: str,
    skew: timedelta,
    bots: Nursery,
    new_store: NewStore,
    tmp_path: Path,
    record_property: Record,
) -> None:
    told = Told()

    async with scene(bots, tmp_path, await new_store(database), bots=1, skew=skew) as here:
        for kind in KINDS if EVERYTHING else KINDS[:14]:
            await strike(here, kind, "after", "lose", told)

    record_property("points", len(told.struck))
    assert told.wrong == []


@pytest.mark.postgres
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"] if EVERYTHING else ["sqlite"])
async def test_nothing_waits_for_a_clock_that_was_put_back_to_come_round(
    database: str,
    bots: Nursery,
    new_store: NewStore,
    tmp_path: Path,
    record_property: Record,
) -> None:
    """What is tried again in seconds is, an hour back or not; the test has no hour to wait."""
    told, url, env = Told(), await new_store(database), {"BACKOFF_FIRST": "6"}

    async with scene(bots, tmp_path, url, bots=1, env=env) as here:
        for number, kind in enumerate(EFFECTS if EVERYTHING else ("post", "mail", "card")):
            here.jump = BACK * (number + 1)
            await strike(here, kind, "after", "lose", told)

    record_property("points", len(told.struck))
    assert told.wrong == []

"""Every Slack call and every commit of the whole story goes wrong in every way, and nothing shows.

A run has many accidents, restarts in between; ``make faults`` strikes every point on both
databases, ``make test`` a fixed part of them. The workspace must end as if nothing had happened:
the same channels, members, pins, bookmarks, files, messages and DMs, each once, in order.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.faults.board import KINDS
from tests.faults.processes import Nursery
from tests.faults.runs import Run, compared, plans, points, run

FEWEST_POINTS = 1000  # accidents that the story has room for: 92 calls, about 190 commits
APART = 6  # in a run, one place in so many has an accident
RUNS = APART * len(KINDS)
EVERYTHING = os.environ.get("FAULTS") == "all"
SAMPLE = [("sqlite", 0), ("postgresql", 31)]
CHOSEN = [(d, n) for n in range(RUNS) for d in ("sqlite", "postgresql")] if EVERYTHING else SAMPLE
FEWEST_STRUCK = 14  # of a run's points, about 22; those behind the story's end are not met


async def test_the_story_has_as_many_points_as_ever(undisturbed: Run) -> None:
    found = points(undisturbed.calls, undisturbed.commits)

    assert len(found) >= FEWEST_POINTS
    methods = {call.partition("#")[0] for call in undisturbed.calls}
    assert {
        "conversations.create", "conversations.invite", "conversations.setTopic", "pins.add",
        "bookmarks.add", "chat.postMessage", "chat.update", "views.open",
        "users.info", "files.getUploadURLExternal", "upload", "files.completeUploadExternal",
    } <= methods  # fmt: skip


async def test_all_points_are_spread_over_the_runs(undisturbed: Run) -> None:
    found = points(undisturbed.calls, undisturbed.commits)

    spread = {(place, kind) for plan in plans(found, APART) for place, kind in plan.items()}

    assert spread == set(found)
    assert len(plans(found, APART)) == RUNS


@pytest.mark.postgres
@pytest.mark.timeout(900)  # seconds; thirty restarts on a machine with much else to do
@pytest.mark.parametrize(("database", "number"), CHOSEN)
async def test_the_workspace_ends_as_if_nothing_had_happened(
    database: str,
    number: int,
    undisturbed: Run,
    bots: Nursery,
    new_store: Callable[[str], Awaitable[str]],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    plan = plans(points(undisturbed.calls, undisturbed.commits), APART)[number]

    found = await run(bots, tmp_path, await new_store(database), plan)

    record_property("points", len(found.struck))
    assert compared(undisturbed, found) == []
    assert found.leaks == []  # no token and no word of a customer in the log
    assert len(found.struck) >= FEWEST_STRUCK
    assert found.deaths > 0

"""What all runs share: a nursery, a PostgreSQL, and the undisturbed run."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests import postgres
from tests.faults.processes import Nursery, nursery
from tests.faults.runs import Run, run

_kept: dict[str, Run] = {}  # one undisturbed run is enough for a test process


@pytest.fixture
async def bots() -> AsyncIterator[Nursery]:
    """Where the bots of a test are born."""
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(nursery())


@pytest.fixture
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Awaitable[str]]:
    """The URL of an empty database: ``sqlite`` or ``postgresql``."""

    async def made(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/desk.db"
        return await postgres.fresh_database(request.getfixturevalue("postgres_url"))

    return made


@pytest.fixture
async def undisturbed(bots: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The story without accidents, on SQLite: what every other run is held to."""
    if not _kept:
        folder = tmp_path_factory.mktemp("undisturbed")
        _kept["run"] = await run(bots, folder, f"sqlite:///{folder}/desk.db", {})
    return _kept["run"]

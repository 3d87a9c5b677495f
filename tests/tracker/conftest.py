"""The bot in a local workspace beside Jira, on either database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import local_app
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace
from tests.e2e.child import TOKEN
from tests.e2e.office import BEGINS
from tests.mail.conftest import World
from tests.mail.server import Box
from tests.ports import free_port
from tests.tracker.jira import JiraDouble


@pytest.fixture
def jira() -> JiraDouble:
    """The developers' Jira, not running yet."""
    return JiraDouble()


@pytest.fixture
async def store(tmp_path: Path) -> str | None:
    """Where the store is; None: SQLite."""
    return None


@pytest.fixture
async def world(tmp_path: Path, jira: JiraDouble, store: str | None) -> AsyncIterator[World]:
    """A claimed case of Aegean Ferries, linked to nothing yet."""
    shift = BEGINS - datetime.now(UTC)
    clock = WorkspaceClock(real_now=lambda: datetime.now(UTC) + shift)
    async with jira.running() as url:
        outside = {"public_url": f"http://127.0.0.1:{free_port()}", **jira.settings(url)}
        outside["metrics_token"] = TOKEN
        async with local_app(
            demo_workspace(clock), tmp_path, outside=outside, database_url=store
        ) as here:
            await import_demo_accounts(here)
            jira.hook = f"{here.web_url}/tracker/jira"
            jira.now = here.workspace.clock.now
            world = World(here, Box())
            await world.opened()
            yield world

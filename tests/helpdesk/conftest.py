"""The bot in a local workspace beside a help desk, on either database."""

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
from tests.helpdesk.helpscout import HelpScoutDouble
from tests.helpdesk.intercom import IntercomDouble
from tests.helpdesk.zendesk import ZendeskDouble
from tests.mail.conftest import World
from tests.mail.server import Box
from tests.ports import free_port

DOUBLES = {"zendesk": ZendeskDouble, "helpscout": HelpScoutDouble, "intercom": IntercomDouble}
Desk = ZendeskDouble | HelpScoutDouble | IntercomDouble
HEARD = "Ευχαριστώ, δοκιμάζω και σας λέω."


@pytest.fixture(params=DOUBLES)
def double(request: pytest.FixtureRequest) -> Desk:
    """A help desk, not running yet: each of them, since what holds of one holds of the other."""
    return DOUBLES[request.param]()


@pytest.fixture
async def store(tmp_path: Path) -> str | None:
    """Where the store is; None: SQLite."""
    return None


@pytest.fixture
async def world(tmp_path: Path, double: Desk, store: str | None) -> AsyncIterator[World]:
    """A claimed case of Aegean Ferries, whose ticket's address was given when it was opened."""
    shift = BEGINS - datetime.now(UTC)
    clock = WorkspaceClock(real_now=lambda: datetime.now(UTC) + shift)
    async with double.running() as url:
        port = free_port()
        outside = {"public_url": f"http://127.0.0.1:{port}", **double.settings(url)}
        outside["metrics_token"] = TOKEN
        async with local_app(
            demo_workspace(clock), tmp_path, outside=outside, database_url=store
        ) as here:
            await import_demo_accounts(here)
            double.hook = f"{here.web_url}/helpdesk/{double.name}"
            double.now = here.workspace.clock.now
            world = World(here, Box())
            await world.opened(ticket_url=double.url())
            yield world

"""What one process needs, waited for and closed without having been started."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.clock import SystemClock
from bot.customers.channels import Outside
from bot.services import Services
from messages.clients.slack import Slack
from storage import schema
from storage.database import Database
from tests.bot.policies import defaults


class Closing:
    """A connection that notes that it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        """Note it."""
        self.closed += 1


@pytest_asyncio.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    """Services that carry nothing out."""
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    await schema.upgrade_schema(database)
    slack = Slack("", "http://127.0.0.1:1/api/")
    found = Services(database, SystemClock(), defaults(), slack, Outside())
    yield found
    await found.close()


async def test_what_is_not_carried_out_in_time_is_told_by_false(services: Services) -> None:
    assert await services.settle(0.05) is False


async def test_closing_ends_the_parsers_and_the_help_desks_too(services: Services) -> None:
    desks, parsers = [Closing(), Closing()], Closing()
    services.outside = Outside(helpdesks=desks, parsers=parsers)  # type: ignore[arg-type]
    await services.close()
    assert [each.closed for each in (*desks, parsers)] == [1, 1, 1]

"""What several tests of the workspace start from."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox import lifetimes
from sandbox.delivery import outcome
from tests.sandbox.api_world import Desk, desk_with


@pytest.fixture(autouse=True)
def _strict_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's own seconds hold here, which elsewhere are many (``tests/conftest.py``)."""
    monkeypatch.setattr(outcome, "ACK_SECONDS", 3.0)
    monkeypatch.setattr(lifetimes, "TRIGGER_SECONDS", 3.0)


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    """The demo workspace over HTTP with an app that has every scope."""
    async with desk_with() as world:
        yield world

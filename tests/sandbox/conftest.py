"""What several tests of the workspace start from."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.sandbox.api_world import Desk, desk_with


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    """The demo workspace over HTTP with an app that has every scope."""
    async with desk_with() as world:
        yield world

"""One office a module and transport: whatever is asked by Socket Mode is asked by HTTP too."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from cli.logs import configure_logs
from tests.e2e.office import Office, office

configure_logs("CRITICAL")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["socket", "http"])
async def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """The office, by each of the two ways in which Slack delivers."""
    folder = tmp_path_factory.mktemp("office")
    async with office(folder, http=request.param == "http") as open_office:
        yield open_office


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def socket_desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The office by Socket Mode only, for what does not depend on the way."""
    async with office(tmp_path_factory.mktemp("office"), http=False) as open_office:
        yield open_office


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http_desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The office by signed HTTP only, for requests that are forged or sent again."""
    async with office(tmp_path_factory.mktemp("office"), http=True) as open_office:
        yield open_office

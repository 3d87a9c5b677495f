"""Slack refuses for good what we would show: it is shown plainly, or the people concerned hear."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.office import ELENI, Office, office

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office whose Slack refuses what it is told to refuse."""
    async with office(Path(tmp_path_factory.mktemp("refused")), http=False) as here:
        yield here


@contextmanager
def refusing(desk: Office, method: str, code: str, times: int | None = None) -> Iterator[None]:
    """Slack refuses a method, at most so many times."""
    fault = desk.ws.faults.add("refused", method, error=code, times=times)
    try:
        yield
    finally:
        desk.ws.faults.remove(fault.id)


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
async def test_a_card_that_slack_does_not_take_is_shown_without_its_blocks(
    desk: Office, code: str
) -> None:
    number = await desk.stage("new")
    with refusing(desk, "chat.update", code, 1):
        await desk.wants(ELENI, "claim", {"case": number})
        await desk.here.settle()
    assert "Acknowledged" in desk.card(number).text
    await desk.wants(ELENI, "severity", {"case": number, "severity": 3, "reason": "x"})
    await desk.here.settle()
    assert await desk.card_is_true(number), "with its blocks again"

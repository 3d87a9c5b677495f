"""Slack refuses for good what we would show: it is shown plainly, or the people concerned hear."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from messages.clients.slack import SlackRefused
from tests.e2e.office import ELENI, HOUR, MAYA, TOMAS, Office, office

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


def told_of(desk: Office, number: int, who: str) -> list[str]:
    """What the case's channel was told of a person whom Slack does not let us write to."""
    said = [m.text for m in desk.said(number)]
    return [text for text in said if f"a message to <@{who}> did not arrive" in text]


@pytest.mark.parametrize("code", ["user_not_found", "cannot_dm_bot", "messages_tab_disabled"])
async def test_the_channel_hears_once_whom_slack_does_not_let_us_write_to(
    desk: Office, code: str
) -> None:
    number = await desk.stage("investigating")
    desk.ws.open_im(TOMAS, desk.bot)
    await desk.here.services.people.surely(TOMAS)
    conversation = desk.ws.open_im(TOMAS, desk.bot)[0].id
    with refusing_in(desk, {conversation, TOMAS}, code):
        for title in ("Watch the queue", "Watch every queue"):
            given = {"case": number, "owner": TOMAS, "title": title}
            await desk.wants(ELENI, "action_item", given)
            await desk.here.settle()
    assert len(told_of(desk, number, TOMAS)) == 1
    assert code in told_of(desk, number, TOMAS)[0]


async def test_the_channel_of_a_problem_hears_it_too(desk: Office) -> None:
    number = await desk.stage("investigating")
    problem = {"case": number, "title": "No tickets", "known": "Since 09:00.", "severity": 2}
    await desk.wants(ELENI, "open_problem", problem)
    await desk.here.settle()
    conversation = desk.ws.open_im(ELENI, desk.bot)[0].id
    with refusing_in(desk, {conversation, ELENI}, "user_not_found"):
        later = (desk.ws.now() + 4 * HOUR).isoformat()
        given = {"problem": 1, "say": "We know of it.", "expires_at": later}
        await desk.wants(MAYA, "propose_points", given)
        await desk.here.settle()
    (channel,) = [c for c in desk.ws.channels.values() if c.name.startswith("prob-1")]
    said = "".join(m.text for m in channel.messages.values())
    assert f"a message to <@{ELENI}> did not arrive" in said


@contextmanager
def refusing_in(desk: Office, places: set[str], code: str) -> Iterator[None]:
    """Slack refuses what is posted in these conversations."""
    slack = desk.here.services.slack
    call = slack.call

    async def refused(method: str, /, **given: Any) -> dict[str, Any]:
        if method == "chat.postMessage" and given["channel"] in places:
            raise SlackRefused(method, code)
        return await call(method, **given)

    slack.call = refused  # type: ignore[method-assign]
    try:
        yield
    finally:
        slack.call = call  # type: ignore[method-assign]

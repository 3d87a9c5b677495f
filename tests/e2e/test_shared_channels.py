"""A channel that somebody shares with another organisation: nothing internal is said there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.rules.words import Drift
from sandbox import connect
from sandbox.state import Message, User
from tests.e2e.office import ELENI, MAYA, TOMAS, Office, elements, office
from tests.e2e.test_drift import differs, silence, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

NORA, LARKSPUR = "U0NORA", "T0LARKSPUR"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office that knows somebody of Larkspur Rail."""
    async with office(Path(tmp_path_factory.mktemp("shared")), http=False) as here:
        nora = User(NORA, "nora.vance", "Nora Vance", team_id=LARKSPUR)
        connect.add_outsider(here.ws, nora, "Larkspur Rail")
        yield here


async def press_way(desk: Office, who: str, notice: Message, way: str) -> None:
    """Press the button of a notice that repairs the channel in this way."""
    (button,) = [e for e in elements(notice.blocks or []) if f'"way":"{way}"' in e["value"]]
    await desk.press_exactly(who, notice, button["action_id"])


async def share(desk: Office, number: int) -> str:
    """Maya shares the case's channel; its id."""
    channel = desk.channel(number).id
    await desk.here.people.share(MAYA, channel, LARKSPUR, NORA)
    await desk.here.settle()
    return channel


async def test_in_a_case_s_channel_that_was_shared_nothing_more_is_said(desk: Office) -> None:
    number = await desk.stage("investigating")
    channel = await share(desk, number)
    before = [(m.ts, m.text, str(m.blocks)) for m in desk.said(number)]
    assert await differs(desk, number) == {Drift.SHARED}
    await desk.wants(ELENI, "severity", {"case": number, "severity": 1, "reason": "Secret: worse"})
    await desk.wants(TOMAS, "status", {"case": number, "standing": "blocked", "remark": "Secret"})
    await desk.here.settle()
    assert [(m.ts, m.text, str(m.blocks)) for m in desk.said(number)] == before
    assert "Secret" not in desk.everything_seen(NORA)
    assert "Secret" not in desk.ws.channels[channel].topic.value
    (notice,) = told(desk, ELENI, number)
    assert "διαβάζει" in notice.text or "organisation" in notice.text


async def test_when_the_sharing_ends_what_was_not_said_is_said(desk: Office) -> None:
    number = await desk.stage("investigating")
    channel = await share(desk, number)
    await desk.wants(TOMAS, "status", {"case": number, "standing": "blocked", "remark": "Valve 7"})
    await desk.here.settle()
    assert not any("Valve 7" in str(m.blocks) for m in desk.said(number))
    await desk.here.people.unshare(MAYA, channel, LARKSPUR)
    assert await differs(desk, number) == set()
    await desk.here.settle()
    assert any("Valve 7" in str(m.blocks) for m in desk.said(number))


async def test_the_case_can_go_on_in_a_private_channel(desk: Office) -> None:
    number = await desk.stage("investigating")
    old = await share(desk, number)
    notice = told(desk, ELENI, number)[-1]
    await press_way(desk, ELENI, notice, "same")
    assert await differs(desk, number) == {Drift.SHARED}  # looked again: still shared
    await press_way(desk, ELENI, told(desk, ELENI, number)[-1], "new")
    assert await differs(desk, number) == set()
    case = await desk.case(number, ELENI)
    new = desk.ws.channels[str(case.channel_id)]
    assert new.id != old
    assert new.is_private
    assert NORA not in new.members
    assert desk.ws.channels[old].topic.value.startswith("This case continues")
    assert new.id not in desk.everything_seen(NORA)


async def test_the_sharing_is_found_where_its_news_was_missed(desk: Office) -> None:
    number = await desk.stage("investigating")
    with silence(desk):
        channel = await share(desk, number)
    await desk.here.services.reconcile()
    assert await differs(desk, number) == {Drift.SHARED}
    assert desk.here.services.slack.shared.forbids("chat.postMessage", {"channel": channel})


async def test_any_event_from_a_shared_channel_is_enough_to_know_it(desk: Office) -> None:
    number = await desk.stage("investigating")
    with silence(desk):
        channel = await share(desk, number)
    await desk.here.people.say(NORA, channel, "Hello, who are you?")
    await desk.here.settle()
    assert desk.here.services.slack.shared.forbids("chat.postMessage", {"channel": channel})


async def test_who_asks_in_a_shared_channel_is_answered_by_a_message_of_their_own(
    desk: Office,
) -> None:
    number = await desk.stage("investigating")
    channel = await share(desk, number)
    await desk.command(ELENI, f"show ESC-{number}", channel)
    alone = {m.ephemeral_to for m in desk.ws.channels[channel].ephemerals.values()}
    assert alone <= {ELENI}
    assert any(f"ESC-{number}" in m.text for m in [*desk.answers(ELENI), *desk.dms(ELENI)])

"""A drill in Slack: begun by a form, marked wherever it is read, played, reviewed or cancelled.

Its notices are "drill_begun", "drill_invited", "drill_reviewed" and "drill_cancelled", its buttons
"ask:start_drill", "do:end_drill" and "do:cancel_drill".
"""

import json

import pytest
from sqlmodel import select

from sandbox.state import Channel, Message
from storage.models import Drill
from tests.e2e.office import ELENI, HOUR, KATE, MAYA, NIKOS, SOFIA, TOMAS, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def begun(desk: Office, who: str, **colleagues: str) -> int:
    """A drill that this person begins by the command; its number."""
    await desk.command(who, "drill")
    assert desk.form(who).callback_id == "start_drill"
    assert await desk.fill(who, **colleagues) == {}
    desk.opened += 1
    async with desk.here.services.database.read() as session:
        numbers = (await session.exec(select(Drill.case_number))).all()
    assert max(numbers) == desk.opened
    return desk.opened


def room(desk: Office, number: int) -> Channel:
    """The channel of a drill."""
    return next(c for c in desk.ws.channels.values() if c.name == f"drill-{number}")


def card(here: Channel) -> Message:
    """The pinned card as it is now."""
    return here.messages[next(iter(here.pins))]


async def test_two_play_a_case_and_read_what_was_done_in_time(desk: Office) -> None:
    before = {who: len(desk.dms(who)) for who in (ELENI, KATE, SOFIA, TOMAS)}
    number = await begun(desk, MAYA, colleague=NIKOS)
    here = room(desk, number)
    assert here.is_private
    assert set(here.members) == {MAYA, NIKOS, desk.bot}
    assert here.topic.value.startswith("DRILL · ")
    assert f"<#{here.id}>" in str(desk.dms(NIKOS)[-1].blocks)
    await desk.press(MAYA, card(here), "do:claim")
    await desk.press(MAYA, card(here), "ask:update")
    soon = int((desk.here.services.clock.now() + HOUR).timestamp())
    said = {"text": "We are on it. You hear from us at noon.", "recipient": "Nadia Lund"}
    assert "Send it to nobody" in str(desk.form(MAYA).payload)
    assert await desk.fill(MAYA, **said, route="phone", next_update_at=soon) == {}
    assert "Before it goes out" in str(desk.form(MAYA).payload)
    assert await desk.fill(MAYA) == {}  # as it is, after the composer's hints
    assert (MAYA, "update") in await desk.done(number)
    await desk.press(MAYA, card(here), "do:end_drill")
    review = list(here.messages.values())[-1]
    assert "First response: ✓ in time" in review.text
    assert "Resolved: not done; it was not due yet" in review.text
    for message in here.messages.values():
        if message.user == desk.bot and message.blocks:
            assert "DRILL" in message.text, message.text
            assert "*DRILL*" in str(message.blocks[0])
    assert {who: len(desk.dms(who)) for who in before} == before
    await desk.command(MAYA, "readiness")
    assert "Drill: done" in desk.answers(MAYA)[-1].text


async def test_it_is_in_no_list_and_cancelled_it_counts_for_nobody(desk: Office) -> None:
    number = await begun(desk, TOMAS)
    here = room(desk, number)
    await desk.command(TOMAS, "list mine")
    assert f"ESC-{number}" not in json.dumps([m.blocks for m in desk.answers(TOMAS)])
    await desk.command(ELENI, f"show ESC-{number}")
    refused = desk.answers(ELENI)[-1].text
    await desk.command(ELENI, "show ESC-999983")
    assert refused.replace(str(number), "N") == desk.answers(ELENI)[-1].text.replace("999983", "N")
    await desk.command(TOMAS, "drill")
    await desk.fill(TOMAS)
    assert f"the channel drill-{number}" in desk.answers(TOMAS)[-1].text
    await desk.press(TOMAS, card(here), "do:cancel_drill")
    assert "has cancelled the drill" in list(here.messages.values())[-1].text
    await desk.command(TOMAS, "readiness")
    assert "Drill: none done yet" in desk.answers(TOMAS)[-1].text
    assert "do:claim" not in str(card(here).blocks)

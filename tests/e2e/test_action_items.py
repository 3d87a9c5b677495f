"""Action items in Slack, from the message that gives one to the colleague who looks."""

import pytest

from sandbox.state import Message
from tests.e2e.office import ELENI, MAYA, NIKOS, TOMAS, Office, texts_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


def newest(desk: Office, who: str, action: str) -> Message:
    """The newest direct message to somebody that has this button."""
    return next(m for m in reversed(desk.dms(who)) if f"'{action}'" in str(m.blocks))


async def test_what_is_done_is_looked_at_by_somebody_else(desk: Office) -> None:
    number = await desk.stage("acting")
    given = newest(desk, TOMAS, "ask:action_done")
    for press in ("ask:reassign_action", "ask:edit_action", "ask:drop_action"):
        assert press in str(given.blocks)
    await desk.press(TOMAS, given, "ask:action_done")
    assert await desk.fill(TOMAS, evidence="The alarm rang in the test") == {}
    assert "ask:action_done" not in str(desk.card(number).blocks)
    asked = newest(desk, ELENI, "ask:verify_action")
    assert "The alarm rang in the test" in asked.text
    await desk.press(ELENI, asked, "ask:verify_action")
    assert await desk.fill(ELENI, remark="Only on one host") == {}
    back = newest(desk, TOMAS, "ask:action_done")
    assert "Only on one host" in back.text
    await desk.press(TOMAS, back, "ask:action_done")
    assert await desk.fill(TOMAS, evidence="On all hosts") == {}
    said = next(m for m in reversed(desk.said(number)) if "do:verify_action" in str(m.blocks))
    before = len(desk.answers(TOMAS))
    await desk.press(TOMAS, said, "do:verify_action")  # their own
    assert len(desk.answers(TOMAS)) == before + 1
    await desk.press(MAYA, said, "do:verify_action")
    (item,) = (await desk.case(number)).actions
    assert (item.done_at is not None, item.verifier) == (True, MAYA)
    await desk.press(TOMAS, newest(desk, TOMAS, "do:reopen_action"), "do:reopen_action")
    done = await desk.done(number)
    assert done.count((TOMAS, "action_done")) == 2
    assert {(ELENI, "verify_action"), (MAYA, "verify_action")} <= set(done)


async def test_it_passes_to_who_accepts_and_is_changed_and_dropped(desk: Office) -> None:
    number = await desk.stage("acting")
    await desk.press(TOMAS, newest(desk, TOMAS, "ask:reassign_action"), "ask:reassign_action")
    assert await desk.fill(TOMAS, user=NIKOS, note="You wrote the alarm") == {}
    offered = newest(desk, NIKOS, "do:answer_action_offer")
    assert "You wrote the alarm" in offered.text
    await desk.press(NIKOS, offered, "ask:answer_action_offer")
    assert await desk.fill(NIKOS, reason="I am on leave") == {}
    assert any("I am on leave" in m.text for m in desk.dms(TOMAS))
    await desk.command(TOMAS, f"actions ESC-{number}")
    listed = desk.answers(TOMAS)[-1]
    await desk.press(TOMAS, listed, "ask:reassign_action")
    assert await desk.fill(TOMAS, user=NIKOS) == {}
    await desk.command(NIKOS, "actions mine")
    await desk.press(NIKOS, desk.answers(NIKOS)[-1], "do:answer_action_offer")
    assert (await desk.case(number)).actions[0].owner == NIKOS
    await desk.command(NIKOS, "actions mine")
    await desk.press(NIKOS, desk.answers(NIKOS)[-1], "ask:edit_action")
    assert "Watch every certificate" in str(desk.form(NIKOS).payload)
    assert await desk.fill(NIKOS, title="Be careful") != {}
    assert await desk.fill(NIKOS, title="Alarm 14 days before a certificate ends") == {}
    changed = newest(desk, ELENI, "ask:drop_action")
    assert "Alarm 14 days before" in changed.text
    await desk.press(ELENI, changed, "ask:drop_action")
    assert await desk.fill(ELENI, reason="The certificates renew themselves now") == {}
    assert any("renew themselves" in m.text for m in desk.said(number))
    await desk.command(MAYA, f"actions ESC-{number}")
    shown = "\n".join(texts_of(desk.answers(MAYA)[-1].blocks))
    assert "renew themselves" in shown
    done = {verb for _, verb in await desk.done(number)}
    wanted = ("reassign_action", "answer_action_offer", "edit_action", "drop_action")
    assert done.issuperset(wanted)
    assert await desk.card_is_true(number)

"""The decision log in Slack: written in the channel, asked for after a month."""

import pytest

from tests.e2e.office import ELENI, HOUR, MAYA, TOMAS, Office, texts_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_decision_is_logged_asked_for_and_found_again(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.press(MAYA, desk.card(number), "ask:decide")
    fields = {"decision": "We roll back to 4.1", "options": "To wait for 4.3", "why": "It is safe"}
    assert await desk.fill(MAYA, **fields, decider=ELENI) == {}
    said = desk.said(number)[-1].text
    for part in ("We roll back to 4.1", "To wait for 4.3", "It is safe", f"<@{ELENI}>"):
        assert part in said
    told = desk.dms(ELENI)[-1]
    assert "We roll back to 4.1" in told.text
    await desk.pass_time(31 * 24 * HOUR)
    asked = next(m for m in reversed(desk.dms(ELENI)) if "ask:judge_decision" in str(m.blocks))
    assert "ποια ήταν η έκβαση" in asked.text
    await desk.press(ELENI, asked, "ask:judge_decision")
    assert "We roll back to 4.1" in str(desk.form(ELENI).payload)
    assert await desk.fill(ELENI, outcome="failed", lesson="4.1 has the same fault") == {}
    assert any("4.1 has the same fault" in m.text for m in desk.said(number))
    done = await desk.done(number)
    assert {(MAYA, "decide"), (ELENI, "judge_decision")} <= set(done)
    await desk.command(TOMAS, f"decisions ESC-{number}")
    shown = "\n".join(texts_of(desk.answers(TOMAS)[-1].blocks))
    assert "We roll back to 4.1" in shown
    assert "4.1 has the same fault" in shown
    before = len(desk.dms(ELENI))
    await desk.pass_time(30 * 24 * HOUR)
    assert not any("4.1" in m.text for m in desk.dms(ELENI)[before:])


async def test_what_worked_takes_one_press(desk: Office) -> None:
    number = await desk.stage("investigating")
    fields = {"case": number, "decision": "We call daily", "why": "They asked for it"}
    await desk.wants(MAYA, "decide", fields)
    await desk.here.settle()
    await desk.pass_time(31 * 24 * HOUR)
    asked = next(m for m in reversed(desk.dms(MAYA)) if "do:judge_decision" in str(m.blocks))
    await desk.press(MAYA, asked, "do:judge_decision")
    assert (MAYA, "judge_decision") in await desk.done(number)
    assert "it worked\n>We call daily" in desk.said(number)[-1].text

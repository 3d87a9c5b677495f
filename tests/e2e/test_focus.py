"""The technical lead's focus in Slack: typed, kept, interrupted, ended; questions and findings."""

import pytest

from tests.e2e.office import ELENI, HOUR, MAYA, TOMAS, Office, texts_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
MINUTE = HOUR / 60


async def test_questions_wait_for_the_end_and_are_answered_from_one_message(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.command(TOMAS, f"focus ESC-{number} 30m")
    assert (TOMAS, "focus") in await desk.done(number)
    card = "\n".join(texts_of(desk.card(number).blocks))
    assert "is in focus until" in card
    assert "do:end_focus" in str(desk.card(number).blocks)
    before = len(desk.dms(TOMAS))
    await desk.press(MAYA, desk.card(number), "ask:ask_lead")
    assert "in focus" in str(desk.form(MAYA).payload)
    assert await desk.fill(MAYA, about="other", question="Is it the gateway?") == {}
    assert "They are in focus" in desk.answers(MAYA)[-1].text
    await desk.press(ELENI, desk.card(number), "ask:interrupt_focus")
    assert await desk.fill(ELENI, reason="Their board calls at noon") == {}
    told = desk.dms(TOMAS)[before:]
    assert len(told) == 1
    assert "Their board calls at noon" in told[0].text
    assert "Interrupted once" in "\n".join(texts_of(desk.card(number).blocks))
    await desk.pass_time(31 * MINUTE)
    over = desk.dms(TOMAS)[-1]
    assert "your focus is over" in over.text
    assert "Is it the gateway?" in over.text
    await desk.press(TOMAS, over, "ask:answer_question")
    assert "Is it the gateway?" in str(desk.form(TOMAS).payload)
    assert await desk.fill(TOMAS, answer="No, it is the cache") == {}
    assert "No, it is the cache" in desk.said(number)[-1].text
    assert (TOMAS, "answer_question") in await desk.done(number)
    assert "is in focus" not in "\n".join(texts_of(desk.card(number).blocks))


async def test_a_check_in_takes_one_press_and_a_finding_a_sentence(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.press(TOMAS, desk.card(number), "ask:focus")
    until = desk.here.services.clock.now() + 7 * HOUR
    assert await desk.fill(TOMAS, until=int(until.timestamp())) == {}
    before = len(desk.dms(TOMAS))
    await desk.pass_time(4 * HOUR)
    asked = next(m for m in desk.dms(TOMAS)[before:] if "ask:report_finding" in str(m.blocks))
    assert "how is it going?" in asked.text
    await desk.press(TOMAS, asked, "ask:report_finding")
    assert await desk.fill(TOMAS, finding="The cache keeps old prices") == {}
    assert "The cache keeps old prices" in desk.said(number)[-1].text
    await desk.press(TOMAS, asked, "do:status")
    await desk.press(TOMAS, desk.card(number), "do:end_focus")
    done = {verb for who, verb in await desk.done(number) if who == TOMAS}
    assert {"focus", "report_finding", "status", "end_focus"} <= done


async def test_who_is_in_focus_is_named_and_not_called(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.wants(TOMAS, "focus", {
        "case": number, "until": (desk.here.services.clock.now() + HOUR).isoformat(),
    })  # fmt: skip
    await desk.here.settle()
    fields = {"case": number, "decision": "We call daily", "why": "It helps", "decider": TOMAS}
    await desk.wants(MAYA, "decide", fields)
    await desk.here.settle()
    said = desk.said(number)[-1]
    assert "We call daily" in said.text
    assert f"<@{TOMAS}>" not in said.text + str(said.blocks)
    assert "Tomás" in said.text or "Tomas" in said.text

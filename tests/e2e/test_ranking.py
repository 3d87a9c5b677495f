"""How urgent a case is, and a customer who sees its priority otherwise, in Slack."""

import pytest

from bot.rules.severity import rank_case
from bot.rules.words import Priority, Severity, Urgency
from tests.e2e.office import ELENI, HOUR, KATE, MAYA, Office, texts_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_urgency_and_deadline_raise_the_priority_and_nothing_else(desk: Office) -> None:
    number = await desk.stage("investigating")
    before = await desk.case(number)
    await desk.press(MAYA, desk.card(number), "ask:set_urgency")
    soon = int((desk.ws.now() + 20 * HOUR).timestamp())
    assert await desk.fill(MAYA, urgency="now", deadline=soon, reason="Payday is tomorrow") == {}
    case = await desk.case(number)
    assert (case.urgency, case.severity) == (Urgency.NOW, before.severity)
    assert rank_case(case).priority is Priority.URGENT
    assert {c.name: c.due for c in case.clocks} == {c.name: c.due for c in before.clocks}
    shown = "\n".join(texts_of(desk.card(number).blocks))
    assert "*Priority*: Urgent (" in shown
    assert "harm grows by the hour" in shown
    assert "Payday is tomorrow" in desk.said(number)[-1].text
    assert (MAYA, "set_urgency") in await desk.done(number)
    await desk.command(MAYA, f"why ESC-{number}")
    assert "*Priority*: Urgent (" in str(desk.answers(MAYA)[-1].blocks)


async def test_a_customer_who_contests_is_recorded_reminded_of_and_answered(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.command(MAYA, f"contest ESC-{number} This is our whole season")
    asked = next(m for m in reversed(desk.dms(ELENI)) if "This is our whole season" in m.text)
    assert "αμφισβητεί την προτεραιότητα" in asked.text
    assert "contests the priority" in str(list(texts_of(desk.card(number).blocks)))
    await desk.pass_time(4 * HOUR)
    assert any("περιμένει ακόμη απάντηση" in m.text for m in desk.dms(ELENI))
    await desk.pass_time(4 * HOUR)
    assert any("still waits for an answer about the priority" in m.text for m in desk.dms(KATE))
    await desk.press(ELENI, asked, "ask:answer_contest")
    assert "This is our whole season" in str(desk.form(ELENI).payload)
    assert await desk.fill(ELENI, answer="We raised it and told them why") == {}
    assert (await desk.case(number)).contests == ()
    assert any("We raised it and told them why" in m.text for m in desk.said(number))
    done = await desk.done(number)
    assert {(MAYA, "contest"), (ELENI, "answer_contest")} <= set(done)
    waits = len([m for m in desk.dms(KATE) if "about the priority" in m.text])
    await desk.pass_time(8 * HOUR)
    assert len([m for m in desk.dms(KATE) if "about the priority" in m.text]) == waits


async def test_where_nothing_waits_there_is_nothing_to_answer(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.wants(ELENI, "answer_contest", {"case": number, "answer": "x"})
    await desk.here.settle()
    told = [m.text for m in (*desk.answers(ELENI), *desk.dms(ELENI))]
    assert any("/escalate contest" in text for text in told)
    assert (await desk.case(number)).severity is Severity.SEV2


async def test_what_a_reply_contests_is_recorded_from_its_notice(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.command(MAYA, f"replied ESC-{number} Others were helped before us.")
    notice = next(m for m in reversed(desk.said(number)) if "ask:contest" in str(m.blocks))
    await desk.press(ELENI, notice, "ask:contest")
    assert await desk.fill(ELENI, words="We should come first") == {}
    (waiting,) = (await desk.case(number)).contests
    assert "We should come first" in str(waiting)

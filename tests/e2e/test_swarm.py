"""Help by skill in Slack: asked by a form, joined by a button, ended and thanked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.rules.policy.routing import Route
from tests.e2e.office import ELENI, MAYA, NIKOS, STRANGER, TOMAS, Office, texts_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
SKILL = "Database"


@pytest.fixture
def skilled(desk: Office) -> Office:
    """The office, where Nikos, Tomás and somebody of sales know databases."""
    services = desk.here.services
    routes = {SKILL: Route(SKILL, SKILL, (NIKOS, TOMAS, STRANGER))}
    services.policy = replace(services.policy, skills=routes)
    return desk


async def test_who_knows_databases_is_asked_joins_and_is_thanked(skilled: Office) -> None:
    desk = skilled
    number = await desk.stage("investigating")
    await desk.press(MAYA, desk.card(number), "ask:swarm")
    assert SKILL in str(desk.form(MAYA).payload)
    fields = {"skill": SKILL, "count": "1", "question": "Why is the index not used?"}
    assert await desk.fill(MAYA, **fields) == {}
    told = desk.dms(NIKOS)[-1]
    assert "Why is the index not used?" in told.text
    await desk.press(NIKOS, told, "do:answer_swarm")
    done = await desk.done(number)
    assert (MAYA, "swarm") in done
    assert (NIKOS, "answer_swarm") in done
    assert NIKOS in desk.channel(number).members
    card = "\n".join(texts_of(desk.card(number).blocks))
    assert f"<@{NIKOS}> (Database)" in card
    assert f"<@{ELENI}>" in card
    await desk.press(NIKOS, desk.answers(NIKOS)[-1], "do:leave_swarm")
    assert (NIKOS, "leave_swarm") in await desk.done(number)
    assert "(Database)" not in "\n".join(texts_of(desk.card(number).blocks))


async def test_who_is_silent_reads_that_another_was_asked_and_still_joins(skilled: Office) -> None:
    desk = skilled
    number = await desk.stage("investigating")
    await desk.press(MAYA, desk.card(number), "ask:swarm")
    assert await desk.fill(MAYA, skill=SKILL, count="1", question="Which lock is it?") == {}
    silent = next(m for m in desk.dms(NIKOS) if "Which lock is it?" in m.text)
    assert "Στο μεταξύ" not in "\n".join(texts_of(silent.blocks))
    await desk.pass_time(timedelta(minutes=15))
    assert any("Which lock is it?" in m.text for m in desk.dms(STRANGER))
    drawn = next(m for m in desk.dms(NIKOS) if m.ts == silent.ts)
    words = "Στο μεταξύ ρωτήθηκε και κάποιος άλλος. Μπορείτε ακόμη να έρθετε."  # his language
    assert words in "\n".join(texts_of(drawn.blocks))
    await desk.press(NIKOS, drawn, "do:answer_swarm")
    assert NIKOS in desk.channel(number).members
    await desk.pass_time(timedelta(minutes=15))  # who is silent too, while one helps
    assert (MAYA, "swarm") in await desk.done(number)
    assert not any("nobody with Database" in m.text for m in desk.dms(MAYA))

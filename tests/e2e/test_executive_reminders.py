"""What time brings to those who owe a customer an answer: each reminder's button, pressed.

By whom it came to, and by a person with no role, who is shown a copy of it: they are refused in
private, and nothing is done.
"""

import json
from datetime import timedelta

import pytest
from sqlmodel import col, select

from messages.kit.blocks import Message as Words
from sandbox.state import Message
from storage.models import Outbox
from tests.e2e.office import ELENI, PRIYA, RICHARD, SOFIA, STRANGER, Office, found

pytestmark = pytest.mark.asyncio(loop_scope="module")
STEP = timedelta(hours=2)
STEPS = 60  # five days


async def comes(desk: Office, number: int, name: str, button: str) -> tuple[str, Message]:
    """Let time pass until this notice was sent; to whom, and the message."""
    for _ in range(STEPS):
        async with desk.here.services.database.read() as session:
            query = select(Outbox).where(col(Outbox.case_number) == number)
            rows = (await session.exec(query.order_by(col(Outbox.id)))).all()
        told = [r.payload["user"] for r in rows if r.payload.get("text") == f"notice:{name}"]
        if told:
            return told[0], next(
                m for m in reversed(desk.dms(told[0])) if button in json.dumps(m.blocks)
            )
        await desk.pass_time(STEP)
    raise AssertionError(f"{name} did not come")


async def tried(desk: Office, number: int, message: Message, button: str) -> str:
    """What a person with no role is answered who presses it in a copy; nothing happens."""
    copy = await desk.post(STRANGER, Words(message.text, list(message.blocks or [])))
    done, before = await desk.done(number), len(desk.answers(STRANGER))
    element, value = found(copy.blocks or [], button)
    await desk.press_exactly(STRANGER, copy, element["action_id"], value)
    assert not desk.here.people.views(STRANGER)
    assert await desk.done(number) == done
    assert len(desk.answers(STRANGER)) == before + 1
    return desk.answers(STRANGER)[-1].text


async def flagged(desk: Office, reason: str) -> int:
    number = await desk.stage("investigating")
    await desk.command(PRIYA, f"flag {reason}", desk.channel(number).id)
    return number


async def test_an_executive_answers_the_second_time_they_are_asked(socket_desk: Office) -> None:
    desk = socket_desk
    number = await desk.stage("asked")
    who, asked = await comes(desk, number, "ask_waits", "do:answer_ask")
    assert who == SOFIA
    assert await tried(desk, number, asked, "do:answer_ask")
    await desk.press(SOFIA, asked, "do:answer_ask")
    assert (await desk.case(number)).asks[0].answer == "approve"


async def test_who_asked_takes_back_what_nobody_answered(socket_desk: Office) -> None:
    desk = socket_desk
    number = await desk.stage("asked")
    who, told = await comes(desk, number, "ask_unanswered", "ask:withdraw")
    assert who == ELENI
    assert await tried(desk, number, told, "ask:withdraw")
    await desk.press(ELENI, told, "ask:withdraw")
    assert await desk.fill(ELENI, reason="We found another way") == {}
    assert (await desk.case(number)).asks[0].answer == "withdrawn"


async def test_the_owner_looks_at_a_flag_that_nobody_has_taken(socket_desk: Office) -> None:
    desk = socket_desk
    number = await flagged(desk, "legal Their lawyer has written")
    who, told = await comes(desk, number, "flag_unheard", "show:show")
    assert who == ELENI
    assert "Delphi" not in await tried(desk, number, told, "show:show")
    await desk.press(ELENI, told, "show:show")
    assert f"ESC-{number}" in desk.answers(ELENI)[-1].text


@pytest.mark.parametrize("name", ["executive_call_soon", "executive_call_late"])
async def test_the_executive_logs_the_call_of_which_they_are_reminded(
    socket_desk: Office, name: str
) -> None:
    desk = socket_desk
    number = await flagged(desk, "cancel They want the exit terms")
    asked = next(m for m in reversed(desk.dms(RICHARD)) if "do:have_flag" in str(m.blocks))
    await desk.press(RICHARD, asked, "do:have_flag")
    who, told = await comes(desk, number, name, "ask:log_contact")
    assert who == RICHARD
    assert await tried(desk, number, told, "ask:log_contact")
    await desk.press(RICHARD, told, "ask:log_contact")
    assert await desk.fill(RICHARD, contact="Nadia", said="She stays") == {}
    assert [c.executive for c in (await desk.case(number)).contacts] == [RICHARD]


async def test_the_next_talk_is_reminded_of_and_logged(socket_desk: Office) -> None:
    desk = socket_desk
    number = await flagged(desk, "cancel They want the exit terms")
    soon = (desk.ws.now() + timedelta(days=2)).date().isoformat()
    await desk.command(RICHARD, f"contact ESC-{number} She is calm now")
    assert await desk.fill(RICHARD, contact="Nadia", next_on=soon) == {}
    who, told = await comes(desk, number, "contact_due", "ask:log_contact")
    assert who == RICHARD
    for button in ("show:contacts", "ask:log_contact"):
        assert "calm" not in await tried(desk, number, told, button)
    await desk.press(RICHARD, told, "show:contacts")
    assert "She is calm now" in json.dumps(desk.answers(RICHARD)[-1].blocks)
    await desk.press(RICHARD, told, "ask:log_contact")
    assert await desk.fill(RICHARD, contact="Nadia", said="All is well") == {}
    assert len((await desk.case(number)).contacts) == 2


async def test_an_executive_says_that_a_late_commitment_is_kept(socket_desk: Office) -> None:
    desk = socket_desk
    number = await flagged(desk, "cancel They want the exit terms")
    day = (desk.ws.now() + timedelta(days=1)).date().isoformat()
    names = ("first", "second", "third")
    dated = {f"{each}_by": day for each in names}
    await desk.command(ELENI, "commit", desk.channel(number).id)
    assert await desk.fill(ELENI, **dated, first="A fix", second="A call", third="A visit") == {}
    who, told = await comes(desk, number, "commitment_late", "ask:action_done")
    assert await tried(desk, number, told, "ask:action_done")
    await desk.press(who, told, "ask:action_done")
    assert await desk.fill(who, evidence="Nadia wrote that it works") == {}
    assert any(action.reported_at for action in (await desk.case(number)).actions)


@pytest.mark.parametrize("name", ["breach_call_soon", "breach_call_late"])
async def test_the_owner_logs_the_call_after_a_missed_promise(
    socket_desk: Office, name: str
) -> None:
    desk = socket_desk
    number = await desk.stage("investigating")
    who, told = await comes(desk, number, name, "ask:breach_talk")
    assert who == ELENI
    assert await tried(desk, number, told, "ask:breach_talk")
    await desk.press(ELENI, told, "ask:breach_talk")
    assert desk.form(ELENI).callback_id == "breach_talk"
    assert await desk.fill(ELENI, outcome="They accept the new date") == {}
    assert (ELENI, "breach_talk") in await desk.done(number)

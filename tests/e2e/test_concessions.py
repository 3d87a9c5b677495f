"""Money for a customer, through the doors: asked for, approved, promised, fulfilled, and listed."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.rules.states import ConcessionState
from sandbox.state import Message
from storage.models import Concession
from tests.e2e.office import ELENI, KATE, MAYA, RICHARD, SOFIA, Office
from tests.e2e.test_home_redrawn import app

pytestmark = pytest.mark.asyncio(loop_scope="module")
S = ConcessionState
UPDATE = "The gateway is back, and we watch it. I write again at 14:00."


async def asked(desk: Office, number: int, amount: str = "500 EUR", who: str = MAYA) -> Concession:
    """Ask by the command and its form; answers the row."""
    await desk.command(who, f"concession {amount} We were late", desk.channel(number).id)
    form = desk.form(who)
    assert form.callback_id == "request_concession"
    assert json.loads(form.private_metadata)["case"] == number
    assert await desk.fill(who, reason="missed_promise") == {}
    return (await rows(desk))[-1]


async def rows(desk: Office) -> list[Concession]:
    """Every concession, oldest first."""
    async with desk.here.services.database.read() as session:
        found = (await session.exec(select(Concession))).all()
    return sorted(found, key=lambda row: row.id)


def newest(desk: Office, who: str, button: str) -> Message:
    """The newest direct message, or private answer, with this button."""
    return next(
        m for m in reversed([*desk.answers(who), *desk.dms(who)]) if button in str(m.blocks)
    )


async def pressed(desk: Office, who: str, button: str, **values: Any) -> dict[str, str]:
    """Press it in the newest message that has it, and fill its form where it opens one."""
    await desk.press(who, newest(desk, who, button), button)
    return await desk.fill(who, **values) if button.startswith("ask:") else {}


async def test_from_the_command_to_what_the_customer_has(desk: Office) -> None:
    number = await desk.stage("investigating")
    row = await asked(desk, number)
    assert row.state is S.WAITING
    assert "500\xa0€" in newest(desk, ELENI, "do:answer_concession").text
    await pressed(desk, ELENI, "do:answer_concession")
    told = newest(desk, MAYA, "ask:promise_concession")
    assert "€500 is approved" in told.text
    await pressed(desk, MAYA, "ask:promise_concession", how="On the telephone")
    await pressed(desk, MAYA, "ask:fulfil_concession", evidence="Credit note 4711")
    assert (await rows(desk))[-1].state is S.FULFILLED
    await pressed(desk, MAYA, "ask:unfulfil_concession", why="Note 4711 was another customer's")
    assert (await rows(desk))[-1].state is S.PROMISED
    await pressed(desk, MAYA, "ask:fulfil_concession", evidence="Credit note 4712")
    await desk.command(MAYA, "unfulfil Wrong again", desk.channel(number).id)
    assert await desk.fill(MAYA) == {}
    await desk.command(MAYA, "concessions")
    listed = desk.answers(MAYA)[-1]
    assert "Credit note 4712" in json.dumps(listed.blocks)
    assert "Wrong again" in json.dumps(listed.blocks)
    await desk.command(MAYA, "unfulfil", desk.channel(number).id)
    assert "No concession of this case is recorded as fulfilled" in desk.answers(MAYA)[-1].text
    for message in desk.said(number):
        assert "500" not in message.text + json.dumps(message.blocks)


async def test_refused_withdrawn_changed_and_no_longer_owed(desk: Office) -> None:
    number = await desk.stage("investigating")
    await asked(desk, number)
    await pressed(desk, ELENI, "ask:answer_concession", remark="Rather 200")
    assert (await rows(desk))[-1].state is S.REFUSED
    await asked(desk, number)
    await desk.command(MAYA, "concessions")
    await desk.press(MAYA, desk.answers(MAYA)[-1], "ask:request_concession", number)
    assert await desk.fill(MAYA, amount="600 EUR") == {}
    assert [row.state for row in (await rows(desk))[-2:]] == [S.VOID, S.WAITING]
    await desk.command(MAYA, "concessions")
    await desk.press(MAYA, desk.answers(MAYA)[-1], "ask:withdraw_concession", number)
    await desk.fill(MAYA, reason="They declined")
    assert (await rows(desk))[-1].state is S.WITHDRAWN
    await asked(desk, number)
    await pressed(desk, ELENI, "do:answer_concession")
    await pressed(desk, MAYA, "ask:promise_concession", how="On the telephone")
    await desk.command(ELENI, "concessions")
    await desk.press(ELENI, desk.answers(ELENI)[-1], "ask:void_concession", number)
    await desk.fill(ELENI, reason="They left")
    assert (await rows(desk))[-1].state is S.VOID


async def test_the_composer_stops_asks_and_then_lets_exactly_it_pass(desk: Office) -> None:
    number = await desk.stage("investigating")
    sent = len((await desk.case(number)).sent)
    await desk.command(MAYA, "update", desk.channel(number).id)
    text = f"{UPDATE} We will refund you 150 EUR."
    await desk.fill(MAYA, text=text)
    form = desk.form(MAYA)
    assert form.callback_id == "update"
    assert "€150 is not approved for this case" in json.dumps(form.blocks, ensure_ascii=False)
    assert "Ask for approval of €150" in json.dumps(form.blocks, ensure_ascii=False)
    await desk.here.people.click(MAYA, view_id=form.id, action_id="ask:request_concession#1")
    await desk.here.settle()
    above = desk.form(MAYA)
    assert above.callback_id == "request_concession"
    assert "150 EUR" in json.dumps(above.blocks)
    await desk.fill(MAYA, reason="outage", why="Down for a day")
    assert desk.form(MAYA).callback_id == "update"  # what was written is still there
    await pressed(desk, ELENI, "do:answer_concession")
    for _ in range(2):  # advice is shown once
        if desk.here.people.views(MAYA):
            assert await desk.fill(MAYA) == {}
    assert desk.here.people.views(MAYA) == []
    assert len((await desk.case(number)).sent) == sent + 1
    assert (await rows(desk))[-1].state is S.PROMISED


async def test_bad_amounts_are_said_at_their_field(desk: Office) -> None:
    number = await desk.stage("investigating")
    before = len(await rows(desk))
    for typed, words in (
        ("5%", "A share such as 5%"), ("0 EUR", "An amount of nothing"),
        ("-5 EUR", "without a minus"), ("500", "with one currency"), ("lots", "in digits"),
    ):  # fmt: skip
        await desk.command(MAYA, "concession", desk.channel(number).id)
        errors = await desk.fill(MAYA, amount=typed, reason="outage", why="x")
        assert words in errors["amount"]
        await desk.close_forms(MAYA)
    await desk.command(MAYA, "concession 500 XYZ late", desk.channel(number).id)
    await desk.fill(MAYA, reason="outage")
    assert "no rate for XYZ" in desk.answers(MAYA)[-1].text
    assert len(await rows(desk)) == before


async def test_the_list_is_for_those_who_need_to_know(desk: Office) -> None:
    number = await desk.stage("investigating")
    await asked(desk, number, "777 EUR")
    for who, sees in ((MAYA, True), (KATE, True), (RICHARD, True), ("U0NIKOS", False)):
        await desk.command(who, "concessions")
        assert ("€777" in str(desk.answers(who)[-1].blocks)) is sees, who
    await desk.command(KATE, "concessions no such customer")
    assert "No concession is known for" in desk.answers(KATE)[-1].text
    customer = (await desk.case(number)).customer
    await desk.command(KATE, f"concessions {customer}")
    assert "€777" in str(desk.answers(KATE)[-1].blocks)


async def test_the_home_tab_has_what_waits_for_a_decision(desk: Office) -> None:
    number = await desk.stage("investigating")
    await asked(desk, number, "888 EUR")
    for who, sees in ((RICHARD, True), ("U0NIKOS", False)):
        await desk.here.people.open_home(who, app(desk))
        await desk.here.settle()
        home = await desk.here.people.open_home(who, app(desk))
        assert home is not None
        assert ("€888" in json.dumps(home.blocks, ensure_ascii=False)) is sees, who


async def test_all_who_may_decide_hear_of_it_when_it_waits(desk: Office) -> None:
    number = await desk.stage("investigating")
    await asked(desk, number, "999 EUR")
    await desk.pass_time(timedelta(days=3))
    for who in (RICHARD, SOFIA):
        assert any("999" in m.text for m in desk.dms(who)), who
    assert not any("999" in m.text for m in desk.dms(KATE))

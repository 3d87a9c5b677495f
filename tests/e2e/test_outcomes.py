"""What became of a customer, through the doors: asked for, recorded, corrected, listed."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from sandbox.state import Message
from storage.models import Outcome
from tests.e2e.office import ELENI, RICHARD, TOMAS, Office
from tests.e2e.test_home_redrawn import app

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def rows(desk: Office) -> list[Outcome]:
    """Every outcome, oldest first."""
    async with desk.here.services.database.read() as session:
        found = (await session.exec(select(Outcome))).all()
    return sorted(found, key=lambda row: row.id)


async def asked(desk: Office) -> tuple[Outcome, str]:
    """A closed case whose outcome has just been asked for: its row, and who was asked."""
    number = await desk.stage("closed")
    async with desk.here.services.database.write() as session:
        mine = col(Outcome.case_number) == number
        soon = desk.ws.now() + timedelta(seconds=30)
        await session.exec(update(Outcome).where(mine).values(next_at=soon))
    await desk.pass_time(timedelta(minutes=2))
    row = next(row for row in await rows(desk) if row.case_number == number)
    assert row.asked == 1
    return row, row.asked_of


def newest(desk: Office, who: str, button: str) -> Message:
    """The newest direct message, or private answer, with this button."""
    return next(
        m for m in reversed([*desk.answers(who), *desk.dms(who)]) if button in str(m.blocks)
    )


async def opened(desk: Office, who: str, button: str) -> dict[str, Any]:
    """Press it in the newest message that has it; answers the form."""
    await desk.press(who, newest(desk, who, button), button)
    return {"id": desk.form(who).callback_id, "blocks": json.dumps(desk.form(who).blocks)}


async def test_asked_in_one_press_recorded_and_corrected(desk: Office) -> None:
    row, who = await asked(desk)
    said = newest(desk, who, "ask:record_outcome")
    assert "Delphi Energy" in said.text
    assert f"ESC-{row.case_number}" in said.text
    form = await opened(desk, who, "ask:record_outcome#2")
    assert form["id"] == "record_outcome"
    assert '"initial_option"' in form["blocks"]
    errors = await desk.fill(who, before="410000 EUR", after="500000 EUR")
    assert "after" in errors
    assert (await rows(desk))[-1].result == ""
    assert "before" in await desk.fill(who, before="lots", after="380000 EUR")
    assert await desk.fill(who, before="410000 EUR", after="380000 EUR") == {}
    row = (await rows(desk))[-1]
    assert (row.result, row.before, row.after) == ("reduced", 410000, 380000)
    form = await opened(desk, who, "ask:correct_outcome")
    assert "380,000 EUR" in form["blocks"] or "380.000 EUR" in form["blocks"]
    assert await desk.fill(who, result="lost", after="0", why="They left after all") == {}
    row = (await rows(desk))[-1]
    assert (row.result, row.after, len(row.corrections["rows"])) == ("lost", 0, 1)
    assert row.case_number is not None
    for message in desk.said(row.case_number):
        said = message.text + json.dumps(message.blocks)
        assert "410,000" not in said
        assert "410000" not in said


async def test_a_second_answer_is_told_that_there_is_one(desk: Office) -> None:
    row, who = await asked(desk)
    stored = (await rows(desk))[-1]
    await desk.wants(ELENI, "record_outcome", {"outcome": stored.id, "result": "unchanged"})
    await desk.here.settle()
    before = len(desk.here.people.views(who))
    await desk.press(who, newest(desk, who, "ask:record_outcome"), "ask:record_outcome#1")
    assert len(desk.here.people.views(who)) == before
    assert f"<@{ELENI}>" in desk.answers(who)[-1].text
    assert row.id == stored.id


async def test_the_list_and_the_home_tab(desk: Office) -> None:
    row, who = await asked(desk)
    for reader, sees in ((who, True), (ELENI, True), (RICHARD, True), (TOMAS, False)):
        await desk.command(reader, "outcome")
        answer = json.dumps(desk.answers(reader)[-1].blocks)
        assert (f"ESC-{row.case_number}" in answer) is sees, reader
    await desk.command(ELENI, "outcome no such customer")
    assert "no such customer" in desk.answers(ELENI)[-1].text
    await desk.here.people.open_home(who, app(desk))
    await desk.here.settle()
    home = await desk.here.people.open_home(who, app(desk))
    assert home is not None
    assert f"ESC-{row.case_number}" in json.dumps(home.blocks)

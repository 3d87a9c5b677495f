"""What a message that only one person sees becomes once a button in it did its work."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest_asyncio

from sandbox.state import Message
from tests.e2e.office import ELENI, KATE, MAYA, SOFIA, TOMAS, Office, interactions, office


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    """A local workspace with the app in it."""
    async with office(tmp_path, http=False) as desk:
        yield desk


def asking(desk: Office, who: str, action: str) -> Message:
    """The newest direct message that can be pressed so."""
    return [m for m in desk.dms(who) if action in names(m)][-1]


def names(message: Message) -> list[str]:
    """What can be pressed in a message."""
    return [press.interaction for press in interactions(message.blocks or [])]


def last_line(message: Message) -> str:
    """The small print at the end of a message."""
    block = (message.blocks or [])[-1]
    assert block["type"] == "context"
    return str(block["elements"][0]["text"])


async def test_an_answer_replaces_the_buttons_that_asked_for_it(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.wants(
        ELENI, "ask_executive", {"case": number, "user": SOFIA, "question": "May we call them?"}
    )
    await desk.here.settle()
    asked = asking(desk, SOFIA, "do:answer_ask")
    words = str(asked.blocks)
    await desk.press(SOFIA, asked, "do:answer_ask")
    shown = desk.dms(SOFIA)[-1]
    assert last_line(shown).startswith("✓ Εγκρίνατε, ")
    assert "May we call them?" in str(shown.blocks)
    assert "May we call them?" in words
    assert "do:answer_ask" not in names(shown)


async def test_a_claim_in_a_direct_message_leaves_its_other_buttons(desk: Office) -> None:
    await desk.stage("new")
    opened = asking(desk, ELENI, "do:claim")
    await desk.press(ELENI, opened, "do:claim")
    assert "Την έχετε εσείς, από" in opened.text  # it is drawn anew, as every page is
    assert names(opened) == ["show:show"]


async def test_who_presses_too_late_reads_in_the_message_why(desk: Office) -> None:
    number = await desk.stage("new")
    await desk.pass_time(timedelta(minutes=29))
    reminded = [m for m in desk.dms(ELENI) if "do:claim" in names(m)][-1]
    await desk.wants(KATE, "claim", {"case": number})
    await desk.here.settle()
    before = len(desk.answers(ELENI))
    await desk.press(ELENI, reminded, "do:claim")
    assert "do:claim" not in names(reminded)
    assert "Kate" in last_line(reminded) or "U0KATE" in last_line(reminded)
    assert len(desk.answers(ELENI)) == before  # it is not said twice


async def test_a_page_says_who_has_it_before_anyone_presses_in_vain(desk: Office) -> None:
    number = await desk.stage("new")
    page = asking(desk, ELENI, "do:claim")
    await desk.wants(KATE, "claim", {"case": number})
    await desk.here.settle()
    assert "Την έχει <@U0KATE>, από" in page.text
    assert names(page) == ["show:show"]


async def test_a_form_from_a_direct_message_closes_that_message(desk: Office) -> None:
    number = await desk.stage("acknowledged")
    await desk.wants(
        ELENI, "hand_over",
        {"case": number, "role": "escalation_manager", "user": KATE, "summary": "All known"},
    )  # fmt: skip
    await desk.here.settle()
    offered = asking(desk, KATE, "ask:answer_handover")
    await desk.press(KATE, offered, "ask:answer_handover")
    assert not await desk.fill(KATE, reason="I am away")
    assert last_line(offered).startswith("✓ You refused the role, ")
    assert names(offered) == []


async def test_a_private_answer_in_a_channel_is_replaced(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.command(TOMAS, "status", desk.channel(number).id)
    answer = desk.answers(TOMAS)[-1]
    await desk.press(TOMAS, answer, "do:status")
    shown = desk.answers(TOMAS)
    assert any("✓ You said “On track”, " in str(m.blocks) for m in shown)
    assert not any("do:status" in names(m) for m in shown)


async def test_what_all_see_keeps_its_buttons(desk: Office) -> None:
    number = await desk.stage("acknowledged")
    posts = [m for m in desk.said(number) if "ask:update" in names(m)]
    await desk.press(MAYA, posts[-1], "ask:update")
    assert "ask:update" in names(posts[-1])

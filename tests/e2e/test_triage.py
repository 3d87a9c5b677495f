"""A call is logged, waits for a decision, and is decided by each button of its message."""

from typing import Any

import pytest

from sandbox.state import Message
from tests.e2e.office import ELENI, KATE, MAYA, STAKE, SUPPORT, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRESSES = ("ask:open_case", "do:add_candidate", "ask:log_candidate", "ask:dismiss_candidate")


async def called(desk: Office, customer: str, words: str = STAKE, **more: Any) -> Message:
    """Maya logs a call; the message about it that the manager on duty has."""
    await desk.command(ELENI, "language en")  # who reads Greek
    await desk.command(MAYA, f"phone {words}")
    offered = await desk.here.people.suggest(MAYA, "customer", customer, view_id=desk.form(MAYA).id)
    assert await desk.fill(MAYA, customer=offered[0]["value"], **more) == {}
    return waiting(desk)


def waiting(desk: Office) -> Message:
    """The newest message about something that waits or was decided."""
    return next(m for m in reversed(desk.dms(ELENI)) if "CAN-" in m.text and "📥" in str(m.blocks))


def about(desk: Office, message: Message) -> str:
    """The message as it stands now."""
    found = next(m for m in desk.dms(ELENI) if m.ts == message.ts)
    return str(found.blocks)


async def test_a_call_waits_with_its_number_and_the_caller_is_told(desk: Office) -> None:
    message = await called(desk, "Halcyon Foods", caller="Ada", phone="+30 210 1")
    assert "☎ +30 210 1" in str(message.blocks)
    assert "A manager decides" in desk.everything_seen(MAYA)
    await desk.command(MAYA, "triage mine")
    assert "Halcyon Foods" in desk.answers(MAYA)[-1].text
    await desk.command(ELENI, "triage")
    listed = desk.answers(ELENI)[-1]
    assert "Halcyon Foods" in listed.text
    await desk.press(ELENI, listed, "show:candidate")
    assert "+30 210 1" in str(desk.answers(ELENI)[-1].blocks)
    await desk.press(ELENI, listed, "show:triage")
    assert "You have reported nothing yet" in desk.answers(ELENI)[-1].text


async def test_it_is_escalated_with_the_form_filled_in(desk: Office) -> None:
    message = await called(desk, "Ithaca Tours", caller="Ada", phone="+30 210 2")
    await desk.press(ELENI, message, "ask:open_case")
    form = str(desk.form(ELENI).payload)
    assert STAKE in form
    assert "Ada" in form
    assert await desk.fill(ELENI, severity="2") == {}
    desk.opened += 1
    number = desk.opened
    assert f"ESC-{number}" in about(desk, message)
    assert "+30 210 2" in "".join(str(m.blocks) + m.text for m in desk.said(number))
    assert f"is now ESC-{number}" in desk.everything_seen(MAYA)


async def test_it_is_added_to_the_customers_case_by_one_press(desk: Office) -> None:
    number = await desk.escalate(MAYA, customer="Kallisto")
    message = await called(desk, "Kallisto")
    await desk.press(ELENI, message, "do:add_candidate")
    assert (await desk.case(number)).reports == 2
    assert f"added it to ESC-{number}" in about(desk, message)


async def test_it_is_added_to_another_case_by_its_number(desk: Office) -> None:
    number = await desk.escalate(MAYA, customer="Orion Works")
    message = await called(desk, "Naxos Marble")
    await desk.press(ELENI, message, "ask:add_candidate")
    assert await desk.fill(ELENI, into=f"ESC-{number}") == {}
    assert (await desk.case(number)).reports == 2


async def test_it_is_logged_as_minor_and_the_customer_waits(desk: Office) -> None:
    message = await called(desk, "Quill Post")
    await desk.press(ELENI, message, "ask:log_candidate")
    assert await desk.fill(ELENI, title="Receipts print twice") == {}
    assert "logged it as minor under KI-" in about(desk, message)


async def test_it_is_not_escalated_in_approved_words_and_that_is_undone(desk: Office) -> None:
    message = await called(desk, "Thalia Books")
    await desk.press(ELENI, message, "ask:dismiss_candidate")
    assert "Our support team has your report" in str(desk.form(ELENI).payload)
    given = {"reason": "A question, answered", "told": "support_by"}
    assert "answer_by" in await desk.fill(ELENI, **given)
    assert await desk.fill(ELENI, told="support") == {}
    assert "decided not to escalate it" in about(desk, message)
    assert "A question, answered" in desk.everything_seen(MAYA)
    await desk.press(ELENI, message, "do:undo_decision")
    assert "took that back" in about(desk, message)
    assert "waits for a decision again" in desk.everything_seen(MAYA)


async def test_a_call_goes_straight_on_to_the_form_that_escalates(desk: Office) -> None:
    await desk.command(KATE, "τηλέφωνο Nobody can pay", SUPPORT)
    offered = await desk.here.people.suggest(
        KATE, "customer", "Delphi Energy", view_id=desk.form(KATE).id
    )
    given = {"customer": offered[0]["value"], "phone": "+30 210 3", "escalate": ["true"]}
    assert await desk.fill(KATE, **given) == {}
    assert desk.form(KATE).callback_id == "open_case"
    assert "Nobody can pay" in str(desk.form(KATE).payload)
    assert await desk.fill(KATE, severity="3") in ({}, {"same_as": ""})
    desk.opened += 1
    number = desk.opened
    assert (await desk.case(number)).stake == "Nobody can pay"
    assert "+30 210 3" in "".join(str(m.blocks) + m.text for m in desk.said(number))


async def test_the_forms_are_opened_by_their_commands(desk: Office) -> None:
    await desk.command(ELENI, "undecide")
    assert desk.form(ELENI).callback_id == "undo_decision"
    assert "ask:undo_decision".endswith(desk.form(ELENI).callback_id)
    await desk.close_forms(ELENI)
    await desk.command(ELENI, "phone")
    assert "ask:log_call".endswith(desk.form(ELENI).callback_id)
    await desk.close_forms(ELENI)


async def test_open_homes_show_what_waits_and_no_more_what_was_decided(desk: Office) -> None:
    await desk.here.people.open_home(ELENI)
    await desk.here.settle()
    message = await called(desk, "Zephyr Sails")
    view = desk.here.people.home(ELENI)
    assert view is not None
    assert "To decide" in str(view.blocks)
    await desk.press(ELENI, message, "ask:dismiss_candidate")
    assert await desk.fill(ELENI, reason="A question, answered", told="nothing") == {}
    view = desk.here.people.home(ELENI)
    assert view is not None
    assert "Zephyr Sails" not in str(view.blocks)

"""A failure keeps what was typed and gives a reference, never a traceback."""

import pytest
from sqlalchemy.exc import InterfaceError

from bot.errors import UserError
from bot.rules.words import Language
from messages.cases.answers import refusal_message, store_away
from tests.handlers.fakes import FakeDesk
from tests.handlers.requests_from_slack import (
    CHANNEL,
    Workspace,
    submission,
    text,
    view,
)


async def test_a_failure_keeps_the_form_and_what_was_typed(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.fault = RuntimeError("the disk is full")
    shown = view("reopen", {"reason": text("again")})
    response = await slack.interact(submission(shown))
    answer = response.json()
    assert (response.status_code, answer["response_action"]) == (200, "errors")
    assert list(answer["errors"]) == ["reason"]
    assert "disk" not in response.text
    assert "Traceback" not in response.text
    desk.fault = None
    assert (await slack.interact(submission(shown))).text == ""
    assert len(desk.accepted) == 1


async def test_a_failure_of_a_command_is_told_with_a_reference(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.fault = RuntimeError("the disk is full")
    response = await slack.command("claim", channel_id=CHANNEL)
    await desk.settle()
    assert (response.status_code, response.text) == (200, "")
    ((_reply, message),) = desk.told
    assert "disk" not in message.text


async def test_a_command_that_the_store_could_not_take_is_told_to_be_sent_again(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.fault = InterfaceError("INSERT", None, Exception("connection is closed"))
    response = await slack.command("claim", channel_id=CHANNEL)
    await desk.settle()
    assert (response.status_code, response.text) == (200, "")
    assert desk.told[0][1] == store_away(Language.ENGLISH)


async def test_a_refusal_at_the_door_is_told(slack: Workspace, desk: FakeDesk) -> None:
    desk.fault = UserError("not_your_role")
    response = await slack.command("claim", channel_id=CHANNEL)
    await desk.settle()
    assert response.status_code == 200
    assert desk.told[0][1] == refusal_message("not_your_role", Language.ENGLISH)


async def test_an_event_that_could_not_be_taken_is_sent_again(
    slack: Workspace, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(channel_id: str) -> int | None:
        raise RuntimeError("the disk is full")

    mention = {"type": "app_mention", "user": "U0MAYA", "channel": CHANNEL, "text": "show"}
    with monkeypatch.context() as away:
        away.setattr(desk.reading, "case_in_channel", broken)
        response = await slack.event(mention)
    await desk.settle()
    assert (response.status_code, response.text) == (500, "")
    assert desk.told == []
    assert (await slack.event(mention)).status_code == 200
    await desk.settle()
    assert len(desk.told) == 1, "and answered then"


@pytest.mark.parametrize("kind", ["something_new", "dialog_submission", "view_closed"])
async def test_a_request_that_nobody_handles_troubles_nobody(
    slack: Workspace, desk: FakeDesk, kind: str
) -> None:
    payload = {"type": kind, "callback_id": "x", "view": {"callback_id": "x", "type": "modal"}}
    response = await slack.interact(payload | {"user": {"id": "U0MAYA"}})
    await desk.settle()
    assert (response.status_code, response.text) == (200, "")
    assert desk.told == []

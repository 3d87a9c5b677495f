"""Shortcuts open the form, empty or filled from a message."""

import json
from pathlib import Path

import pytest

from messages.clients.slack import SlackUnknown
from tests.handlers.fakes import FakeDesk
from tests.handlers.requests_from_slack import (
    TEAM,
    Workspace,
    person,
)

DATA = Path(__file__).parents[2] / "data" / "slack_text"
MESSAGE = {"type": "message", "user": "U0TOM", "text": "We &lt;3 refunds &amp; rage", "ts": "5.5"}


async def test_escalate_this_fills_the_form_from_the_message(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.slack.answers["chat.getPermalink"] = {"permalink": "https://demo.slack.com/p5"}
    await slack.interact(
        {
            "type": "message_action", "callback_id": "escalate_message", "team": TEAM,
            "user": person(), "channel": {"id": "C0GENERAL", "name": "general"},
            "message": MESSAGE, "message_ts": "5.5", "trigger_id": "7.7",
            "response_url": "https://hooks.example/3",
        }
    )  # fmt: skip
    await desk.settle()
    assert desk.slack.last("chat.getPermalink") == {"channel": "C0GENERAL", "message_ts": "5.5"}
    shown = desk.slack.last("views.open")["view"]
    blocks = {b.get("block_id"): b for b in shown["blocks"]}
    assert blocks["stake"]["element"]["initial_value"] == "We <3 refunds & rage"
    assert json.loads(shown["private_metadata"])["source_link"] == "https://demo.slack.com/p5"


async def test_without_a_permalink_the_form_still_opens(slack: Workspace, desk: FakeDesk) -> None:
    desk.slack.answers["chat.getPermalink"] = SlackUnknown("chat.getPermalink", "timeout")
    await slack.interact(
        {
            "type": "message_action", "callback_id": "escalate_message", "user": person(),
            "channel": {"id": "C0GENERAL"}, "message": MESSAGE, "trigger_id": "7.7",
        }
    )  # fmt: skip
    await desk.settle()
    assert desk.slack.last("views.open")["view"]["callback_id"] == "open_case"


async def test_the_global_shortcut_opens_the_form(slack: Workspace, desk: FakeDesk) -> None:
    await slack.interact(
        {"type": "shortcut", "callback_id": "escalate", "user": person(), "trigger_id": "7.7"}
    )
    await desk.settle()
    assert desk.slack.last("views.open")["trigger_id"] == "7.7"


@pytest.mark.parametrize(
    ("file", "begins"), [("blocks", "Checkout error"), ("markup", "@U0Maya nora")]
)
async def test_every_word_of_a_message_is_in_the_form(
    slack: Workspace, desk: FakeDesk, file: str, begins: str
) -> None:
    desk.slack.answers["chat.getPermalink"] = {"permalink": "https://demo.slack.com/p5"}
    body = json.loads((DATA / f"{file}.json").read_text("utf-8"))
    await slack.interact(body | {"user": person(), "trigger_id": "7.7", "team": TEAM})
    await desk.settle()
    shown = desk.slack.last("views.open")["view"]
    stake = next(b for b in shown["blocks"] if b.get("block_id") == "stake")
    assert stake["element"]["initial_value"].startswith(begins)


@pytest.mark.parametrize(("private", "shown"), [(True, "#C0SECRET"), (False, "#esc-7-acme")])
async def test_a_private_channel_is_named_to_nobody_by_a_message_that_mentions_it(
    slack: Workspace, desk: FakeDesk, private: bool, shown: str
) -> None:
    channel = {"id": "C0SECRET", "name": "esc-7-acme", "is_private": private}
    desk.slack.answers["conversations.info"] = {"channel": channel}
    message = {**MESSAGE, "text": "As in <#C0SECRET>"}
    await slack.interact(
        {
            "type": "message_action", "callback_id": "escalate_message", "user": person(),
            "channel": {"id": "C0GENERAL"}, "message": message, "trigger_id": "7.7",
        }
    )  # fmt: skip
    await desk.settle()
    view = desk.slack.last("views.open")["view"]
    stake = next(b for b in view["blocks"] if b.get("block_id") == "stake")
    assert stake["element"]["initial_value"] == f"As in {shown}"

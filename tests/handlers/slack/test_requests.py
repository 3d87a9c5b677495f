"""A redelivery has the identity of the first delivery, and nothing else has it."""

from typing import Any

import pytest

from bot.engine.actors import Actor, ReplyTo
from handlers.slack.requests import of_action, of_command, of_event, of_view, request_of
from tests.handlers.requests_from_slack import FORM, pressed, submission, text, view

COMMAND = {
    "command": "/escalate", "text": "claim", "user_id": "U1", "channel_id": "C1",
    "response_url": "https://hooks.example/1", "trigger_id": "1.2.a",
}  # fmt: skip


def test_a_command_tells_who_where_and_how_to_answer() -> None:
    asked = of_command(COMMAND)
    assert asked.actor == Actor("U1", "command")
    assert asked.reply == ReplyTo("U1", "C1", "https://hooks.example/1")
    assert asked.trigger_id == "1.2.a"


def test_a_redelivered_command_has_the_same_key() -> None:
    assert of_command(COMMAND).key == of_command(dict(COMMAND)).key


@pytest.mark.parametrize(
    "changes",
    [{"trigger_id": "1.3.b"}, {"user_id": "U2"}, {"text": "resume"}, {"channel_id": "C2"}],
)
def test_another_command_has_another_key(changes: dict[str, str]) -> None:
    assert of_command(COMMAND | changes).key != of_command(COMMAND).key


def test_without_a_trigger_the_body_is_the_identity() -> None:
    bare = {k: v for k, v in COMMAND.items() if k != "trigger_id"}
    assert of_command(bare).key == of_command(dict(bare)).key
    assert of_command(bare | {"text": "x"}).key != of_command(bare).key


def test_a_form_is_its_own_identity_whatever_the_trigger() -> None:
    shown = view("reopen", {"reason": text("again")})
    first, second = submission(shown), submission(shown, trigger_id="other")
    assert of_view(first).key == of_view(second).key == f"form:U0MAYA:{FORM}"


def test_a_form_answers_in_the_channel_it_was_asked_for_in() -> None:
    shown = view("reopen", {"reason": text("again")}, {"case": 7, "from_channel": "C9"})
    assert of_view(submission(shown)).reply == ReplyTo("U0MAYA", "C9", None)


def test_two_presses_are_two_and_one_press_delivered_twice_is_one() -> None:
    press = pressed("do:claim", {"case": 7})
    again = pressed("do:claim", {"case": 7}, trigger_id="later")
    assert of_action(press).key == of_action(pressed("do:claim", {"case": 7})).key
    assert of_action(press).key != of_action(again).key


def test_an_event_is_its_event_id() -> None:
    body = {"type": "event_callback", "event_id": "Ev9", "event": {"user": "U1", "channel": "D1"}}
    asked = of_event(body)
    assert (asked.key, asked.actor) == ("event:Ev9", Actor("U1", "event"))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"command": None},
        {"type": "block_actions", "actions": "no", "user": "x", "channel": 5},
        {"type": "view_submission", "view": 7},
        {"type": "view_submission", "view": {"private_metadata": "[1,"}},
        {"type": "view_submission", "view": {"private_metadata": "[1]"}},
        {"type": "view_submission", "view": {"private_metadata": "[" * 100_000}},
        {"type": "event_callback", "event": "?"},
        {"type": "event_callback", "event": {"user": {"id": "U1"}, "channel": {"id": "C1"}}},
    ],
)
def test_nonsense_still_has_a_key(body: dict[str, Any]) -> None:
    assert request_of(body).key

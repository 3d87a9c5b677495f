"""What leaves for apps has Slack's keys and Slack's form, nothing else."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier

from sandbox import conversations, marks, posting, views
from sandbox.delivery import events, http, interactions
from sandbox.delivery.outcome import Parcel
from sandbox.state import Channel, Message, User, View, WorkspaceEvent
from tests.sandbox.world import DAN, MAYA, World, make_world

Json = dict[str, Any]
KNOWN: dict[str, dict[str, list[str]]] = json.loads(
    (Path(__file__).parent / "data" / "payload_keys.json").read_text()
)
# Documented by Slack, absent from the generated samples behind payload_keys.json.
ALSO_REAL = {
    "view": {"blocks"},
    "actions": {"selected_options", "selected_users", "selected_date_time"},
    "state": {"values"},
    "": {"response_urls"},
}
BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
BLOCKS: list[Json] = [{"type": "actions", "block_id": "b", "elements": [BUTTON]}]
MODAL: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "T"},
    "submit": {"type": "plain_text", "text": "S"},
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Why"},
            "element": {"type": "plain_text_input", "action_id": "text", "initial_value": "x"},
        }
    ],
}


@pytest.fixture
def world() -> World:
    return make_world(request_url="http://127.0.0.1:1/")


@pytest.fixture
def view(world: World) -> View:
    trigger = world.ws.lifetimes.mint_trigger(world.app.app_id, MAYA)
    return views.open_modal(world.ws, world.app, trigger, MODAL)


def assert_known(kind: str, payload: Json) -> None:
    """Every key, and every key one level below, is one that Slack sends."""
    known = KNOWN[kind]
    assert set(payload) <= set(known) | ALSO_REAL[""]
    for key, value in payload.items():
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict) and known.get(key):
            assert set(inner) <= set(known[key]) | ALSO_REAL.get(key, set()), key


def click(world: World, channel: Channel, message: Message) -> Json:
    return interactions.message_actions(
        world.ws,
        world.app,
        world.ws.users[MAYA],
        channel,
        message,
        action=interactions.action_of(world.ws, BLOCKS[0], BUTTON, {}),
        touched={},
        trigger_id="1.2.3",
        response_url="http://x/",
    )


def command(world: World, channel: Channel) -> dict[str, str]:
    return interactions.slash_command(
        world.ws,
        world.app,
        world.ws.users[MAYA],
        channel,
        command="/desk",
        text="now & then",
        trigger_id="1.2.3",
        response_url="http://x/",
    )


def test_a_command_is_all_strings(world: World) -> None:
    fields = command(world, world.public)
    assert_known("slash_command", fields)
    assert fields["is_enterprise_install"] == "false"
    assert {type(value) for value in fields.values()} == {str}


def test_only_public_channels_are_named(world: World) -> None:
    dm, _ = world.ws.open_im(MAYA, world.app.bot_user_id)
    named = [command(world, c)["channel_name"] for c in (world.public, world.private, dm)]
    assert named == ["support", "privategroup", "directmessage"]
    message = world.bot_says(world.private, blocks=BLOCKS)
    assert click(world, world.private, message)["channel"]["name"] == "privategroup"


def test_a_click_in_a_message_has_slacks_keys(world: World) -> None:
    message = world.bot_says(blocks=BLOCKS)
    marks.pin(world.ws, MAYA, world.public.id, message.ts)
    payload = click(world, world.public, message)
    assert_known("block_actions", payload)
    assert payload["container"]["is_ephemeral"] is False
    assert payload["enterprise"] is None
    assert payload["is_enterprise_install"] is False


def test_a_click_in_an_ephemeral_message_carries_no_content(world: World) -> None:
    message = world.bot_says(blocks=BLOCKS)
    message.ephemeral_to = MAYA
    payload = click(world, world.public, message)
    assert payload["container"]["is_ephemeral"] is True
    assert "blocks" not in payload["message"]


def test_a_view_submission_carries_the_state_of_untouched_inputs(world: World, view: View) -> None:
    user = world.ws.users[MAYA]
    payload = interactions.view_submission(
        world.ws, world.app, user, view, trigger_id="1.2.3", response_urls=[]
    )
    assert_known("view_submission", payload)
    state = payload["view"]["state"]["values"]
    assert state == {"why": {"text": {"type": "plain_text_input", "value": "x"}}}


def test_a_closed_view_and_a_click_in_a_view_have_slacks_keys(world: World, view: View) -> None:
    user = world.ws.users[MAYA]
    closed = interactions.view_closed(world.ws, world.app, user, view, is_cleared=True)
    assert_known("view_closed", closed)
    assert "trigger_id" not in closed
    action = interactions.action_of(world.ws, BLOCKS[0], BUTTON, {})
    clicked = interactions.view_actions(
        world.ws, world.app, user, view, action=action, trigger_id="1.2.3"
    )
    assert_known("block_actions", clicked)
    assert "response_url" not in clicked
    assert "channel" not in clicked


def test_a_message_shortcut_has_slacks_keys(world: World) -> None:
    payload = interactions.message_shortcut(
        world.ws,
        world.app,
        world.ws.users[MAYA],
        world.public,
        world.bot_says(),
        callback_id="this",
        trigger_id="1.2.3",
        response_url="http://x/",
    )
    assert_known("message_action", payload)


def test_a_global_shortcut_knows_no_channel(world: World) -> None:
    payload = interactions.global_shortcut(
        world.ws, world.app, world.ws.users[MAYA], callback_id="go", trigger_id="1.2.3"
    )
    assert not {"channel", "response_url", "message"} & set(payload)


@pytest.mark.parametrize("kind", ["block_actions", "view_submission"])
def test_an_interaction_is_one_form_field_of_json(kind: str) -> None:
    content_type, body = http.encode(Parcel("interactive", kind, {"type": kind, "a": "é&="}))
    assert content_type == "application/x-www-form-urlencoded"
    form = parse_qs(body.decode(), strict_parsing=True)
    assert list(form) == ["payload"]
    assert json.loads(form["payload"][0]) == {"type": kind, "a": "é&="}


def test_a_command_is_a_plain_form_with_empty_fields_kept(world: World) -> None:
    fields = command(world, world.public) | {"text": ""}
    content_type, body = http.encode(Parcel("slash_commands", "slash_commands", fields))
    assert content_type == "application/x-www-form-urlencoded"
    form = parse_qs(body.decode(), keep_blank_values=True)
    assert {key: value[0] for key, value in form.items()} == fields


def test_an_event_is_json(world: World) -> None:
    content_type, body = http.encode(Parcel("events_api", "message", {"type": "event_callback"}))
    assert (content_type, json.loads(body)) == ("application/json", {"type": "event_callback"})


def test_a_request_is_signed_as_the_sdk_verifies_it(world: World) -> None:
    parcel = Parcel("events_api", "message", {"type": "event_callback"})
    content_type, body = http.encode(parcel)
    headers = http.headers_for(world.app, parcel, content_type, body)
    verifier = SignatureVerifier(world.app.signing_secret)
    assert verifier.is_valid_request(body, headers)
    assert not verifier.is_valid_request(body + b" ", headers)
    assert headers["User-Agent"].startswith("Slackbot 1.0")
    assert not [name for name in headers if "Retry" in name]


def test_a_retry_says_which_and_why(world: World) -> None:
    parcel = events.again(Parcel("events_api", "message", {}), 2, "http_timeout")
    headers = http.headers_for(world.app, parcel, "application/json", b"{}")
    assert headers["X-Slack-Retry-Num"] == "2"
    assert headers["X-Slack-Retry-Reason"] == "http_timeout"


def test_a_new_event_has_slacks_keys(world: World) -> None:
    """Each kind that people can cause, collected from the workspace itself."""
    seen: dict[str, WorkspaceEvent] = {}
    world.ws.on_event = [lambda event: seen.__setitem__(event.subscription, event)]
    cause_everything(world)
    checked = 0
    for name, event in seen.items():
        wrapped = events.wrap(world.ws, world.app, event)
        changed = event.event.get("subtype") == "message_changed"
        known = "event:message_changed" if changed else f"event:{wrapped['event']['type']}"
        if known in KNOWN and (changed or "subtype" not in event.event):
            assert_known(known, wrapped)
            checked += 1
        assert wrapped["event_id"].startswith("Ev")
        assert ("event_ts" in wrapped["event"]) is (name != "team_join")
    assert checked >= 8


def cause_everything(world: World) -> None:
    ws, support, secret = world.ws, world.public.id, world.private.id
    message = posting.post(ws, MAYA, support, posting.Draft(text=f"<@{world.app.bot_user_id}> hi"))
    marks.react(ws, MAYA, support, message.ts, "eyes")
    ws.add_user(User("U0NEW", "new", "New"))
    conversations.invite(ws, MAYA, support, ["U0NEW"])
    conversations.leave(ws, "U0NEW", support)
    for channel_id in (support, secret):
        conversations.rename(ws, MAYA, channel_id, f"x-{channel_id.lower()}")
        conversations.archive(ws, MAYA, channel_id)
        conversations.unarchive(ws, MAYA, channel_id)


def test_event_ids_differ_and_one_event_keeps_its_own(world: World) -> None:
    event = WorkspaceEvent("team_join", {"type": "team_join"}, None, MAYA, world.ws.now())
    one, two = (events.wrap(world.ws, world.app, event)["event_id"] for _ in range(2))
    assert one != two
    sent = events.parcel({"event": {"type": "team_join"}, "event_id": one})
    assert events.again(sent, 1, "timeout").body["event_id"] == one


@pytest.mark.parametrize(
    ("subscription", "place", "asked", "heard"),
    [
        ("message.channels", "public", {}, True),
        ("message.channels", "public", {"events": ["team_join"]}, False),
        ("message.channels", "public", {"scopes": ["commands"]}, False),
        ("member_joined_channel", "private", {"scopes": ["channels:read"]}, False),
        ("member_joined_channel", "private", {"scopes": ["groups:read"]}, True),
    ],
)
def test_apps_hear_only_what_they_asked_for_and_may_read(
    subscription: str, place: str, asked: Json, heard: bool
) -> None:
    world = make_world(request_url="http://x/", **asked)
    channel: Channel = getattr(world, place)
    body = {"type": subscription}
    event = WorkspaceEvent(subscription, body, channel.id, MAYA, world.ws.now())
    assert events.wants(world.ws, world.app, event) is heard


@pytest.mark.parametrize(("place", "name"), [("public", "channel_left"), ("private", "group_left")])
def test_of_itself_an_app_hears_only_that_it_left(place: str, name: str) -> None:
    left = [name, "member_left_channel"]
    world = make_world(request_url="http://x/", events=left)
    channel: Channel = getattr(world, place)
    told: list[WorkspaceEvent] = []
    world.ws.on_event.append(told.append)
    conversations.invite(world.ws, MAYA, channel.id, [DAN])
    conversations.kick(world.ws, MAYA, channel.id, DAN)
    heard = [e for e in told if events.wants(world.ws, world.app, e)]
    assert [e.subscription for e in heard] == ["member_left_channel"]
    told.clear()
    conversations.kick(world.ws, MAYA, channel.id, world.app.bot_user_id)
    (event,) = [e for e in told if events.wants(world.ws, world.app, e)]
    assert event.subscription == name
    about = {"type": name, "channel": channel.id, "actor_id": MAYA}
    assert about.items() <= events.inner(event).items()
    assert "user" not in events.inner(event)


def test_messages_stay_in_conversations_that_the_app_is_in(world: World) -> None:
    event = WorkspaceEvent(
        "message.channels", {"type": "message"}, world.public.id, MAYA, world.ws.now()
    )
    assert events.wants(world.ws, world.app, event)
    del world.public.members[world.app.bot_user_id]
    assert not events.wants(world.ws, world.app, event)
    renamed = WorkspaceEvent(
        "channel_rename", {"type": "channel_rename"}, world.public.id, MAYA, world.ws.now()
    )
    assert events.wants(world.ws, world.app, renamed)

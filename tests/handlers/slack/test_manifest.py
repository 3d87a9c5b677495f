"""The manifest is one that Slack takes, and asks for nothing without a reason."""

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from handlers.slack.app import slack_app
from handlers.slack.channel_events import HAPPENINGS
from handlers.slack.customer_channels import MARKED
from handlers.slack.directory import GROUPS, PEOPLE
from handlers.slack.events import EVENTS as LISTENED
from handlers.slack.events import EXECUTED
from handlers.slack.manifest import EVENTS, INPUTS, OUTPUTS, SCOPES, STEP, build_manifest
from tests.handlers.fakes import FakeDesk

SOCKET = SimpleNamespace(slack_app_token="xapp-1", public_url="https://desk.example")
HTTP = SimpleNamespace(slack_app_token="", public_url="https://desk.example/")
NOTHING = SimpleNamespace(slack_app_token="", public_url="")

# Slack's JSON Schema of the manifest, version 2, as far as the manifest uses it: the keys
# allowed in each object, required ones with "!", and the longest text.
OBJECTS: dict[str, dict[str, int]] = {
    "": {"_metadata": 0, "display_information!": 0, "features": 0, "oauth_config": 0,
         "settings": 0, "functions": 0},
    "_metadata": {"major_version": 0, "minor_version": 0},
    "display_information": {"name!": 35, "description": 140, "background_color": 7,
                            "long_description": 4000},
    "features": {"app_home": 0, "bot_user": 0, "shortcuts": 0, "slash_commands": 0},
    "features.app_home": {"home_tab_enabled": 0, "messages_tab_enabled": 0,
                          "messages_tab_read_only_enabled": 0},
    "features.bot_user": {"display_name!": 80, "always_online": 0},
    "features.shortcuts.*": {"name!": 24, "type!": 7, "callback_id!": 255, "description!": 150},
    "features.slash_commands.*": {"command!": 32, "url": 3000, "description!": 2000,
                                  "usage_hint": 1000, "should_escape": 0},
    "oauth_config": {"scopes": 0},
    "oauth_config.scopes": {"bot": 50, "user": 50},
    "functions": {STEP: 0},
    f"functions.{STEP}": {"title!": 0, "description!": 0, "input_parameters!": 0,
                          "output_parameters!": 0},
    **{f"functions.{STEP}.{way}_parameters": {"properties!": 0, "required": 50}
       for way in ("input", "output")},
    f"functions.{STEP}.input_parameters.properties": dict.fromkeys(INPUTS, 0),
    f"functions.{STEP}.output_parameters.properties": dict.fromkeys(OUTPUTS, 0),
    **{f"functions.{STEP}.{way}_parameters.properties.{name}":
       {"type!": 0, "title": 0, "description": 0}
       for way, table in (("input", INPUTS), ("output", OUTPUTS)) for name in table},
    "settings": {"event_subscriptions": 0, "function_runtime": 0, "interactivity": 0,
                 "org_deploy_enabled": 0,
                 "socket_mode_enabled": 0, "token_rotation_enabled": 0},
    "settings.event_subscriptions": {"request_url": 3500, "bot_events": 50},
    "settings.interactivity": {"is_enabled!": 0, "request_url": 3500,
                               "message_menu_options_url": 3500},
}  # fmt: skip


def mistakes(part: Any, path: str = "", longest: int = 0) -> list[str]:
    """What Slack's schema would refuse."""
    if isinstance(part, str):
        fits = 0 < len(part) <= (longest or 10**6)
        wrong_url = path.endswith("url") and not re.match(r"https?://", part)
        return [] if fits and not wrong_url else [f"{path}: {part}"]
    if isinstance(part, list):
        items = path if longest else f"{path}.*"
        repeated = len({json.dumps(item) for item in part}) != len(part)
        found = [mistake for item in part for mistake in mistakes(item, items, longest)]
        return [*found, *([f"{path}: repeated"] if repeated else [])]
    if not isinstance(part, dict):
        return []
    allowed = {key.rstrip("!"): size for key, size in OBJECTS[path].items()}
    missing = [key for key in OBJECTS[path] if key.endswith("!") and key[:-1] not in part]
    found = [f"{path}: {key}" for key in (*missing, *(part.keys() - allowed.keys()))]
    for key, value in part.items():
        found += mistakes(value, f"{path}.{key}".lstrip("."), allowed.get(key, 0))
    return found


@pytest.mark.parametrize("settings", [SOCKET, HTTP, NOTHING])
def test_slack_takes_the_manifest(settings: Any) -> None:
    assert mistakes(build_manifest(settings)) == []


def test_over_http_every_request_comes_to_the_public_address() -> None:
    text = json.dumps(build_manifest(HTTP))
    assert text.count("https://desk.example/slack/events") == 4
    assert not build_manifest(HTTP)["settings"]["socket_mode_enabled"]


@pytest.mark.parametrize("settings", [SOCKET, NOTHING])
def test_in_socket_mode_there_is_no_address(settings: Any) -> None:
    assert "slack/events" not in json.dumps(build_manifest(settings))
    assert build_manifest(settings)["settings"]["socket_mode_enabled"]


def test_every_scope_has_a_reason() -> None:
    assert all(SCOPES.values())
    assert build_manifest(HTTP)["oauth_config"]["scopes"] == {"bot": list(SCOPES)}


def test_every_subscribed_event_has_a_listener() -> None:
    assert {name.partition(".")[0] for name in EVENTS} == {
        *LISTENED, *HAPPENINGS, *PEOPLE, *GROUPS, MARKED, EXECUTED,
    }  # fmt: skip


def test_an_app_without_a_secret_takes_no_signature() -> None:
    bolt = slack_app(FakeDesk(), SimpleNamespace(slack_signing_secret=""))
    assert len(bolt._signing_secret) == 64

"""What Slack sends, signed as Slack signs it."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM = {"id": "T0TEAM", "domain": "demo"}
CHANNEL = "C0ESC7"
USER = "U0MAYA"
FORM = "3d6b9a52-0000-4000-8000-000000000001"


@dataclass
class Workspace:
    """Somebody's client in the workspace: every request is signed and answered at once."""

    http: httpx.AsyncClient
    secret: str = SECRET

    async def post(self, body: bytes, content_type: str) -> httpx.Response:
        """A signed request."""
        stamp = str(int(time.time()))
        base = b"v0:" + stamp.encode() + b":" + body
        signature = "v0=" + hmac.new(self.secret.encode(), base, hashlib.sha256).hexdigest()
        headers = {
            "content-type": content_type,
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": signature,
        }
        return await self.http.post("/slack/events", content=body, headers=headers)

    async def command(self, text: str, **changes: Any) -> httpx.Response:
        """``/escalate`` with a text."""
        body = {
            "token": "t", "team_id": "T0TEAM", "team_domain": "demo", "channel_id": "C0GENERAL",
            "channel_name": "general", "user_id": USER, "user_name": "maya",
            "command": "/escalate", "text": text, "api_app_id": "A1",
            "response_url": "https://hooks.example/1", "trigger_id": "12.34.ab",
            "is_enterprise_install": "false",
        } | changes  # fmt: skip
        form = urlencode(body).encode()
        return await self.post(form, "application/x-www-form-urlencoded")

    async def interact(self, payload: Mapping[str, Any]) -> httpx.Response:
        """A button, a form, a shortcut or a suggestion."""
        form = urlencode({"payload": json.dumps(payload)}).encode()
        return await self.post(form, "application/x-www-form-urlencoded")

    async def event(self, event: Mapping[str, Any], event_id: str = "Ev1") -> httpx.Response:
        """An event."""
        body = {
            "token": "t", "team_id": "T0TEAM", "api_app_id": "A1", "event": dict(event),
            "type": "event_callback", "event_id": event_id, "event_time": 1770716100,
            "authorizations": [{"enterprise_id": None, "team_id": "T0TEAM", "user_id": "U0BOT",
                                "is_bot": True, "is_enterprise_install": False}],
        }  # fmt: skip
        return await self.post(json.dumps(body).encode(), "application/json")


def person(user: str = USER) -> dict[str, Any]:
    """Who acts."""
    return {"id": user, "username": user.lower(), "name": user.lower(), "team_id": "T0TEAM"}


def pressed(action_id: str, value: Any = None, **changes: Any) -> dict[str, Any]:
    """A button on a message in the case's channel."""
    action: dict[str, Any] = {
        "action_id": action_id, "block_id": "b1", "type": "button", "action_ts": "1770716100.1",
    }  # fmt: skip
    if value is not None:
        action["value"] = value if isinstance(value, str) else json.dumps(value)
    return {
        "type": "block_actions", "team": TEAM, "user": person(), "api_app_id": "A1",
        "container": {"type": "message", "message_ts": "1.1", "channel_id": CHANNEL},
        "trigger_id": "56.78.cd", "channel": {"id": CHANNEL, "name": "esc-7-acme"},
        "response_url": "https://hooks.example/2", "state": {"values": {}},
        "actions": [action],
    } | changes  # fmt: skip


def chosen(option: str) -> dict[str, Any]:
    """An entry of an overflow menu."""
    body = pressed("menu#1")
    body["actions"][0] |= {"type": "overflow", "selected_option": {"value": option}}
    return body


def view(
    verb: str,
    state: Mapping[str, Mapping[str, Any]],
    hidden: Mapping[str, Any] | str | None = None,
    blocks: Iterable[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """A modal with what was filled in: block id to element."""
    metadata = {"form": FORM} | dict(hidden) if not isinstance(hidden, str | None) else hidden
    if metadata is None:
        metadata = {"form": FORM, "case": 7}
    inputs = [{"type": "input", "block_id": block, "element": {}} for block in state]
    return {
        "id": "V1", "team_id": "T0TEAM", "type": "modal", "callback_id": verb, "hash": "h1",
        "title": {"type": "plain_text", "text": verb}, "external_id": "",
        "blocks": list(inputs if blocks is None else blocks),
        "private_metadata": metadata if isinstance(metadata, str) else json.dumps(metadata),
        "state": {"values": {b: {b.partition("~")[0]: dict(e)} for b, e in state.items()}},
    }  # fmt: skip


def submission(shown: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """That modal, submitted."""
    return {
        "type": "view_submission", "team": TEAM, "user": person(), "api_app_id": "A1",
        "trigger_id": "90.12.ef", "view": dict(shown), "response_urls": [],
    } | changes  # fmt: skip


def text(value: str | None) -> dict[str, Any]:
    """A text input."""
    return {"type": "plain_text_input", "value": value}


def select(value: str | None, kind: str = "static_select") -> dict[str, Any]:
    """A select, or radio buttons."""
    label = {"type": "plain_text", "text": "x"}
    option = None if value is None else {"text": label, "value": value}
    return {"type": kind, "selected_option": option}


def ticked(*values: str) -> dict[str, Any]:
    """Checkboxes."""
    return {"type": "checkboxes", "selected_options": [{"value": value} for value in values]}


def chosen_person(user: str | None) -> dict[str, Any]:
    """A user select."""
    return {"type": "users_select", "selected_user": user}

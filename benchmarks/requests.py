"""What people do, as Slack says it."""

import itertools
import json
import uuid
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

MAYA, ELENI, TOMAS, SOFIA = "U0MAYA", "U0ELENI", "U0TOMAS", "U0SOFIA"
TEAM = {"id": "T0TEAM", "domain": "bench"}
_triggers = itertools.count(1)


def command(
    text: str, user: str = MAYA, channel: str = "C0GENERAL", url: str = "http://slack.invalid/r"
) -> Json:
    """``/escalate`` with a text."""
    return {
        "token": "t", "team_id": "T0TEAM", "team_domain": "bench", "channel_id": channel,
        "channel_name": "general", "user_id": user, "user_name": user.lower(),
        "command": "/escalate", "text": text, "api_app_id": "A1", "response_url": url,
        "trigger_id": _trigger(), "is_enterprise_install": "false",
    }  # fmt: skip


def pressed(
    action_id: str,
    value: Mapping[str, Any],
    user: str = MAYA,
    channel: str = "C0GENERAL",
    url: str = "http://slack.invalid/r",
) -> Json:
    """A button in a channel."""
    action = {
        "action_id": action_id, "block_id": "b1", "type": "button", "action_ts": _trigger(),
        "value": json.dumps(value),
    }  # fmt: skip
    return {
        "type": "block_actions", "team": TEAM, "user": _person(user), "api_app_id": "A1",
        "container": {"type": "message", "message_ts": "1.1", "channel_id": channel},
        "trigger_id": _trigger(), "channel": {"id": channel, "name": "esc-1"},
        "response_url": url, "state": {"values": {}}, "actions": [action],
    }  # fmt: skip


def submitted(
    verb: str,
    values: Mapping[str, Mapping[str, Any]],
    hidden: Mapping[str, Any] | None = None,
    user: str = MAYA,
) -> Json:
    """A modal with what was filled in: field name to the element's state."""
    metadata = json.dumps({"form": str(uuid.uuid4()), **(hidden or {})})
    blocks = [{"type": "input", "block_id": name, "element": {}} for name in values]
    view = {
        "id": "V1", "team_id": "T0TEAM", "type": "modal", "callback_id": verb, "hash": "h1",
        "title": {"type": "plain_text", "text": verb}, "external_id": "", "blocks": blocks,
        "private_metadata": metadata,
        "state": {"values": {name: {name: dict(v)} for name, v in values.items()}},
    }  # fmt: skip
    return {
        "type": "view_submission", "team": TEAM, "user": _person(user), "api_app_id": "A1",
        "trigger_id": _trigger(), "view": view, "response_urls": [],
    }  # fmt: skip


def new_case(severity: int = 2, user: str = MAYA, customer: str = "Acme Foods") -> Json:
    """The form that opens a case, sent."""
    return submitted(
        "open_case",
        {
            "customer": option(f"new:{customer}"),
            "stake": text("We cannot invoice 40,000 customers before the month ends."),
            "trigger": option("technical"),
            "severity": option(str(severity)),
            "ticket_url": text(f"https://tickets.example/{uuid.uuid4()}"),
            "same_as": option("else"),
        },
        user=user,
    )


def home_opened(user: str = MAYA) -> Json:
    """Somebody looks at the App Home."""
    return {
        "token": "t", "team_id": "T0TEAM", "api_app_id": "A1", "type": "event_callback",
        "event_id": f"Ev{_trigger()}", "event_time": 1770716100,
        "event": {"type": "app_home_opened", "user": user, "tab": "home", "channel": "D1"},
    }  # fmt: skip


def text(value: str) -> Json:
    """A text input's state."""
    return {"type": "plain_text_input", "value": value}


def option(value: str) -> Json:
    """A select's state."""
    return {"type": "static_select", "selected_option": {"value": value}}


def person_chosen(user: str) -> Json:
    """A user select's state."""
    return {"type": "users_select", "selected_user": user}


def _person(user: str) -> Json:
    return {"id": user, "username": user.lower(), "name": user.lower(), "team_id": "T0TEAM"}


def _trigger() -> str:
    return f"{next(_triggers)}.{uuid.uuid4().hex[:12]}"

"""What a workspace answers: as little as the app needs, made up without any work."""

import itertools
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

BOT = "U0DESK"
_numbers = itertools.count(1)


def answer(method: str, given: Mapping[str, Any]) -> Json:
    """The body of Slack's answer to ``method``, without ``ok``."""
    number = next(_numbers)
    match method:
        case "auth.test":
            return {"user_id": BOT, "user": "desk", "team": "Bench", "team_id": "T0TEAM"}
        case "users.info":
            return {"user": _user(str(given.get("user")))}
        case "users.lookupByEmail":
            return {"user": _user("U0MAIL")}
        case "conversations.create":
            return {"channel": {"id": f"C{number:08}", "name": given.get("name")}}
        case "conversations.open":
            return {"channel": {"id": f"D{given.get('users')}"}}
        case "chat.postMessage" | "chat.update":
            channel = str(given.get("channel"))
            private = f"D{channel}" if channel.startswith("U") else channel
            return {"channel": private, "ts": f"{1_700_000_000 + number}.000100"}
        case "files.getUploadURLExternal":
            return {"upload_url": "http://slack.invalid/upload", "file_id": f"F{number:08}"}
        case "conversations.history":
            return {"messages": []}
        case _:
            return {}


def _user(user_id: str) -> Json:
    return {
        "id": user_id,
        "name": user_id.lower(),
        "real_name": user_id.title(),
        "locale": "en-US",
        "tz": "Europe/Athens",
        "profile": {"display_name": user_id.title(), "email": f"{user_id.lower()}@desk.example"},
    }

"""The demo workspace served over real HTTP, with a real slack_sdk client beside it."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.api.facts import methods
from sandbox.seed import demo_workspace
from sandbox.server import serve
from sandbox.state import AppInstallation
from sandbox.workspace import Workspace

Json = dict[str, Any]
SCOPES = [
    "bookmarks:read",
    "bookmarks:write",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "mpim:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
]
EVERY_METHOD = frozenset(
    [
        "not_authed",
        "invalid_auth",
        "not_allowed_token_type",
        "missing_scope",
        "invalid_arguments",
        "token_revoked",
        "token_expired",
    ]
)
OBSERVED = {  # said by Slack, though its reference does not list it
    "conversations.unarchive": frozenset({"not_in_channel"}),
    "api.test": frozenset({"my_error"}),
}
META = {"event_type": "case_card", "event_payload": {"case": 7, "tags": ["a", "β"]}}


class RealTime:
    """Real time as the test wants it, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    """A workspace with one app, and that app's client (no retries of its own)."""

    ws: Workspace
    app: AppInstallation
    client: AsyncWebClient
    real: RealTime

    async def channel(self, name: str = "esc-1-acme", **arguments: Any) -> str:
        """A channel made by the bot."""
        made = await self.client.conversations_create(name=name, **arguments)
        return str(made["channel"]["id"])

    async def say(self, channel: str, text: str = "hello", **arguments: Any) -> str:
        """The ts of a message that the bot posted."""
        posted = await self.client.chat_postMessage(channel=channel, text=text, **arguments)
        return str(posted["ts"])


def manifest(scopes: list[str]) -> Json:
    """An app with a Home tab and these scopes."""
    return {
        "display_information": {"name": "Desk"},
        "features": {
            "bot_user": {"display_name": "desk"},
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        },
        "oauth_config": {"scopes": {"bot": scopes}},
        "settings": {"socket_mode_enabled": True},
    }


@asynccontextmanager
async def desk_with(scopes: list[str] | None = None) -> AsyncIterator[Desk]:
    """A served workspace whose app has these scopes (default: all that the tests use)."""
    ws = demo_workspace()
    ws.lifetimes.real_time = real = RealTime()
    app = ws.install_app(manifest(SCOPES if scopes is None else scopes), installed_by="U0KATE")
    async with serve(ws) as base_url:
        client = AsyncWebClient(app.bot_token, base_url=f"{base_url}/api/")
        client.retry_handlers.clear()
        yield Desk(ws, app, client, real)


async def refused(call: Awaitable[Any]) -> Json:
    """The body of Slack's refusal; fails when the call went well or the code is not Slack's."""
    with pytest.raises(SlackApiError) as caught:
        await call
    body: Json = caught.value.response.data
    name = caught.value.response.api_url.rpartition("/")[2].partition("?")[0]
    if name in methods():
        known = methods()[name].errors | EVERY_METHOD | OBSERVED.get(name, frozenset())
        assert body["error"] in known, f"{name} never answers {body['error']}"
    return body


async def code(call: Awaitable[Any]) -> str:
    """The refusal's error code."""
    return str((await refused(call))["error"])

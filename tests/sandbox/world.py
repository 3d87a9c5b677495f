"""A small workspace with one app, and a real Bolt app connected to it in either way."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import conversations, posting
from sandbox.delivery import Delivery, delivery_of
from sandbox.delivery.outcome import Timing
from sandbox.people import People, people_of
from sandbox.state import AppInstallation, Channel, Message, User
from sandbox.workspace import Workspace

Json = dict[str, Any]
MAYA, DAN, SOFIA = "U0MAYA", "U0DAN", "U0SOFIA"
EVENTS = [
    "app_home_opened",
    "app_mention",
    "channel_archive",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_rename",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "team_join",
]
SCOPES = [
    "app_mentions:read",
    "channels:history",
    "channels:manage",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "reactions:read",
    "users:read",
]


def manifest(*, socket_mode: bool = True, **more: Any) -> Json:
    """What the app in these tests asks for."""
    return {
        "display_information": {"name": "Desk"},
        "features": {
            "bot_user": {"display_name": "desk"},
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "slash_commands": [
                {"command": "/desk", "description": "Do it"},
                {"command": "/tell", "description": "Tell", "should_escape": True},
            ],
            "shortcuts": [
                {"name": "Go", "type": "global", "callback_id": "go", "description": "Go"},
                {"name": "This", "type": "message", "callback_id": "this", "description": "T"},
            ],
        },
        "oauth_config": {"scopes": {"bot": more.pop("scopes", SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": more.pop("events", EVENTS)},
            "interactivity": {"is_enabled": True},
            "socket_mode_enabled": socket_mode,
        },
    }


@dataclass
class World:
    """One workspace: #support (public) and #private with Maya and the bot in both; Dan outside."""

    ws: Workspace
    app: AppInstallation
    public: Channel
    private: Channel
    transport: str = "socket"
    people: People = field(init=False)
    delivery: Delivery = field(init=False)

    def __post_init__(self) -> None:
        self.people = people_of(self.ws)
        self.delivery = delivery_of(self.ws)

    def bot_says(self, channel: Channel | None = None, **fields: Any) -> Message:
        """A message of the app, without going through its code."""
        draft = posting.Draft(**({"text": "hello"} | fields))
        return posting.post_unchecked(self.ws, self.app.bot_user_id, channel or self.public, draft)

    def last(self, user_id: str = MAYA) -> str:
        """The text of the newest message that only this person sees in #support."""
        return self.people.ephemeral(user_id, self.public.id)[-1].text


def make_world(request_url: str | None = None, **more: Any) -> World:
    """Three people, two channels, one installed app; no event has been delivered yet."""
    ws = Workspace("Northwind", domain="northwind")
    for user_id, name in ((MAYA, "maya"), (DAN, "dan"), (SOFIA, "sofia")):
        ws.add_user(User(user_id, name, name.title(), email=f"{name}@northwind.test"))
    app = ws.install_app(manifest(socket_mode=request_url is None, **more), request_url)
    channels = []
    for name, private in (("support", False), ("secret", True)):
        channel = conversations.create(ws, MAYA, name, is_private=private)
        conversations.invite(ws, MAYA, channel.id, [app.bot_user_id])
        channels.append(channel)
    return World(ws, app, *channels)


@asynccontextmanager
async def http_server(asgi: Any) -> AsyncIterator[str]:
    """An ASGI app under uvicorn in this loop; gives its address."""
    sock = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(asgi, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.ensure_future(server.serve(sockets=[sock]))
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        sock.close()


@asynccontextmanager
async def over_socket_mode(world: World, bolt: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """The Bolt app connected by Socket Mode."""
    handler = AsyncSocketModeHandler(bolt, world.app.app_token)
    await handler.connect_async()
    try:
        yield handler
    finally:
        await handler.close_async()


@asynccontextmanager
async def over_http(world: World, bolt: AsyncApp) -> AsyncIterator[None]:
    """The Bolt app behind Bolt's own Starlette adapter; the installation points there."""
    adapter = AsyncSlackRequestHandler(bolt)

    async def endpoint(request: Request) -> Response:
        return await adapter.handle(request)

    asgi = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
    async with http_server(asgi) as url:
        world.app.request_url = f"{url}/slack/events"
        world.app.manifest["settings"]["socket_mode_enabled"] = False
        yield


def bolt_for(world: World) -> AsyncApp:
    """A real Bolt app that calls this workspace instead of Slack."""
    client = AsyncWebClient(world.app.bot_token, base_url=f"{world.ws.base_url}/api/")
    return AsyncApp(client=client, signing_secret=world.app.signing_secret)


@dataclass
class Sleeps:
    """Stands in for waiting: remembers how long, waits not at all."""

    asked: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)

    def timing(self, ack_seconds: float = 0.2) -> Timing:
        """Short patience, Slack's retry schedule, no waiting between attempts."""
        return Timing(ack_seconds=ack_seconds, sleep=self)

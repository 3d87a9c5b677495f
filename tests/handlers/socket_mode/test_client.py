"""Socket Mode: connect, take an envelope, acknowledge it, close."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from bot.cases.claim import Claim
from handlers.slack.app import slack_app
from handlers.socket_mode.client import SocketMode, Timing
from tests.handlers.fakes import FakeDesk
from tests.handlers.requests_from_slack import CHANNEL, USER, submission, text, view

COMMAND = {
    "command": "/escalate", "text": "claim", "user_id": USER, "channel_id": CHANNEL,
    "team_id": "T0TEAM", "trigger_id": "1.2", "response_url": "https://hooks.example/1",
}  # fmt: skip


class Gateway:
    """Slack's side: hands out an address, sends envelopes, keeps the acknowledgements."""

    def __init__(self, *envelopes: dict[str, Any]) -> None:
        self.envelopes = envelopes
        self.acks: dict[str, dict[str, Any]] = {}
        self.complete = asyncio.Event()
        self.tokens: list[str] = []

    async def open(self, request: web.Request) -> web.Response:
        """``apps.connections.open``."""
        self.tokens.append(request.headers["authorization"])
        url = f"ws://{request.host}/link"
        return web.json_response({"ok": True, "url": url})

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """The WebSocket."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        for envelope in self.envelopes:
            await socket.send_json(envelope)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                ack = json.loads(message.data)
                self.acks[ack["envelope_id"]] = ack
            if len(self.acks) == len(self.envelopes):
                self.complete.set()
        return socket


def envelope(name: str, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """What Slack sends through the socket."""
    return {
        "envelope_id": name, "type": kind, "payload": payload, "accepts_response_payload": True,
    }  # fmt: skip


async def test_envelopes_are_carried_out_and_acknowledged(desk: FakeDesk) -> None:
    gateway = Gateway(
        envelope("e1", "slash_commands", COMMAND),
        envelope("e2", "interactive", submission(view("reopen", {"reason": text(" ")}))),
        envelope("e3", "events_api", {"type": "event_callback", "event": {"type": "news"}}),
    )
    app = web.Application()
    app.router.add_post("/api/apps.connections.open", gateway.open)
    app.router.add_get("/link", gateway.link)
    async with TestServer(app) as server:
        bolt = slack_app(desk, SimpleNamespace(slack_signing_secret=""))
        socket = SocketMode(bolt, "xapp-1", str(server.make_url("/api/")))
        assert not socket.connected()
        socket.start()
        await socket.wait()
        assert socket.connected()
        await asyncio.wait_for(gateway.complete.wait(), 5)
        await socket.stop()
        assert not socket.connected()
    assert gateway.tokens == ["Bearer xapp-1"]
    assert [i for i, *_ in desk.accepted] == [Claim(case=7)]
    assert "payload" not in gateway.acks["e1"]
    assert gateway.acks["e2"]["payload"]["response_action"] == "errors"
    assert "payload" not in gateway.acks["e3"]


async def test_a_connection_that_lives_but_delivers_nothing_is_opened_anew(
    desk: FakeDesk,
) -> None:
    gateway = Gateway()
    app = web.Application()
    app.router.add_post("/api/apps.connections.open", gateway.open)
    app.router.add_get("/link", gateway.link)
    async with TestServer(app) as server:
        bolt = slack_app(desk, SimpleNamespace(slack_signing_secret=""))
        socket = SocketMode(
            bolt, "xapp-1", str(server.make_url("/api/")), timing=Timing(silence=0.2)
        )
        socket.start()
        await socket.wait()
        async with asyncio.timeout(5):
            while len(gateway.tokens) < 2 or not socket.connected():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await socket.stop()

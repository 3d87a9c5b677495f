"""Slack, reduced to its delays: answers every method after a wait, and keeps what was asked.

It does no more work than a socket needs, so that what is measured is the desk. How much it can
take is measured too (``benchmarks/counterpart.py``).
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

from benchmarks.answers import answer
from bot.clock import stopwatch

QUIET = 0.15  # seconds without a call after which nobody calls any more


@dataclass(frozen=True, slots=True)
class Asked:
    """A call and the instants at which it came and was answered."""

    method: str
    given: Mapping[str, Any]
    came: float
    answered: float


@dataclass
class Double:
    """The workspace's other end. ``wait`` is what every call takes, in seconds."""

    wait: float = 0.0
    keep: bool = True
    calls: list[Asked] = field(default_factory=list)
    url: str = ""
    count: int = 0
    last: float = 0.0
    socket: web.WebSocketResponse | None = None
    _under_way: int = 0
    _acks: dict[str, asyncio.Future[float]] = field(default_factory=dict)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Double"]:
        """Listen while the block runs."""
        app = web.Application()
        app.router.add_post("/api/{method}", self._call)
        app.router.add_get("/api/{method}", self._call)  # as the SDK asks who somebody is
        app.router.add_post("/r", self._respond)
        app.router.add_post("/upload", self._respond)
        app.router.add_get("/link", self._link)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method == "apps.connections.open":
            where = self.url.replace("http", "ws", 1) + "/link"
            return web.json_response({"ok": True, "url": where})
        if request.method == "GET":
            return await self._answered(method, dict(request.query))
        given = _given(request.content_type, await request.read()) if self.keep else {}
        return await self._answered(method, given)

    async def _respond(self, request: web.Request) -> web.Response:
        await request.read()
        return await self._answered("response_url", {})

    async def _answered(self, method: str, given: Mapping[str, Any]) -> web.Response:
        came = stopwatch()
        self._under_way += 1
        if self.wait:
            await asyncio.sleep(self.wait)
        self._under_way -= 1
        self.count += 1
        self.last = stopwatch()
        if self.keep:
            self.calls.append(Asked(method, given, came, self.last))
        return web.json_response({"ok": True, **answer(method, given)})

    async def quiet(self, patience: float = 30.0, calm: float = QUIET) -> bool:
        """Wait until no call has come for ``calm`` seconds; False after ``patience``."""
        begun = stopwatch()
        while stopwatch() - begun < patience:
            if not self._under_way and stopwatch() - max(self.last, begun) > calm:
                return True
            await asyncio.sleep(calm / 5)
        return False

    # -- Socket Mode

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {}})
        self.socket = socket
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                self._acknowledged(frame.data)
        return socket

    def _acknowledged(self, text: str) -> None:
        with contextlib.suppress(ValueError, KeyError):
            waiting = self._acks.pop(json.loads(text)["envelope_id"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(stopwatch())

    async def deliver(self, envelope_id: str, frame: str) -> float:
        """Send an envelope; the seconds until it was acknowledged."""
        if self.socket is None:
            raise RuntimeError("nobody has connected")
        waiting: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._acks[envelope_id] = waiting
        begun = stopwatch()
        await self.socket.send_str(frame)
        return await waiting - begun


def _given(content_type: str, body: bytes) -> dict[str, Any]:
    if content_type == "application/json":
        return dict(json.loads(body or b"{}"))
    return dict(parse_qsl(body.decode()))

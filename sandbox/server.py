"""The workspace over HTTP, in this event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from email.utils import format_datetime

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox import api, delivery, doors, scheduled, web
from sandbox.connection import BreakableHttp
from sandbox.workspace import Workspace

TICK_SECONDS = 1.0  # how often real time is looked at for scheduled messages
CLOSING_SECONDS = 1  # how long open connections (live page updates) may take to go


def create_app(ws: Workspace) -> Starlette:
    """Every door of the workspace: Web API, delivery, the page, the fault board."""
    parts = (api, doors, delivery, web)
    routes: list[BaseRoute] = [route for part in parts for route in part.routes(ws)]
    around = [Middleware(Dated, ws=ws), Middleware(Neighbourly, ws=ws)]
    return Starlette(routes=routes, middleware=around)


class Dated:
    """Answers say what time it is in the workspace, as Slack's say what time it is there."""

    def __init__(self, app: ASGIApp, ws: Workspace) -> None:
        self.app, self.ws = app, ws

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the ``Date`` in front of each answer's headers."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = (b"date", format_datetime(self.ws.now(), usegmt=True).encode())
                message = {**message, "headers": [date, *message.get("headers", ())]}
            await send(message)

        await self.app(scope, receive, dated)


class Neighbourly:
    """Hands the paths of ``ws.neighbours`` on to who serves them, by their prefix."""

    def __init__(self, app: ASGIApp, ws: Workspace) -> None:
        self.app, self.ws = app, ws

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find who serves this path; the workspace itself, where no neighbour does."""
        path = str(scope.get("path", ""))
        near = (app for prefix, app in self.ws.neighbours.items() if path.startswith(prefix))
        await next(near, self.app)(scope, receive, send)


@asynccontextmanager
async def serve(ws: Workspace, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the workspace while the block runs; yields the base URL, without a slash at its end.

    Port 0 takes a free one. ``ws.base_url`` is set, so that every address that the workspace hands
    out leads here. Raises OSError when the port is taken. At the end the page is told ``bye``, open
    connections get ``CLOSING_SECONDS``, and retries that wait are given up.
    """
    sock = socket.create_server((host, port))
    ws.base_url = f"http://{host}:{sock.getsockname()[1]}"
    server = _Server(
        uvicorn.Config(
            create_app(ws),
            http=BreakableHttp,
            date_header=False,
            log_level="warning",
            lifespan="off",
            timeout_graceful_shutdown=CLOSING_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    ticking = asyncio.create_task(_tick(ws))
    try:
        yield ws.base_url
    finally:
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        ws.bus.publish({"type": "bye"})  # open pages let go of their event streams
        server.should_exit = True
        await serving
        await delivery.delivery_of(ws).close()


class _Server(uvicorn.Server):
    """A server that leaves Ctrl-C to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _tick(ws: Workspace) -> None:
    """Say scheduled messages when their instant comes, at once when the clock is moved."""

    def moved(now: datetime) -> None:
        scheduled.post_due(ws, now)

    ws.clock.on_move.append(moved)
    try:
        while True:
            moved(ws.now())
            await asyncio.sleep(TICK_SECONDS)
    finally:
        ws.clock.on_move.remove(moved)

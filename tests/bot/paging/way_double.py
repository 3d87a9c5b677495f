"""A service that takes messages over HTTP, on this machine: what apprise's json:// speaks to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cli.serving import serving
from tests.helpdesk.double import Lost, listens

TOKEN = "t0ken-nobody-may-read"


@dataclass
class WayDouble:
    """``said`` are the messages by their way; ``answers`` are of the next calls.

    An answer is a status, ``lost`` for a message that is taken without a word, or ``hangs``.
    """

    said: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answers: list[int | str] = field(default_factory=list)
    going: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    def address(self, way: str) -> str:
        """The way's address for apprise, with a token in its path and a password."""
        return f"json://desk:{TOKEN}@127.0.0.1:{self.port}/{TOKEN}/{way}"

    def titles(self, way: str) -> list[str]:
        """What arrived by the way."""
        return [each["title"] for each in self.said.get(way, [])]

    @asynccontextmanager
    async def running(self) -> AsyncIterator["WayDouble"]:
        """Serve while the block runs."""
        app = Starlette(routes=[Route("/{token}/{way}", self._take, methods=["POST"])])
        async with serving(app, "127.0.0.1", 0) as port:
            await listens(port)
            self.port = port
            yield self
            self.going.set()

    async def _take(self, request: Request) -> Response:
        answer = self.answers.pop(0) if self.answers else 200
        if answer == "hangs":
            await self.going.wait()
        if request.path_params["token"] != TOKEN:
            return PlainTextResponse("no such token", 404)
        if isinstance(answer, int) and answer >= 400:
            return PlainTextResponse(f"refused {TOKEN}", answer)
        self.said.setdefault(request.path_params["way"], []).append(await request.json())
        return Lost() if answer == "lost" else PlainTextResponse("ok")

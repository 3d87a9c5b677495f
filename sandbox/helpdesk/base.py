"""What a local help desk is made of: requests that were made, webhooks to send, faults to come."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A request that came: its method and path, and what it said."""

    method: str
    path: str
    body: Mapping[str, Any]


class Lost(Response):
    """An answer that never arrives: the connection ends without one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise more than is sent, and hang up."""
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


@dataclass
class Account:
    """A help desk. ``faults`` are of the next writes: ``lost`` and ``broken`` come after the write
    was carried out, ``down`` instead of it.

    ``limited`` is how many of the next requests are one too many.
    """

    hook: str = ""  # where webhooks go
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    changed: Callable[[], None] = lambda: None  # called when something looks different
    faults: list[str] = field(default_factory=list)
    limited: int = 0
    asked: list[Asked] = field(default_factory=list)
    sent: list[tuple[dict[str, str], bytes]] = field(default_factory=list)  # webhooks
    answers: list[str] = field(default_factory=list)  # to webhooks
    deliveries: int = 1  # of each webhook
    ids: int = 1000
    requester: str = "k.dimou@aegean-ferries.example"  # whose ticket it is

    def app(self) -> Starlette:
        """The API."""
        raise NotImplementedError

    def next_id(self) -> int:
        """An id that nothing has yet."""
        self.ids += 1
        return self.ids

    def stamp(self) -> str:
        """Now, as both services write it."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    async def noted(self, request: Request) -> Mapping[str, Any]:
        """The request's JSON, remembered."""
        raw = await request.body()
        body = json.loads(raw) if raw.startswith(b"{") else {}
        self.asked.append(Asked(request.method, request.url.path, body))
        return body

    def down(self) -> bool:
        """Whether the next write is not carried out at all."""
        if self.faults[:1] == ["down"]:
            self.faults.pop(0)
            return True
        return False

    def faulty(self, answer: Response) -> Response:
        """The answer to a write that was carried out, unless something happens to it."""
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "lost":
            return Lost()
        return JSONResponse({}, 500) if fault == "broken" else answer

    def signed(self, raw: bytes, event: str) -> dict[str, str]:
        """The headers of a webhook."""
        raise NotImplementedError

    async def tell(self, body: Json, event: str) -> None:
        """Send a webhook, as often as it is delivered."""
        self.changed()
        raw = json.dumps(body, ensure_ascii=False).encode()
        for _ in range(self.deliveries if self.hook else 0):
            await self.send(self.signed(raw, event), raw)

    async def send(self, headers: dict[str, str], raw: bytes) -> int:
        """Post a webhook; the status of the answer."""
        self.sent.append((headers, raw))
        async with (
            aiohttp.ClientSession() as client,
            client.post(self.hook, data=raw, headers=headers) as answer,
        ):
            self.answers.append(await answer.text())
            return answer.status


def unknown(body: Mapping[str, Any], *documented: str) -> list[str]:
    """Fields that are not documented."""
    return sorted(set(body) - set(documented))

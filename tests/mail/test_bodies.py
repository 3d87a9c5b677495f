"""Bodies and connections: what cannot be signed is not read, what is slow or too much is ended."""

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.mail.receive import inbound_signature
from cli import connections
from cli.connections import Crowd, proxies
from cli.serving import web_server
from handlers.http import bodies
from handlers.http.bodies import Bodies, body_in_file, read_body
from tests.mail.conftest import INBOUND_SECRET, World

MB = 1024 * 1024


def signed(raw: bytes, secret: str = INBOUND_SECRET, age: int = 0) -> dict[str, str]:
    """The headers of a mail."""
    stamp = str(int(time.time()) - age)
    return {"X-Desk-Timestamp": stamp, "X-Desk-Signature": inbound_signature(secret, stamp, raw)}


class Sender:
    """Sends a body piece by piece, and knows how far it came."""

    def __init__(self, pieces: int, piece: bytes = b"x" * 65536) -> None:
        self.left, self.piece = pieces, piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces."""
        while self.left:
            self.left -= 1
            yield self.piece


PLAUSIBLE = {"X-Desk-Signature": "v1=" + "0" * 64}


UNSIGNED: list[tuple[str, dict[str, str]]] = [
    ("/mail/inbound", {}),
    ("/mail/inbound", {**PLAUSIBLE, "X-Desk-Timestamp": "1"}),
    ("/mail/inbound", {**PLAUSIBLE, "X-Desk-Timestamp": "now"}),
    ("/mail/inbound", {**signed(b""), "X-Desk-Signature": "v1=00"}),
    ("/helpdesk/zendesk", {}),
    ("/helpdesk/helpscout", {"X-HelpScout-Signature": "A" * 27 + "="}),
    ("/slack/events", {}),
    (
        "/slack/events",
        {"X-Slack-Signature": "v0=" + "0" * 64, "X-Slack-Request-Timestamp": "1"},
    ),
    ("/c/p1-6-" + "a" * 32, {}),
    ("/nowhere", {}),
]


async def test_a_body_without_a_possible_signature_is_not_read(door: "Door") -> None:
    for path, headers in UNSIGNED:
        answered, read = await door.offer(path, headers)
        assert answered in {401, 404}, path
        assert not read, path


class Door:
    """The web routes without a network: whether a body was asked for can be seen."""

    def __init__(self, web: Starlette) -> None:
        self.web = web

    async def offer(self, path: str, headers: dict[str, str]) -> tuple[int, bool]:
        """POST there; the status, and whether anybody asked for the body."""
        asked: list[bool] = []
        said: list[int] = []

        async def receive() -> dict[str, object]:
            asked.append(True)
            return {"type": "http.request", "body": b"x", "more_body": False}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                said.append(int(str(message["status"])))

        scope = {
            "type": "http", "method": "POST", "path": path, "query_string": b"", "client": None,
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        }  # fmt: skip
        await self.web(scope, receive, send)  # type: ignore[arg-type]
        return said[0], bool(asked)


@pytest.fixture
def door(world: World) -> Door:
    """The doors of a running desk."""
    return Door(world.here.application.web)


async def test_a_mail_goes_to_a_file_and_what_all_bring_is_limited(world: World) -> None:
    budget = world.here.application.web.state.bodies.filed
    budget.most = 3 * MB
    url = f"{world.here.web_url}/mail/inbound"
    plausible = {**signed(b""), "X-Desk-Signature": "v1=" + "0" * 64}
    async with httpx.AsyncClient(timeout=60) as http:
        answer = await http.post(url, content=Sender(60), headers=plausible)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        answer = await http.post(url, content=Sender(40), headers=plausible)
        assert answer.status_code == 401  # all of it was read, and none was kept
    assert budget.taken == 0


@pytest.fixture
async def web() -> AsyncIterator[Starlette]:
    """Two routes that read: one into memory, one into a file."""

    async def memory(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await read_body(request, MB))))

    async def file(request: Request) -> PlainTextResponse:
        digest = hashlib.sha256()
        async with body_in_file(request, MB, digest.update) as kept:
            same = hashlib.sha256(_whole(kept.read)).digest() == digest.digest()
            return PlainTextResponse(str(same))

    routes = [Route("/memory", memory, methods=["POST"]), Route("/file", file, methods=["POST"])]
    app = Starlette(routes=routes)
    app.state.bodies = Bodies()
    yield app
    assert app.state.bodies.held.taken == app.state.bodies.filed.taken == 0


def _whole(read: object) -> bytes:
    seek = read.__self__.seek  # type: ignore[attr-defined]
    seek(0)
    return bytes(read())  # type: ignore[operator]


@pytest.mark.parametrize("path", ["/memory", "/file"])
async def test_a_body_that_stops_arriving_is_given_up(
    web: Starlette, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "IDLE_MAX", 0.2)
    async with web_server(web, "127.0.0.1", 0) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf" % path.encode()
        )
        assert b" 408 " in await reader.readline()
        writer.close()


async def test_a_body_that_trickles_is_given_up(
    web: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BEGIN_MAX", 0.3)
    async with web_server(web, "127.0.0.1", 0) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n")
        answer = asyncio.create_task(reader.readline())
        while not answer.done():
            writer.write(b"x")
            await asyncio.wait({answer}, timeout=0.02)
        assert b" 408 " in answer.result()
        writer.close()


@pytest.mark.parametrize("path", ["/memory", "/file"])
async def test_what_all_bodies_take_together_is_limited(web: Starlette, path: str) -> None:
    for budget in (web.state.bodies.held, web.state.bodies.filed):
        budget.most = 100_000
    async with web_server(web, "127.0.0.1", 0) as (port, _), httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{port}{path}"
        assert (await http.post(url, content=b"x" * 150_000)).status_code == 503
        assert (await http.post(url, content=b"x" * 90_000)).status_code == 200
        assert (await http.post(url, content=b"x" * (MB + 1))).status_code == 413


@pytest.mark.parametrize("path", ["/memory", "/file"])
async def test_who_takes_all_there_is_keeps_no_small_body_out(web: Starlette, path: str) -> None:
    budgets = (web.state.bodies.held, web.state.bodies.filed)
    for budget in budgets:
        budget.taken = budget.most
    async with web_server(web, "127.0.0.1", 0) as (port, _), httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{port}{path}"
        assert (await http.post(url, content=b"x" * 30_000)).status_code == 200
        assert (await http.post(url, content=b"x" * 40_000)).status_code == 503
    for budget in budgets:
        budget.taken -= budget.most


async def test_half_a_request_is_closed_on(web: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ASK_MAX", 0.3)
    async with web_server(web, "127.0.0.1", 0) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /memory HTTP/1.1\r\nHost: x\r\n")
        assert await _ended(reader)
        writer.close()


async def test_a_second_half_request_is_closed_on(
    web: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "ASK_MAX", 0.3)
    async with web_server(web, "127.0.0.1", 0) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
        assert b" 200 " in await reader.readline()
        writer.write(b"POST /memory HTTP/1.1\r\n")
        assert await _ended(reader)
        writer.close()


async def test_a_body_in_chunks_of_one_byte_is_closed_on(web: Starlette) -> None:
    async with web_server(web, "127.0.0.1", 0) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        await writer.drain()
        writer.write(b"1\r\nx\r\n" * 10_000 + b"0\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()


async def _ended(reader: asyncio.StreamReader) -> bool:
    """Wait until the other side has closed."""
    try:
        await reader.read()
    except ConnectionResetError:
        return True
    return reader.at_eof()


async def test_when_there_are_too_many_whoever_has_asked_for_nothing_gives_way(
    web: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS_MAX", 20)
    async with web_server(web, "127.0.0.1", 0) as (port, _), httpx.AsyncClient() as http:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
        answer = await http.post(f"http://127.0.0.1:{port}/memory", content=b"x")
        assert answer.status_code == 200
        ended = [asyncio.create_task(_ended(reader)) for reader, _ in idle]
        await asyncio.wait(ended[:40], return_when=asyncio.ALL_COMPLETED)
        assert sum(task.done() for task in ended) >= 40
        for task in ended:
            task.cancel()
        for _, writer in idle:
            writer.close()


async def test_who_begins_a_body_and_does_not_send_it_gives_way(
    web: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS_MAX", 20)
    begun = b"POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nx"
    async with web_server(web, "127.0.0.1", 0) as (port, _), httpx.AsyncClient() as http:
        senders = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        for _, writer in senders:
            writer.write(begun)
            await writer.drain()
        await http.get(f"http://127.0.0.1:{port}/memory")  # all of them are heard by then
        answer = await http.post(f"http://127.0.0.1:{port}/memory", content=b"x")
        assert answer.status_code == 200
        for _, writer in senders:
            writer.close()


class Connection:
    """Somebody who is connected and can be closed on."""

    def __init__(self, crowd: Crowd, address: str) -> None:
        self.crowd, self.why = crowd, ""
        self.patience = crowd.came(self, address)  # type: ignore[arg-type]

    def cut(self, why: str) -> None:
        """Close on them."""
        self.why = why
        self.crowd.left(self)  # type: ignore[arg-type]


def test_an_address_with_very_many_has_little_time_unless_it_is_a_named_proxy() -> None:
    crowd = Crowd(proxies("10.0.0.0/8, 192.0.2.7"), most=1000)
    for address, patience in (
        ("198.51.100.1", connections.ASK_CROWDED),
        ("10.1.2.3", connections.ASK_MAX),
        ("192.0.2.7", connections.ASK_MAX),
    ):
        all_of_them = [Connection(crowd, address) for _ in range(connections.ADDRESS_MAX + 1)]
        assert all_of_them[0].patience == connections.ASK_MAX
        assert all_of_them[-1].patience == patience


def test_the_address_with_most_connections_gives_way_first() -> None:
    crowd = Crowd(most=5)
    alone = Connection(crowd, "192.0.2.1")
    many = [Connection(crowd, "192.0.2.2") for _ in range(4)]
    Connection(crowd, "192.0.2.3")
    assert (alone.why, many[0].why, many[1].why) == ("", "crowded", "")


def test_whoever_waits_for_an_answer_is_not_closed_on() -> None:
    crowd = Crowd(most=2)
    busy = [Connection(crowd, "192.0.2.1") for _ in range(2)]
    for each in busy:
        crowd.asked(each)  # type: ignore[arg-type]
    late = Connection(crowd, "192.0.2.2")
    assert [each.why for each in (*busy, late)] == ["", "", "crowded"]


async def test_only_a_named_proxy_says_for_whom_it_asks() -> None:
    async def who(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.client.host if request.client else "")

    said = {}
    for trusted in ("", "127.0.0.1"):
        app = Starlette(routes=[Route("/", who)])
        serving = web_server(app, "127.0.0.1", 0, trusted)
        async with serving as (port, _), httpx.AsyncClient() as http:
            headers = {"X-Forwarded-For": "203.0.113.9"}
            said[trusted] = (await http.get(f"http://127.0.0.1:{port}/", headers=headers)).text
    assert said == {"": "127.0.0.1", "127.0.0.1": "203.0.113.9"}

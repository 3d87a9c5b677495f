"""Every row of the table of doors by HTTP, tried as a stranger on the internet would.

What each takes with the right proof is tested where it is made (tests/handlers/http, tests/mail,
tests/helpdesk, tests/tracker); here, that no row is left out of what all have in common.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from docs.doors import HttpDoor, http_doors
from handlers.http import bodies
from tests.e2e.office import Office, office
from tests.e2e.test_members import counted
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOORS = list(http_doors())
EACH = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
# What a stranger is told: refused, not there, or the three that are for anybody.
FOR_ANYBODY = {"/healthz", "/intake/openapi.json"}
PRIVATE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The office with its pages, by HTTP."""
    given = {
        "public_url": f"http://127.0.0.1:{free_port()}",
        "metrics_token": "t" * 20,
        "public_form": "true",
        "smtp_host": "127.0.0.1",  # nothing is sent there: no request gets so far
        "smtp_tls": "none",
        "mail_from": "desk@northwind.example",
    }
    folder = Path(tmp_path_factory.mktemp("http"))
    async with office(folder, http=True, **given) as here:
        yield here


@pytest_asyncio.fixture(loop_scope="module")
async def web(desk: Office) -> AsyncIterator[httpx.AsyncClient]:
    """A stranger's browser."""
    async with httpx.AsyncClient(base_url=desk.here.web_url, trust_env=False) as client:
        yield client


def address(door: HttpDoor, token: str = "p1-6-" + "a" * 32) -> str:
    """A place behind the door, with a token that was given to no one."""
    place = door.path.replace("{token:str}", token).replace("{source}", "nobody")
    return place.replace("{key:path}", "key-1")


@EACH
async def test_a_stranger_learns_and_changes_nothing(
    desk: Office, web: httpx.AsyncClient, door: HttpDoor
) -> None:
    before = await counted(desk)
    for method in ("GET", "POST"):
        answer = await web.request(method, address(door), content=b"{}" * (method == "POST"))
        assert answer.status_code < 500, method
        assert "set-cookie" not in answer.headers
        assert "Delphi" not in answer.text
        if door.path not in FOR_ANYBODY and not door.path.startswith("/f/"):
            assert answer.status_code in {401, 403, 404, 405}, method
    assert await counted(desk) == before


@EACH
async def test_a_wrong_method_is_refused(web: httpx.AsyncClient, door: HttpDoor) -> None:
    for method in ("DELETE", "PUT", "PATCH"):
        answer = await web.request(method, address(door))
        assert answer.status_code in ({401, 404, 405} if "{token" not in door.path else {405})
        assert "set-cookie" not in answer.headers


@EACH
async def test_what_browsers_get_loads_nothing_and_is_kept_nowhere(
    web: httpx.AsyncClient, door: HttpDoor
) -> None:
    if not door.shown:
        assert "text/html" not in (await web.get(address(door))).headers.get("content-type", "")
        return
    answer = await web.get(address(door))
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "no-store" in answer.headers["cache-control"]
    assert {name: answer.headers[name] for name in PRIVATE} == PRIVATE


async def unfinished(desk: Office, door: HttpDoor, length: int) -> int:
    """POST a body of which one byte comes; the status, had before any more is sent."""
    url = httpx.URL(desk.here.web_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {address(door)} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
    try:
        writer.write(head.encode() + b"x")
        await writer.drain()
        line = await asyncio.wait_for(reader.readline(), 10)
        return int(line.split()[1])
    finally:
        writer.close()


@EACH
async def test_a_body_that_is_too_long_or_too_slow_is_not_waited_for(
    desk: Office, monkeypatch: pytest.MonkeyPatch, door: HttpDoor
) -> None:
    monkeypatch.setattr(bodies, "IDLE_MAX", 0.05)
    monkeypatch.setattr(bodies, "BEGIN_MAX", 0.05)
    refused = {401, 404, 405}  # before a byte is read: what no right proof can follow
    assert await unfinished(desk, door, (door.body or 1024) + 1) in refused | {413}
    assert await unfinished(desk, door, door.body or 1024) in refused | {408}
    if door.path == "/f/":  # the one that reads what anybody sends
        assert await unfinished(desk, door, door.body + 1) == 413
        assert await unfinished(desk, door, door.body) == 408


LIMITED = [door for door in DOORS if door.shown]


@pytest.mark.parametrize("door", LIMITED, ids=lambda door: door.path)
async def test_too_often_is_refused_with_a_time_to_come_again(
    web: httpx.AsyncClient, door: HttpDoor
) -> None:
    per_minute = int(door.often.partition(" ")[0])
    token = "p1-7-" + "b" * 32
    # The form itself takes long to draw; an address is counted over both of its rows.
    place = address(door, token) + (token if door.path == "/f/" else "")
    for _ in range(3 * per_minute):  # what is allowed grows meanwhile
        answer = await web.get(place)
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")

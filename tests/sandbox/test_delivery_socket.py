"""Socket Mode: connections come and go, and nothing that was acknowledged comes again."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.delivery.outcome import Parcel, Timing, UnansweredError
from sandbox.people import NoAnswer
from sandbox.server import serve
from tests.sandbox.world import MAYA, Sleeps, World, bolt_for, make_world, over_socket_mode

Json = dict[str, Any]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = make_world()
    async with serve(made.ws):
        yield made


class Client:
    """A bare Socket Mode client that acknowledges nothing by itself."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def read(self) -> Json:
        async with asyncio.timeout(5):
            frame: Json = await self.socket.receive_json()
            return frame

    async def acknowledge(self, frame: Json, payload: Json | None = None) -> None:
        answer: Json = {"envelope_id": frame["envelope_id"]}
        await self.socket.send_json(answer | ({"payload": payload} if payload else {}))


@asynccontextmanager
async def connected(world: World, query: str = "") -> AsyncIterator[Client]:
    """One connection, opened as the SDK does it, its hello still unread."""
    client = AsyncWebClient(base_url=f"{world.ws.base_url}/api/")
    opened = await client.apps_connections_open(app_token=world.app.app_token)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(opened["url"] + query) as socket,
    ):
        yield Client(socket)


def start(work: Awaitable[Any]) -> "asyncio.Future[Any]":
    return asyncio.ensure_future(work)


async def test_hello_counts_the_connections(world: World) -> None:
    async with connected(world) as one, connected(world, "&debug_reconnects=true") as two:
        first, second = await one.read(), await two.read()
    assert (first["type"], first["num_connections"]) == ("hello", 1)
    assert first["connection_info"] == {"app_id": world.app.app_id}
    assert first["debug_info"]["approximate_connection_time"] == 3600
    assert second["num_connections"] == 2
    assert second["debug_info"]["approximate_connection_time"] == 360


async def test_a_ticket_works_once(world: World) -> None:
    ticket = world.ws.lifetimes.mint_ticket(world.app.app_id)
    url = f"{world.ws.base_url}/link/?ticket={ticket}"
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_a_ping_is_echoed(world: World) -> None:
    async with connected(world) as client:
        await client.read()
        async with aiohttp.ClientSession() as session:
            ticket = world.ws.lifetimes.mint_ticket(world.app.app_id)
            url = f"{world.ws.base_url}/link/?ticket={ticket}"
            async with session.ws_connect(url, autoping=False) as socket:
                await socket.receive()
                await socket.ping(b"sdk-ping-pong:17.5")
                pong = await socket.receive()
    assert (pong.type, pong.data) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:17.5")


async def test_the_eleventh_connection_is_sent_away(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        base = f"{world.ws.base_url}/link/?ticket="
        mint = world.ws.lifetimes.mint_ticket
        sockets = [await session.ws_connect(base + mint(world.app.app_id)) for _ in range(11)]
        frames = [await socket.receive_json() for socket in sockets]
        closing = await sockets[10].receive()
        for socket in sockets:
            await socket.close()
    assert [frame["type"] for frame in frames] == ["hello"] * 10 + ["disconnect"]
    assert frames[10]["reason"] == "too_many_websockets"
    assert closing.type == aiohttp.WSMsgType.CLOSE


async def test_each_envelope_goes_to_one_of_the_connections(world: World) -> None:
    async with connected(world) as one, connected(world) as two:
        for client in (one, two):
            await client.read()
        asks = [start(world.people.command(MAYA, world.public.id, f"/desk {n}")) for n in (1, 2)]
        frames = [await one.read(), await two.read()]
        assert {frame["payload"]["text"] for frame in frames} == {"1", "2"}
        assert {frame["type"] for frame in frames} == {"slash_commands"}
        for frame, client in zip(frames, (two, one), strict=True):
            await client.acknowledge(frame)
        await asyncio.gather(*asks)


async def test_an_envelope_says_whether_it_takes_an_answer(world: World) -> None:
    async with connected(world) as client:
        await client.read()
        command = start(world.people.command(MAYA, world.public.id, "/desk"))
        frame = await client.read()
        assert frame["accepts_response_payload"] is True
        assert set(frame) == {"envelope_id", "payload", "type", "accepts_response_payload"}
        await client.acknowledge(frame, {"text": "hi"})
        await command
        said = start(world.people.say(MAYA, world.public.id, "hello"))
        event = await client.read()
        assert (event["type"], event["accepts_response_payload"]) == ("events_api", False)
        assert (event["retry_attempt"], event["retry_reason"]) == (0, "")
        await client.acknowledge(event, {"text": "ignored"})
        await said
    assert world.last() == "hi"


async def test_an_acknowledgement_counts_on_another_connection(world: World) -> None:
    async with connected(world) as old:
        await old.read()
        command = start(world.people.command(MAYA, world.public.id, "/desk"))
        frame = await old.read()
    async with connected(world) as new:
        await new.read()
        await new.acknowledge(frame, {"text": "still here"})
        await command
    assert world.last() == "still here"


async def test_another_app_cannot_acknowledge(world: World) -> None:
    world.delivery.timing = Timing(ack_seconds=0.2)
    async with connected(world) as client:
        await client.read()
        command = start(world.people.command(MAYA, world.public.id, "/desk"))
        frame = await client.read()
        world.delivery.socket.acknowledge("A0OTHER", frame)
        with pytest.raises(NoAnswer, match="operation_timeout"):
            await command


async def test_without_a_connection_the_person_hears_it_at_once(world: World) -> None:
    with pytest.raises(NoAnswer) as caught:
        await world.people.command(MAYA, world.public.id, "/desk")
    assert caught.value.code == "dispatch_failed"
    assert world.last() == '/desk failed with the error "dispatch_failed"'


async def test_events_are_repeated_with_their_number_until_acknowledged(world: World) -> None:
    sleeps = Sleeps()
    world.delivery.timing = sleeps.timing(0.1)
    async with connected(world) as client:
        await client.read()
        await world.people.say(MAYA, world.public.id, "hello")
        frames = [await client.read() for _ in range(3)]
        await client.acknowledge(frames[-1])
        await world.delivery.drained()
    assert [frame["retry_attempt"] for frame in frames] == [0, 1, 2]
    assert [frame["retry_reason"] for frame in frames] == ["", "timeout", "timeout"]
    assert len({frame["payload"]["event_id"] for frame in frames}) == 1
    assert sleeps.asked == [0.0, 60.0]


async def test_an_event_waits_for_a_connection_until_its_retries_are_over(world: World) -> None:
    async def connect_then(seconds: float) -> None:
        if seconds == 60.0:
            await waiting.wait()

    waiting = asyncio.Event()
    world.delivery.timing = Timing(ack_seconds=1, sleep=connect_then)
    await world.people.say(MAYA, world.public.id, "hello")
    async with connected(world) as client:
        await client.read()
        waiting.set()
        frame = await client.read()
        await client.acknowledge(frame)
        await world.delivery.drained()
    assert (frame["retry_attempt"], frame["retry_reason"]) == (2, "timeout")
    assert frame["payload"]["event"]["text"] == "hello"


async def test_a_late_acknowledgement_stops_the_repeats(world: World) -> None:
    retry = asyncio.Event()

    async def wait_for_it(_: float) -> None:
        await retry.wait()

    world.delivery.timing = Timing(ack_seconds=0.1, sleep=wait_for_it)
    async with connected(world) as client:
        await client.read()
        await world.people.say(MAYA, world.public.id, "hello")
        await client.acknowledge(await client.read())
        async with connected(world) as other:
            await other.read()
        retry.set()
        await world.delivery.drained()
        world.delivery.timing = Timing()
        sent = start(world.delivery.ask(world.app, Parcel("interactive", "shortcut", {})))
        following = await client.read()
        await client.acknowledge(following)
        await sent
    assert following["type"] == "interactive"


async def test_a_refreshed_bolt_app_comes_back_and_loses_nothing(world: World) -> None:
    bolt = bolt_for(world)
    arrived, release = asyncio.Event(), asyncio.Event()

    @bolt.command("/desk")
    async def desk(ack: Any) -> None:
        arrived.set()
        await release.wait()
        await ack("after the refresh")

    async with over_socket_mode(world, bolt):
        old = world.delivery.socket.of(world.app.app_id)
        command = start(world.people.command(MAYA, world.public.id, "/desk"))
        await arrived.wait()
        assert await world.delivery.socket.disconnect(world.app.app_id) == 1
        new = await world.people.until(lambda: world.delivery.socket.of(world.app.app_id))
        release.set()
        await command
    assert new != old
    assert world.last() == "after the refresh"


async def test_a_disabled_link_is_closed_from_this_side(world: World) -> None:
    async with connected(world) as client:
        await client.read()
        await world.delivery.socket.disconnect(world.app.app_id, "link_disabled")
        assert (await client.read())["reason"] == "link_disabled"
        assert (await client.socket.receive()).type == aiohttp.WSMsgType.CLOSE


async def test_frames_that_are_no_acknowledgement_are_ignored(world: World) -> None:
    async with connected(world) as client:
        await client.read()
        for text in ("not json", json.dumps([1]), json.dumps({"envelope_id": "unknown"})):
            await client.socket.send_str(text)
        sent = start(world.delivery.ask(world.app, Parcel("interactive", "shortcut", {})))
        await client.acknowledge(await client.read())
        assert await sent is None


async def test_a_connection_that_died_is_passed_over(world: World) -> None:
    async with connected(world) as dead, connected(world) as alive:
        for client in (dead, alive):
            await client.read()
        world.delivery.socket.of(world.app.app_id)[0].draining = True
        for _ in range(2):
            sent = start(world.delivery.ask(world.app, Parcel("interactive", "shortcut", {})))
            await alive.acknowledge(await alive.read())
            await sent


async def test_nothing_in_time_is_an_unanswered_delivery(world: World) -> None:
    world.delivery.timing = Timing(ack_seconds=0.05)
    async with connected(world) as client:
        await client.read()
        with pytest.raises(UnansweredError) as caught:
            await world.delivery.ask(world.app, Parcel("interactive", "shortcut", {}))
    assert (caught.value.reason, caught.value.code) == ("timeout", "operation_timeout")

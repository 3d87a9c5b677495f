"""Socket Mode in a workspace: connections come and go, and no request is lost or answered twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlsplit

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.claim import Claim
from bot.engine.actors import Actor, ReplyTo
from bot.engine.intent import Intent
from handlers.slack.app import slack_app
from handlers.socket_mode.client import SocketMode, Timing
from handlers.socket_mode.credentials import TokenRefusedError
from sandbox.delivery.outcome import Timing as Slacks
from sandbox.delivery.socket import CONNECTIONS_MAX, Connection
from sandbox.server import serve
from tests.handlers.fakes import FakeDesk
from tests.handlers.wire import Wire, wire
from tests.sandbox.world import MAYA, World, make_world

QUICK = Timing(ping=0.4, linger=0.2, steady=0.0, first=0.05, longest=0.2, gap=0.01)
PATIENCE = 20.0  # seconds; far more than anything here takes


@dataclass
class Gates:
    """An app whose store can be slow: requests wait in ``accept`` until ``opened``."""

    services: FakeDesk
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0

    def __post_init__(self) -> None:
        self.opened.set()
        self._accept = self.services.accept
        self.services.accept = self.accept  # type: ignore[method-assign]

    async def accept(self, intent: Intent, actor: Actor, key: str, reply: ReplyTo) -> bool:
        """Wait at the gate, then as the app does."""
        self.waiting += 1
        await self.opened.wait()
        self.waiting -= 1
        return await self._accept(intent, actor, key, reply)


@dataclass
class Scene:
    """The workspace, the line to it, and the bot's side."""

    world: World
    wire: Wire
    socket: SocketMode
    gates: Gates
    gaps: list[float] = field(default_factory=list)

    @property
    def services(self) -> FakeDesk:
        """The app behind the listeners."""
        return self.gates.services

    def open(self) -> list[Connection]:
        """What Slack sees open."""
        return self.world.delivery.socket.of(self.world.app.app_id)

    def every(self) -> list[Connection]:
        """The same, with those that were told to go."""
        return list(self.world.delivery.socket.connections)

    async def claim(self) -> object:
        """Maya types a command; what it comes to."""
        return await self.world.people.command(MAYA, self.world.public.id, "/desk claim 7")

    @property
    def claimed(self) -> int:
        """How often that reached the desk."""
        return sum(isinstance(intent, Claim) for intent, *_ in self.services.accepted)


async def until(holds: Callable[[], object]) -> None:
    """Wait until ``holds``."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what is waited for is on the other side of a socket
            await asyncio.sleep(0.01)


@asynccontextmanager
async def staged(
    desk: FakeDesk, timing: Timing = QUICK, token: str | None = None
) -> AsyncIterator[Scene]:
    """A workspace and a bot that is not started yet."""
    world = make_world()
    # A machine with much to do may be slow: nobody here gives up early.
    world.delivery.timing = Slacks(ack_seconds=PATIENCE)
    gaps: list[float] = []

    async def on_gap(seconds: float) -> None:
        gaps.append(seconds)

    async with serve(world.ws) as url, wire(urlsplit(url).port or 0) as (line, near):
        world.ws.base_url = near
        bolt = slack_app(desk, SimpleNamespace(slack_signing_secret=""))
        socket = SocketMode(
            bolt, token or world.app.app_token, f"{near}/api/", timing=timing, on_gap=on_gap
        )
        try:
            yield Scene(world, line, socket, Gates(desk), gaps)
        finally:
            await socket.stop()


@pytest.fixture
async def scene(desk: FakeDesk) -> AsyncIterator[Scene]:
    """The bot is connected."""
    async with staged(desk) as made:
        made.socket.start()
        await made.socket.wait()
        yield made


@asynccontextmanager
async def others(scene: Scene, count: int) -> AsyncIterator[AsyncExitStack]:
    """So many further connections of the app; they are closed with the block."""
    client = AsyncWebClient(base_url=f"{scene.world.ws.base_url}/api/")
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        for _ in range(count):
            answer = await client.apps_connections_open(app_token=scene.world.app.app_token)
            socket = await stack.enter_async_context(session.ws_connect(answer["url"]))
            await socket.receive_json()
        yield stack


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_a_new_line_is_there_before_the_old_one_goes(scene: Scene, reason: str) -> None:
    (old,) = scene.every()
    scene.gates.opened.clear()
    before = asyncio.create_task(scene.claim())
    await until(lambda: scene.gates.waiting == 1)

    await scene.world.delivery.socket.disconnect(scene.world.app.app_id, reason)
    await until(lambda: len(scene.every()) == 2)
    assert scene.socket.connected()
    assert old in scene.every()
    new = scene.every()[-1]
    old.draining = True
    after = asyncio.create_task(scene.claim())
    await until(lambda: scene.gates.waiting == 2)
    scene.gates.opened.set()
    await asyncio.gather(before, after)

    assert (len(old.acknowledged), len(new.acknowledged)) == (1, 1)  # each where it came from
    assert scene.claimed == 2
    await until(lambda: scene.every() == [new])
    assert scene.gaps == []


async def test_a_line_that_is_cut_is_replaced_and_its_answers_take_the_new_one(
    scene: Scene,
) -> None:
    scene.gates.opened.clear()
    asked = asyncio.create_task(scene.claim())
    await until(lambda: scene.gates.waiting == 1)
    (old,) = scene.every()

    scene.wire.cut()
    await until(lambda: scene.gaps and scene.open() and old not in scene.every())
    scene.gates.opened.set()
    await asked

    assert not old.acknowledged
    assert len(scene.open()[0].acknowledged) == 1
    assert scene.claimed == 1
    assert len(scene.gaps) == 1


async def test_a_line_that_is_open_and_dead_is_noticed_and_replaced(scene: Scene) -> None:
    (old,) = scene.every()
    scene.wire.freeze()
    await until(lambda: scene.socket.connected() and old not in scene.open()[-1:])
    await until(lambda: scene.gaps)

    old.draining = True  # Slack sends nothing over what it knows to be gone
    await scene.claim()

    assert scene.claimed == 1
    assert 0 < scene.gaps[0] < PATIENCE


async def test_a_line_that_lives_and_delivers_nothing_is_replaced(desk: FakeDesk) -> None:
    async with staged(desk, Timing(silence=0.3, linger=0.1, gap=0.1)) as scene:
        scene.socket.start()
        await scene.socket.wait()
        (old,) = scene.every()
        await until(lambda: scene.open() and old not in scene.every())

        await scene.claim()

        assert scene.claimed == 1
        assert scene.gaps[0] >= 0.3  # perhaps something was missed: whoever looks is told


async def test_too_many_connections_are_waited_for(desk: FakeDesk) -> None:
    async with staged(desk) as scene, others(scene, CONNECTIONS_MAX) as crowd:
        scene.socket.start()
        async with asyncio.timeout(PATIENCE):
            while scene.socket._tries < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not scene.socket.connected()

        await crowd.aclose()
        await scene.socket.wait()

        assert scene.socket.connected()


async def test_a_line_makes_room_for_the_one_that_follows_it(scene: Scene) -> None:
    (old,) = scene.every()
    async with others(scene, CONNECTIONS_MAX - 1):
        await old.send({"type": "disconnect", "reason": "warning"})
        await until(lambda: old not in scene.every() and scene.socket.connected())

        assert len(scene.open()) == CONNECTIONS_MAX


async def test_socket_mode_that_was_turned_off_is_waited_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Mock()
    monkeypatch.setattr("handlers.socket_mode.client.log", log)
    settings = scene.world.app.manifest["settings"]
    settings["socket_mode_enabled"] = False
    await scene.world.delivery.socket.disconnect(scene.world.app.app_id, "link_disabled")
    await until(lambda: not scene.socket.connected() and scene.socket._tries > 1)

    settings["socket_mode_enabled"] = True
    await until(scene.socket.connected)
    await scene.claim()

    assert scene.claimed == 1
    assert "turn Socket Mode on" in str(log.error.mock_calls)


async def test_an_event_that_comes_only_as_a_retry_is_taken_once(desk: FakeDesk) -> None:
    connected = asyncio.Event()

    async def sleep(seconds: float) -> None:
        if seconds:
            await connected.wait()

    async with staged(desk) as scene:
        scene.world.delivery.timing = Slacks(ack_seconds=PATIENCE, sleep=sleep)
        bot = scene.world.app.bot_user_id
        await scene.world.people.say(MAYA, scene.world.public.id, f"<@{bot}> hi")
        await scene.world.delivery.first_attempts()  # nobody was there
        scene.socket.start()
        await scene.socket.wait()
        connected.set()
        await until(lambda: desk.told)
        await until(lambda: not scene.world.delivery.tasks)
        (connection,) = scene.open()
        assert len(set(connection.acknowledged)) >= 1

        await scene.world.delivery.redeliver_last("app_mention")

        assert len(desk.told) == 1


async def test_a_token_that_is_refused_at_the_start_ends_it(desk: FakeDesk) -> None:
    async with staged(desk, token="xapp-wrong") as scene:
        scene.socket.start()
        with pytest.raises(TokenRefusedError, match=r"SLACK_APP_TOKEN.*invalid_auth"):
            await scene.socket.wait()


async def test_a_token_that_is_refused_later_is_tried_again(scene: Scene) -> None:
    token, scene.world.app.app_token = scene.world.app.app_token, "xapp-new"
    scene.wire.cut()
    await until(lambda: scene.socket._tries > 1)
    assert not scene.socket.connected()

    scene.world.app.app_token = token
    await until(scene.socket.connected)


async def test_slack_is_asked_again_when_it_says_so(desk: FakeDesk) -> None:
    async with staged(desk) as scene:
        scene.world.ws.faults.add("429", "apps.connections.open", seconds=1, times=1)
        began = asyncio.get_running_loop().time()
        scene.socket.start()
        await scene.socket.wait()

        assert asyncio.get_running_loop().time() - began >= 1


async def test_what_is_in_hand_is_acknowledged_before_the_line_is_closed(scene: Scene) -> None:
    scene.gates.opened.clear()
    asked = asyncio.create_task(scene.claim())
    await until(lambda: scene.gates.waiting == 1)
    stopping = asyncio.create_task(scene.socket.stop())
    late: Any = scene.open()[0]
    scene.gates.opened.set()
    await asked
    await stopping

    assert len(late.acknowledged) == 1
    await until(lambda: not scene.every())

"""``kill -9`` in the middle of opening a case: what was accepted is shown once, and whole."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.settings import Settings
from handlers.slack.manifest import EVENTS_PATH, build_manifest
from sandbox.people import NoAnswer, People, people_of
from sandbox.seed import demo_workspace
from sandbox.server import serve
from sandbox.state import AppInstallation, Channel, Message
from sandbox.workspace import Workspace
from tests.e2e.child import Child, child
from tests.ports import free_port

MAYA, ELENI, TOMAS = "U0MAYA", "U0ELENI", "U0TOMAS"
STAKE = "Nobody can check in"
BACK_SECONDS = 20.0  # within which a restarted bot must have finished what was begun
POLICY = f"""
[roles]
escalation_manager = ["{ELENI}"]
technical_lead = ["{TOMAS}"]
"""


@dataclass
class Room:
    """The workspace, and the bot as a process that can be killed."""

    ws: Workspace
    app: AppInstallation
    folder: Path
    port: int
    stack: AsyncExitStack

    @property
    def people(self) -> People:
        """The workspace's people."""
        return people_of(self.ws)

    async def start(self) -> Child:
        """Start the bot; the database is where the last one left it."""
        settings = {
            "SLACK_BOT_TOKEN": self.app.bot_token,
            "SLACK_SIGNING_SECRET": self.app.signing_secret,
            "SLACK_API_URL": f"{self.ws.base_url}/api/",
            "DATABASE_URL": f"sqlite:///{self.folder}/desk.db",
            "POLICY_FILE": str(self.folder / "policy.toml"),
        }
        return await self.stack.enter_async_context(child(self.folder, self.port, settings))

    async def escalate(self) -> None:
        """Maya types the command, fills in the form and sends it."""
        await self.people.command(MAYA, "C0SUPPORT", f"/escalate {STAKE}")
        view = await self.people.until(lambda: self.people.views(MAYA)[-1])
        await self.people.suggest(MAYA, "customer", "Blue Harbour", view_id=view.id)
        values = {
            "customer": "new:Blue Harbour",
            "severity": "1",
            "ticket_url": "https://tickets.example/9",
        }
        assert await self.people.submit(MAYA, view.id, values) == {}

    def cases(self) -> list[Channel]:
        """The channels of cases."""
        return [c for c in self.ws.channels.values() if c.name.startswith("esc-")]

    def told(self, user: str) -> list[Message]:
        """What the bot told somebody in private."""
        return [
            m
            for c in self.ws.channels.values()
            if c.is_im and user in c.members
            for m in c.messages.values()
            if m.user == self.app.bot_user_id
        ]

    def finished(self) -> bool:
        """Everything that opening a case shows is there."""
        case = self.cases()[0]
        return bool(
            case.pins
            and case.topic.value
            and case.bookmarks
            and {MAYA, ELENI, TOMAS} <= set(case.members)
            and self.told(MAYA)
            and self.told(ELENI)
            and self.told(TOMAS)
        )

    async def quiet(self) -> None:
        """Wait until nothing has happened for a while: what comes twice has come by then."""
        with self.ws.bus.subscribe() as events:
            while True:
                try:
                    await asyncio.wait_for(events.get(), 1.0)
                except TimeoutError:
                    return


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """Northwind Support with the bot installed, not yet started."""
    (tmp_path / "policy.toml").write_text(POLICY)
    ws, port = demo_workspace(), free_port()
    wanted = Settings.model_construct(slack_app_token="", public_url="http://127.0.0.1")
    app = ws.install_app(
        build_manifest(wanted), request_url=f"http://127.0.0.1:{port}{EVENTS_PATH}"
    )
    async with serve(ws), AsyncExitStack() as stack:
        yield Room(ws, app, tmp_path, port, stack)


def whole(room: Room) -> None:
    """One channel, one complete card, everybody once, nobody told twice."""
    assert [c.name for c in room.cases()] == ["esc-1-blue-harbour"]
    case = room.cases()[0]
    said = [m for m in case.messages.values() if m.user == room.app.bot_user_id and not m.subtype]
    cards = [m for m in said if STAKE in str(m.blocks)]
    assert len(cards) == 1
    assert list(case.pins) == [cards[0].ts]
    assert "do:claim" in str(cards[0].blocks)
    assert len(case.bookmarks) == 1
    joins = [m.user for m in case.messages.values() if m.subtype == "channel_join"]
    assert sorted(joins) == sorted(set(joins))
    for user in (MAYA, ELENI, TOMAS):
        assert len(room.told(user)) == 1, room.told(user)


# Calls that take effect, and whose answer the bot does not live to hear.
CALLS = (
    "conversations.create",
    "chat.postMessage",
    "conversations.invite",
    "bookmarks.add",
)


@pytest.mark.parametrize("method", CALLS)
async def test_killed_before_it_hears_that_a_call_took_effect(room: Room, method: str) -> None:
    fault = room.ws.faults.add("applied_no_answer", method, seconds=4, times=1)
    bot = await room.start()
    await room.escalate()
    await room.people.until(lambda: fault.hits)
    await asyncio.sleep(0)  # let it take effect
    await bot.kill()
    await room.start()
    await room.people.until(room.finished, BACK_SECONDS)
    await room.quiet()
    whole(room)


MOMENTS: dict[str, Callable[[Room], object]] = {
    "the form was accepted": lambda room: not room.people.views(MAYA),
    "the channel is there": lambda room: room.cases(),
    "the card is there": lambda room: any(STAKE in str(m.blocks) for m in said(room)),
    "Maya was told": lambda room: room.told(MAYA),
}


def said(room: Room) -> list[Message]:
    """What is in the case's channel."""
    return list(room.cases()[0].messages.values())


@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed_as_soon_as(room: Room, moment: str) -> None:
    bot = await room.start()
    opening = asyncio.create_task(room.escalate())
    await room.people.until(lambda: room.people.views(MAYA))
    await room.people.until(lambda: MOMENTS[moment](room))
    await bot.kill()
    try:
        await opening
    except NoAnswer:  # killed before it acknowledged: she still has the form, and sends it again
        await room.start()
        view = room.people.views(MAYA)[-1]
        assert await room.people.submit(MAYA, view.id, {}) == {}
    else:
        await room.start()
    await room.people.until(room.finished, BACK_SECONDS)
    await room.quiet()
    whole(room)

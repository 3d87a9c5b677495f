"""A served workspace with a connected Bolt app, and a real browser to look at it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from sandbox.people import People, people_of
from sandbox.seed import demo_workspace
from sandbox.server import serve
from sandbox.state import AppInstallation
from sandbox.workspace import Workspace
from tests.browser.desk import MANIFEST, build_app

ARTIFACTS = Path(__file__).parent.parent.parent / "artifacts"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WAIT_MILLISECONDS = 8_000

expect.set_options(timeout=WAIT_MILLISECONDS)


class Ears(list[tuple[str, Any]]):
    """What the app has heard, as (kind, payload)."""

    def __init__(self) -> None:
        super().__init__()
        self.news = asyncio.Event()

    def append(self, item: tuple[str, Any]) -> None:
        """Note it, and wake whoever waits for it."""
        super().append(item)
        self.news.set()


@dataclass
class Room:
    """The workspace under test and what its app has heard."""

    ws: Workspace
    app: AppInstallation
    base_url: str
    heard: Ears = field(default_factory=Ears)

    @property
    def people(self) -> People:
        """The workspace's people."""
        return people_of(self.ws)

    def kinds(self) -> list[str]:
        """What the app has heard, in order."""
        return [kind for kind, _ in self.heard]

    async def hears(self, kind: str) -> None:
        """Wait until the app has heard something of this kind."""
        async with asyncio.timeout(WAIT_MILLISECONDS / 1000):
            while kind not in self.kinds():
                self.heard.news.clear()
                await self.heard.news.wait()


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """Northwind Support with the little desk connected by Socket Mode."""
    ws = demo_workspace()
    installed = ws.install_app(MANIFEST)
    async with serve(ws) as base_url:
        room = Room(ws, installed, base_url)
        bolt = build_app(installed.bot_token, f"{base_url}/api/", room.heard)
        handler = AsyncSocketModeHandler(bolt, installed.app_token)
        await handler.connect_async()
        yield room
        await handler.close_async()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, as the machine has it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Eyes:
    """One person's browser windows."""

    def __init__(self, browser: Browser, room: Room) -> None:
        self.browser = browser
        self.room = room
        self.complaints: list[str] = []

    async def look(self, address: str, *, width: int = 1280, dark: bool = False) -> Page:
        """Open a window at an address and wait until it listens to the workspace."""
        context = await self.browser.new_context(
            base_url=self.room.base_url,
            viewport={"width": width, "height": 860},
            color_scheme="dark" if dark else "light",
        )
        page = await context.new_page()
        page.set_default_timeout(WAIT_MILLISECONDS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda line: self.complaints.append(line.text) if line.type == "error" else None,
        )
        await page.goto(address)
        await page.locator("body[data-live]").wait_for()
        return page


@pytest.fixture
async def eyes(browser: Browser, room: Room) -> AsyncIterator[Eyes]:
    """Windows into the workspace; an error in the page's console fails the test."""
    eyes = Eyes(browser, room)
    yield eyes
    assert eyes.complaints == []


async def picture(page: Page, name: str) -> None:
    """Keep what the window shows as artifacts/<name>.png."""
    ARTIFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png", animations="disabled")

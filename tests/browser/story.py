"""A story in the local workspace, lived through by its people in a real browser."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, Locator, Page, expect

from bot.clock import SystemClock
from bot.rules.policy.load import Policy
from cli.workspace.demo import Unlimited, import_demo_accounts
from cli.workspace.local import Local, local_app
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace
from tests.browser.conftest import Eyes, Room

BEGINS = datetime(2027, 2, 8, 9, 10, tzinfo=ZoneInfo("Europe/Athens"))  # a Monday, no holiday near
MAYA, ELENI, TOMAS, SOFIA, KATE, NIKOS = (
    "U0MAYA", "U0ELENI", "U0TOMAS", "U0SOFIA", "U0KATE", "U0NIKOS",
)  # fmt: skip


@dataclass
class Story:
    """The workspace with the bot at work in it, and windows into it."""

    here: Local
    eyes: Eyes

    async def window(self, who: str, place: str = "", **looks: object) -> Page:
        """Somebody's window: a channel by its name, else the bot's messages to them."""
        where = f"channel={self.id(place)}" if place else "person=U0DESK"
        return await self.eyes.look(f"/?as={who}&{where}", **looks)  # type: ignore[arg-type]

    async def home(self, who: str, **looks: object) -> Page:
        """Somebody's App Home."""
        app = next(iter(self.here.workspace.apps.values()))
        return await self.eyes.look(f"/?as={who}&home={app.app_id}", **looks)  # type: ignore[arg-type]

    def id(self, name: str) -> str:
        """The id of the channel whose name begins so."""
        channels = self.here.workspace.channels.values()
        return next(channel.id for channel in channels if channel.name.startswith(name))


@asynccontextmanager
async def told(
    browser: Browser,
    folder: Path,
    *,
    policy: Policy | None = None,
    outside: Mapping[str, Any] | None = None,
) -> AsyncIterator[Story]:
    """Northwind Support with its customers and the bot, on a Monday morning.

    ``outside`` are settings by which customers are reached. An error in a page's console fails.
    """
    real = SystemClock()
    shift = BEGINS - real.now()
    workspace = demo_workspace(WorkspaceClock(real_now=lambda: real.now() + shift))
    workspace.strict_limits = False  # the page is under test here, not patience
    async with local_app(workspace, folder, policy=policy, outside=outside) as here:
        here.services.delivery.limits = Unlimited()
        await import_demo_accounts(here)
        app = next(iter(workspace.apps.values()))
        eyes = Eyes(browser, Room(workspace, app, here.url))
        yield Story(here, eyes)
        assert eyes.complaints == []


def said(page: Page, words: str) -> Locator:
    """The newest message in the window with these words."""
    return page.locator(".message", has_text=re.compile(re.escape(words))).last


async def command(page: Page, line: str) -> None:
    """Type a line into the window's composer and send it."""
    await page.locator("main textarea").first.fill(line)
    await page.keyboard.press("Enter")


def form(page: Page, title: str) -> Locator:
    """The form that is open."""
    return page.get_by_role("dialog", name=title)


async def send(asked: Locator, button: str) -> None:
    """Send a form and see it close."""
    await asked.locator("button[type=submit]", has_text=button).click()
    await expect(asked).to_be_hidden()


async def move(page: Page, by: str) -> None:
    """Move workspace time by the page's own button."""
    await page.get_by_role("button", name=by, exact=True).click()
    await expect(page.locator("#part-clock")).not_to_have_attribute("aria-busy", "true")
